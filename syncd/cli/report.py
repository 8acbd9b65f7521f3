"""`syncd report`: what there is, what changed, and what to buy again; from the state alone."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from syncd.cli.exits import Exit
from syncd.cli.naming import known_shop
from syncd.cli.opening import configured, looking
from syncd.cli.options import Format
from syncd.cli.output import Json, complain, document, line
from syncd.cli.tables import moment, table
from syncd.config.scalars import seconds
from syncd.domain.model import Sku
from syncd.errors import UsageError
from syncd.services.reports import (
    Changes,
    csv_cells,
    figures_of,
    ledger_rows,
    replenish_rows,
    report_state,
    stock_rows,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """How a report is printed: at most `limit` rows as text, all of them as JSON or into a CSV file.

    Of the ledger no more than `limit` are read.
    """

    output: Format
    file: Path | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFilter:
    """Which changes are asked for, in words; times are ISO 8601, or how long ago, e.g. 24h."""

    sku: str | None = None
    shop: str | None = None
    what: str | None = None
    cause: str | None = None
    since: str | None = None
    until: str | None = None


async def stock(config: Path, printing: Printing, *, sku: str | None) -> Exit:
    """Print, by SKU, what the pools have and what every shop can show."""
    configuration = configured(config, calls=False)
    async with looking(configuration) as app:
        state = await report_state(app.store, configuration.topology, app.clock.now())
        figures = await figures_of(state)
        rows = list(stock_rows(figures, Sku(sku) if sku else None))
    if sku and not rows:
        raise UsageError(f"the state knows no SKU {sku!r}")
    return _told(rows, printing, "skus")


async def ledger(config: Path, printing: Printing, *, asked: LedgerFilter) -> Exit:
    """Print the newest changes that fit."""
    configuration = configured(config, calls=False)
    shop = known_shop(asked.shop, configuration)
    async with looking(configuration) as app:
        now = app.clock.now()
        wanted = Changes(
            sku=Sku(asked.sku) if asked.sku else None,
            shop=shop,
            what=asked.what,
            cause=asked.cause,
            since=_moment("--since", asked.since, now),
            until=_moment("--until", asked.until, now),
            limit=printing.limit + 1,
        )
        found = await ledger_rows(app.store, wanted)
    rows = [row._asdict() | {"at": row.at.isoformat()} for row in found[: printing.limit]]
    told = _told(rows, printing, "changes")
    if len(found) > printing.limit:
        complain("There are older changes that fit; --limit shows more.")
    return told


async def replenish(config: Path, printing: Printing, *, within: float, cover: float) -> Exit:
    """Print what runs low within so many days, and how many to buy."""
    configuration = configured(config, calls=False)
    async with looking(configuration) as app:
        state = await report_state(app.store, configuration.topology, app.clock.now())
        figures = await figures_of(state)
        rows = replenish_rows(figures, within=within, cover=cover)
    return _told(rows, printing, "skus")


def _told(rows: Sequence[Json], printing: Printing, name: str) -> Exit:
    cells = csv_cells(rows)
    if printing.file is not None:
        write_csv(printing.file, cells)
    if printing.output is Format.JSON:
        document({name: list(rows)})
    elif cells:
        shown = cells[1 : printing.limit + 1]
        table([str(one) for one in cells[0]], [[_cell(one) for one in row] for row in shown])
        if len(cells) - 1 > printing.limit:
            line()
            line(f"Left out: {len(cells) - 1 - printing.limit}; --limit shows more.")
    else:
        line("Nothing to report.")
    if printing.file is not None:
        complain(f"Wrote {max(len(cells) - 1, 0)} rows to {printing.file}.")
    return Exit.DONE


def _cell(value: object) -> object:
    """Return a value as the table shows it: a time without fractions."""
    if isinstance(value, str) and "T" in value and value[:4].isdigit():
        try:
            return moment(value)
        except ValueError:
            return value
    return value


def write_csv(file: Path, cells: Sequence[Sequence[object]]) -> None:
    """Write a new file for spreadsheets.

    Raises:
        UsageError: there is such a file already, or it cannot be written.
    """
    try:
        # Never over another file; and with a mark by which spreadsheets know the encoding.
        with file.open("x", encoding="utf-8-sig", newline="") as opened:
            csv.writer(opened).writerows([[_harmless(one) for one in row] for row in cells])
    except FileExistsError:
        raise UsageError(f"{file}: there is such a file already, and it is not overwritten") from None
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from None


def _harmless(value: object) -> object:
    """Return a value that no spreadsheet takes for a formula: codes and titles come from shops."""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _moment(option: str, text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        return now - timedelta(seconds=seconds(text))
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: write a time like 2026-03-02T10:00 or a span like 24h") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
