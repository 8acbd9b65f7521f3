# ruff: noqa: PLC0415 - what a command needs is imported when it runs, so that `syncd --help` is quick
"""The commands that take care of the state, with their options."""

from pathlib import Path
from typing import Annotated

import typer

from syncd.cli.ending import end
from syncd.cli.options import Format, FormatOption


def backup(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="Where to; without it a name of the time, in the state folder."),
    ] = None,
    *,
    output: FormatOption = Format.TEXT,
) -> None:
    """Copy the state to one file and look through the copy.

    The daemon may run meanwhile. Nothing is overwritten, and tokens are not in it.
    """
    from syncd.cli.backup import backup as work

    end(work(context.obj, output, file=file), output)


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `syncd backup` or an upgrade left.")],
    *,
    output: FormatOption = Format.TEXT,
) -> None:
    """Put a copy in the place of the state, which is moved aside.

    Not while the daemon runs. The next cycle is a first start: nothing rests on what counters showed then.
    """
    from syncd.cli.backup import restore as work

    end(work(context.obj, output, file=file), output)
