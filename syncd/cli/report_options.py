# ruff: noqa: PLC0415 - what a command needs is imported when it runs, so that `syncd --help` is quick
"""`syncd report ...` with its options."""

from pathlib import Path
from typing import Annotated

import typer

from syncd.cli.ending import end
from syncd.cli.options import Format, FormatOption, LimitOption, ShopOption

report_app = typer.Typer(help="Report from the state alone; changes nothing.", no_args_is_help=True)

CsvOption = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Also write it to this file, for spreadsheets.")
]
OneSku = Annotated[str | None, typer.Option("--sku", metavar="SKU", help="Only this SKU.")]


@report_app.command("stock")
def _stock(
    context: typer.Context,
    *,
    sku: OneSku = None,
    limit: LimitOption = 50,
    csv: CsvOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show what pools have of every SKU, and shops show of it."""
    from syncd.cli.report import Printing, stock

    end(stock(context.obj, Printing(output=output, file=csv, limit=limit), sku=sku), output)


@report_app.command("ledger")
def _ledger(
    context: typer.Context,
    *,
    sku: OneSku = None,
    shop: ShopOption = None,
    what: Annotated[str | None, typer.Option("--what", help="Only this kind, e.g. counter.")] = None,
    cause: Annotated[str | None, typer.Option("--cause", help="Only this cause, e.g. claim.")] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Not older, e.g. 24h or 2026-03-02.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Older than that.")] = None,
    limit: LimitOption = 50,
    csv: CsvOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show what changed, the newest first, and why."""
    from syncd.cli.report import LedgerFilter, Printing, ledger

    asked = LedgerFilter(sku=sku, shop=shop, what=what, cause=cause, since=since, until=until)
    end(ledger(context.obj, Printing(output=output, file=csv, limit=limit), asked=asked), output)


@report_app.command("replenish")
def _replenish(
    context: typer.Context,
    *,
    within: Annotated[float, typer.Option("--within", min=0, help="Days in which it would run low.")] = 14.0,
    cover: Annotated[float, typer.Option("--cover", min=0, help="Days that it shall last.")] = 30.0,
    limit: LimitOption = 50,
    csv: CsvOption = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Show what falls below its levels soon, and what to buy."""
    from syncd.cli.report import Printing, replenish

    printing = Printing(output=output, file=csv, limit=limit)
    end(replenish(context.obj, printing, within=within, cover=cover), output)
