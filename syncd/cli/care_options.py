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


def audit(
    context: typer.Context,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Look at the state only; read no shop.")] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Put the state right, and push what follows through the guard.")
    ] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Work out every figure once more; say what disagrees.

    Ends with 1 where something does.
    """
    from syncd.cli.audit import audit as work

    end(work(context.obj, output, offline=offline, repair=repair), output)


sku_app = typer.Typer(help="Show SKUs that their sources left out, and retire them.", no_args_is_help=True)


@sku_app.command("list")
def _sku_list(context: typer.Context, *, output: FormatOption = Format.TEXT) -> None:
    """Show the SKUs that all their sources left out."""
    from syncd.cli.sku import gone

    end(gone(context.obj, output), output)


@sku_app.command("retire")
def _sku_retire(
    context: typer.Context,
    sku: Annotated[str, typer.Argument(metavar="SKU", help="A SKU that its sources left out.")],
    *,
    output: FormatOption = Format.TEXT,
) -> None:
    """Confirm that a SKU is gone: its listings go to zero.

    One that a source tells again lives again.
    """
    from syncd.cli.sku import retire

    end(retire(context.obj, output, sku=sku), output)
