# ruff: noqa: PLC0415 - what a command needs is imported when it runs, so that `syncd --help` is quick
"""The command line: every command with its options; the work is done in a module of the command's name."""

from pathlib import Path
from typing import Annotated

import typer

import syncd
from syncd.cli import care_options
from syncd.cli.alert_options import alerts_app
from syncd.cli.ending import end as _end
from syncd.cli.lock_options import lock_app
from syncd.cli.options import (
    DEFAULT_CONFIG,
    Format,
    FormatOption,
    LimitOption,
    ShopArgument,
    ShopOption,
    SkuOption,
)
from syncd.cli.report_options import report_app
from syncd.cli.token_options import token

app = typer.Typer(
    name="syncd",
    help="Keeps the stock counters of many shops exact: ERP or WMS in, only the differences out.",
    epilog="Exit codes: 0 done, 1 a failure, 2 usage, 3 held by the guard or another plan, 78 configuration.",
    no_args_is_help=True,
    add_completion=False,
    # Plain help and plain tracebacks: rich would cost more than the rest of --help.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
shops_app = typer.Typer(help="Show, pause, resume, freeze or retire shops.")
app.add_typer(shops_app, name="shops")
transfer_app = typer.Typer(help="Show units on their way between shares.", no_args_is_help=True)
app.add_typer(transfer_app, name="transfer")
app.add_typer(lock_app, name="lock")
app.add_typer(alerts_app, name="alerts")
app.command()(token)


def main() -> None:
    """Run the command that the arguments name; always ends by `SystemExit`."""
    app(prog_name="syncd")


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - the library calls it so
    if wanted:
        typer.echo(f"syncd {syncd.__version__}")
        raise typer.Exit


@app.callback()
def _global(
    context: typer.Context,
    *,
    config: Annotated[
        Path, typer.Option("--config", envvar="SYNCD_CONFIG", metavar="FILE", help="The configuration.")
    ] = DEFAULT_CONFIG,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    context.obj = config


# --- before the first cycle --------------------------------------------------------------------------------


@app.command()
def init(
    context: typer.Context,
    *,
    source: Annotated[
        list[str] | None,
        typer.Option(
            "--source",
            metavar="TYPE",
            help="Where stock comes from: csv, http_json, tryton; several as NAME=TYPE, repeated.",
        ),
    ] = None,
    shop: Annotated[
        list[str] | None,
        typer.Option(
            "--shop", metavar="NAME=TYPE", help="A shop and its channel, e.g. tmall=http; repeat it."
        ),
    ] = None,
) -> None:
    """Write a commented configuration to start from.

    An existing file is never overwritten.
    """
    from syncd.cli.init import init as work

    _end(work(context.obj, sources=source or [], shops=shop or []))


@app.command()
def check(
    context: typer.Context,
    *,
    online: Annotated[bool, typer.Option("--online", help="Call every source and shop once.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON schema, for editors.")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Say all that is wrong with the configuration."""
    from syncd.cli import check as module

    if schema:
        _end(module.print_schema(), output)
    _end(module.check(context.obj, output, online=online), output)


# --- cycles ------------------------------------------------------------------------------------------------


@app.command()
def plan(
    context: typer.Context,
    *,
    shop: ShopOption = None,
    sku: SkuOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show what would change, and change nothing.

    Neither a shop nor the state is written, so it may run beside the daemon.
    """
    from syncd.cli.plan import plan as work

    _end(work(context.obj, output, shop=shop, sku=sku), output)


@app.command()
def sync(
    context: typer.Context,
    *,
    digest: Annotated[
        str | None, typer.Option("--plan", metavar="DIGEST", help="Only if the plan is still this one.")
    ] = None,
    shop: ShopOption = None,
    sku: SkuOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Run one cycle and push the differences.

    Beside a daemon, the daemon runs it and this waits for its words.
    """
    from syncd.cli.sync import sync as work

    _end(work(context.obj, output, digest=digest, shop=shop, sku=sku), output)


@app.command()
def run(context: typer.Context) -> None:
    """Run the daemon until SIGTERM or Ctrl-C."""
    from syncd.cli.run import run as work

    _end(work(context.obj))


@app.command()
def approve(
    context: typer.Context,
    digest: Annotated[str, typer.Argument(metavar="DIGEST", help="What `syncd plan` or `sync` printed.")],
    *,
    output: FormatOption = Format.TEXT,
) -> None:
    """Release once what the guard holds."""
    from syncd.cli.approve import approve as work

    _end(work(context.obj, output, digest=digest), output)


@app.command()
def reject(
    context: typer.Context,
    digest: Annotated[str, typer.Argument(metavar="DIGEST", help="What `syncd plan` or `sync` printed.")],
    *,
    output: FormatOption = Format.TEXT,
) -> None:
    """Leave what the guard holds as it is, and be asked no more.

    That ends once it leads elsewhere; no quantity is another by it.
    """
    from syncd.cli.reject import reject as work

    _end(work(context.obj, output, digest=digest), output)


# --- questions ---------------------------------------------------------------------------------------------


@app.command()
def explain(
    context: typer.Context,
    sku: Annotated[str, typer.Argument(metavar="SKU", help="A SKU or the code of a bundle.")],
    *,
    shop: ShopOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Say why a number is what it is.

    Step by step, from the warehouses to every listing, with the rules that decided.
    """
    from syncd.cli.explain import explain as work

    _end(work(context.obj, output, sku=sku, shop=shop), output)


@app.command()
def listings(
    context: typer.Context,
    *,
    unbound: Annotated[bool, typer.Option("--unbound", help="Only those bound to no SKU, and why.")] = False,
    shop: ShopOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show what every listing is, should and can read."""
    from syncd.cli.listings import listings as work

    _end(work(context.obj, output, shop=shop, unbound=unbound), output)


@app.command()
def orders(
    context: typer.Context,
    *,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only those that some snapshot does not contain yet.")
    ] = False,
    shop: ShopOption = None,
    sku: SkuOption = None,
    limit: LimitOption = 50,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show the order lines that the state knows, newest first.

    Nothing about buyers is in the state.
    """
    from syncd.cli.orders import orders as work

    _end(work(context.obj, output, shop=shop, sku=sku, open_only=open_only, limit=limit), output)


@transfer_app.command("list")
def transfer_list(
    context: typer.Context,
    *,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="TIME", help="Also what has arrived or came back in it, e.g. 24h."),
    ] = None,
    limit: LimitOption = 50,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show the units on their way between the shares of shops, and what they wait for."""
    from syncd.cli.transfer import transfer_list as work

    _end(work(context.obj, output, since=since, limit=limit), output)


@shops_app.callback(invoke_without_command=True)
def _shops(context: typer.Context, *, output: FormatOption = Format.TEXT) -> None:
    if context.invoked_subcommand is not None:
        return
    from syncd.cli.shops import shops as work

    _end(work(context.obj, output), output)


def _set_status(context: typer.Context, verb: str, shop: str, output: Format) -> None:
    from syncd.cli.shops import set_status

    output = _format_of(context, output)
    _end(set_status(context.obj, output, verb=verb, shop=shop), output)


def _format_of(context: typer.Context, output: Format) -> Format:
    # `shops --format json pause web` means the same as with the option at the end.
    is_json = context.parent is not None and context.parent.params["output"] is Format.JSON
    return Format.JSON if is_json else output


@shops_app.command()
def pause(context: typer.Context, shop: ShopArgument, *, output: FormatOption = Format.TEXT) -> None:
    """Write nothing to a shop until it is resumed."""
    _set_status(context, "pause", shop, output)


@shops_app.command()
def resume(context: typer.Context, shop: ShopArgument, *, output: FormatOption = Format.TEXT) -> None:
    """Write to a paused shop again, or use a retired one again."""
    _set_status(context, "resume", shop, output)


@shops_app.command()
def freeze(context: typer.Context, shop: ShopArgument, *, output: FormatOption = Format.TEXT) -> None:
    """Leave a shop's counters as they are until it is unfrozen."""
    _set_status(context, "freeze", shop, output)


@shops_app.command()
def unfreeze(context: typer.Context, shop: ShopArgument, *, output: FormatOption = Format.TEXT) -> None:
    """Write to a frozen shop again."""
    _set_status(context, "unfreeze", shop, output)


@shops_app.command()
def retire(
    context: typer.Context,
    shop: ShopArgument,
    *,
    off_sale: Annotated[
        bool, typer.Option("--off-sale", help="Take off sale what buyers can still take there.")
    ] = False,
    gone: Annotated[
        bool,
        typer.Option("--gone", help="It cannot be reached any more, and you saw that it is off sale."),
    ] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Take a shop off sale for good and free its units.

    Then it can be dropped from the configuration.
    """
    from syncd.cli.shops import retire as work

    output = _format_of(context, output)
    _end(work(context.obj, output, shop=shop, off_sale=off_sale, gone=gone), output)


# --- care of the state -------------------------------------------------------------------------------------

app.command()(care_options.backup)
app.command()(care_options.restore)
app.command()(care_options.audit)
app.add_typer(care_options.sku_app, name="sku")
app.add_typer(report_app, name="report")


# --- to try it out -----------------------------------------------------------------------------------------


@app.command()
def demo(
    *,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=1, help="End by itself after so long.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="What the random events follow from.")] = 1,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65532, help="The ERP's, the shops' follow; 0 takes free ones.")
    ] = 0,
    console_port: Annotated[
        int, typer.Option("--console-port", min=0, max=65535, help="The console's; 0 takes a free one.")
    ] = 0,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the log, too.")] = False,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show syncd at work on this machine.

    A mock ERP, three mock shops with buyers, the daemon and its console, all on loopback. The story goes to
    stderr; the books at the end, which must agree, to stdout.
    """
    from syncd.cli.demo import Performance
    from syncd.cli.demo import demo as work

    played = Performance(
        seconds=seconds, seed=seed, port=port, console_port=console_port, verbose=verbose, output=output
    )
    _end(work(played))


@app.command()
def mock(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which mock, e.g. erp or shop.")],
    *,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 0,
    seed: Annotated[int, typer.Option("--seed", help="What its catalogue follows from.")] = 1,
    state: Annotated[
        Path | None, typer.Option("--state", metavar="FILE", help="Begin with this state instead.")
    ] = None,
) -> None:
    """Serve one mock ERP or shop on loopback.

    The first line says where it listens; Ctrl-C ends it.
    """
    from syncd.cli.mock import mock as work

    _end(work(name, port=port, seed=seed, state_file=state))
