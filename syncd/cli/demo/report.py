"""The demo's books as people and programs read them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from syncd.cli.demo.books import Account, Books, Totals
from syncd.cli.demo.recount import Reading, Recount
from syncd.cli.demo.world import World
from syncd.cli.output import line
from syncd.cli.tables import table

SCHEMA = "syncd.demo/1"

COLUMNS = (
    *("sku", "at start", "+ received", "- shipped", "= on hand"),
    *("sold", "open", "broken", "left", "on sale", "reserve", "oversold", "exposed", "agrees"),
)
"""The columns of the books, as people read them."""

_WRITES = ("quantity.update", "update.listing", "update.delisting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that was counted; `writes` are the calls that changed something, `calls` all of them."""

    accounts: Sequence[Account]
    readings: Sequence[Reading]
    totals: Totals
    transfers: int
    writes: int
    calls: int

    @property
    def problems(self) -> list[str]:
        """Return in words everything that does not agree."""
        found = [f"{account.sku}: {text}" for account in self.accounts for text in account.problems]
        return found + [_wrong(reading) for reading in self.readings if not reading.is_right]

    def as_json(self, *, seed: int) -> dict[str, Any]:
        """Return the one document of the demo."""
        right = [reading for reading in self.readings if reading.is_right]
        return {
            "schema": SCHEMA,
            "seed": seed,
            "agrees": not self.problems,
            "problems": self.problems,
            "skus": [account.as_json() for account in self.accounts],
            "counters": {"right": len(right), "of": len(self.readings)},
            "run": {
                **asdict(self.totals),
                "transfers": self.transfers,
                "writes": self.writes,
                "calls": self.calls,
            },
        }


def reckoned(world: World, books: Books, recount: Recount, transfers: int) -> Report:
    """Return the books as they stand at this moment."""
    counts = [(route, n) for rig in world.shops.values() for route, n in rig.calls.counts.items()]
    return Report(
        accounts=books.accounts(),
        readings=recount.readings(),
        totals=books.totals(),
        transfers=transfers,
        writes=sum(n for route, n in counts if any(word in route for word in _WRITES)),
        calls=sum(n for _, n in counts),
    )


def show(report: Report) -> None:
    """Print the books as a table, and what they say."""
    line("What was sold and what is left, counted from the orders of the shops and the ERP's figures:")
    table(COLUMNS, [_row(account) for account in report.accounts])
    line()
    totals = report.totals
    line(
        f"{totals.orders} orders, {totals.units} units sold, {totals.cancelled} lines ended unsold, "
        f"{totals.oversold} units oversold"
    )
    line(
        f"{report.transfers} transfers between shares, {report.writes} writes in {report.calls} calls; "
        f"the last shop followed a sale after {totals.slowest:.1f} s at most"
    )
    right = sum(reading.is_right for reading in report.readings)
    line(
        f"every counter is right: {right} of {len(report.readings)}"
        if not report.problems
        else _summary(report)
    )


def _summary(report: Report) -> str:
    right = sum(reading.is_right for reading in report.readings)
    agree = sum(not account.problems for account in report.accounts)
    return (
        f"only {agree} of {len(report.accounts)} SKUs agree, "
        f"{right} of {len(report.readings)} counters are right"
    )


def _row(account: Account) -> tuple[object, ...]:
    return (
        *(account.sku, account.at_start, account.received, account.shipped, account.on_hand),
        *(account.sold, account.open, account.broken, account.left, account.on_sale),
        *(account.reserve, account.oversold, account.exposed, not account.problems),
    )


def _wrong(reading: Reading) -> str:
    ware = reading.ware
    sku = " + ".join(ware.sells) or "unbound"
    return f"{sku}: {ware.shop} {ware.code} reads {_reads(reading)}, it should read {_should(reading)}"


def _should(reading: Reading) -> str:
    if reading.on_sale is not False:
        return str(reading.should)
    return f"{reading.should}, off by hand" if reading.by_hand else f"{reading.should}, off sale"


def _reads(reading: Reading) -> str:
    return str(reading.reads) if reading.is_on_sale else f"{reading.reads}, off sale"
