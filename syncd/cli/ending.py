"""End a command by what its work came to."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs, so that `syncd --help` is quick
from collections.abc import Coroutine
from typing import Any

import typer

from syncd.cli.exits import Exit
from syncd.cli.options import Format


def end(work: Coroutine[Any, Any, Exit], output: Format = Format.TEXT) -> None:
    """Carry out the work of a command; always ends by `typer.Exit`."""
    from syncd.cli.running import carry_out

    raise typer.Exit(carry_out(work, output))
