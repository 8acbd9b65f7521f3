"""`syncd lock` and its options; the work is done in `syncd.cli.lock`."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs, so that `syncd --help` is quick
from typing import Annotated

import typer

from syncd.cli.ending import end as _end
from syncd.cli.options import Format, FormatOption

lock_app = typer.Typer(help="Lock units for a shop or for nobody.", no_args_is_help=True)

LockArgument = Annotated[int, typer.Argument(metavar="LOCK", help="Its number, as `lock list` shows it.")]


@lock_app.command("add")
def lock_add(
    context: typer.Context,
    sku: Annotated[str, typer.Argument(metavar="SKU", help="Of what.")],
    units: Annotated[int, typer.Argument(metavar="UNITS", min=1, help="How many.")],
    *,
    shop: Annotated[
        str | None, typer.Option("--shop", metavar="SHOP", help="For this shop; else for nobody.")
    ] = None,
    only: Annotated[
        bool,
        typer.Option("--only/--plus", help="The shop shows only what is released of it, or its share too."),
    ] = False,
    pool: Annotated[
        str | None, typer.Option("--pool", metavar="POOL", help="In this pool; not needed where it is one.")
    ] = None,
    release: Annotated[
        list[str] | None,
        typer.Option(
            "--release",
            metavar="UNITS@TIME",
            help="Release so many then, e.g. 20@2026-11-11T00:00+08:00 or 20@now; repeat it.",
        ),
    ] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Lock units of a SKU: nobody sells them until they are released.

    Released units are the shop's, or its pool's again where the lock is for nobody.
    """
    from syncd.cli.lock import Adding, add

    typed = Adding(sku=sku, units=units, shop=shop, pool=pool, only=only, releases=release or ())
    _end(add(context.obj, output, typed), output)


@lock_app.command("list")
def lock_list(
    context: typer.Context,
    *,
    ended: Annotated[bool, typer.Option("--ended", help="Those that have ended, too.")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show what is locked, released, used and still held."""
    from syncd.cli.lock import list_locks

    _end(list_locks(context.obj, output, ended=ended), output)


@lock_app.command("release")
def lock_release(
    context: typer.Context,
    lock: LockArgument,
    units: Annotated[
        int | None, typer.Argument(metavar="[UNITS]", min=1, help="How many; else all that are left.")
    ] = None,
    *,
    output: FormatOption = Format.TEXT,
) -> None:
    """Release units of a lock now."""
    from syncd.cli.lock import release

    _end(release(context.obj, output, lock=lock, units=units), output)


@lock_app.command("end")
def lock_end(context: typer.Context, lock: LockArgument, *, output: FormatOption = Format.TEXT) -> None:
    """End a lock: what it still holds is its pool's again."""
    from syncd.cli.lock import end

    _end(end(context.obj, output, lock=lock), output)
