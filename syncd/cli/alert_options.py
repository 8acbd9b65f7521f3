"""`syncd alerts` and its options; the work is done in `syncd.cli.alerts`."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs, so that `syncd --help` is quick
from typing import Annotated

import typer

from syncd.cli.ending import end as _end
from syncd.cli.options import Format, FormatOption, LimitOption

alerts_app = typer.Typer(help="Show what is the matter, and say that you know of it.")


@alerts_app.callback(invoke_without_command=True)
def alerts(
    context: typer.Context,
    *,
    past: Annotated[bool, typer.Option("--all", help="Also what is over, newest first.")] = False,
    test: Annotated[
        bool, typer.Option("--test", help="Send a message to every target, and say which arrived.")
    ] = False,
    limit: LimitOption = 50,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show what is the matter now, the worst first; change nothing."""
    if context.invoked_subcommand is not None:
        return
    from syncd.cli import alerts as module

    if test:
        _end(module.send_test(context.obj, output), output)
    _end(module.alerts(context.obj, output, past=past, limit=limit), output)


@alerts_app.command("ack")
def ack(
    context: typer.Context,
    alert: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its number in `syncd alerts`.")],
    *,
    output: FormatOption = Format.TEXT,
) -> None:
    """Say that you know of an alert: nobody is reminded of it any more."""
    from syncd.cli.alerts import acknowledge as work

    is_json = context.parent is not None and context.parent.params["output"] is Format.JSON
    output = Format.JSON if is_json else output
    _end(work(context.obj, output, alert=alert), output)
