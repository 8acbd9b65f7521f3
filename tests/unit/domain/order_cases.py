"""Order lines, listings and sources for the tests of what orders mean."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.domain.claims import Drop, contained, drop, presumed
from syncd.domain.model import (
    Containment,
    ListingId,
    ListingRow,
    PoolName,
    ShopName,
    Sku,
    SourceName,
    WarehouseName,
)
from syncd.domain.ordering import (
    Changes,
    Deducts,
    News,
    OrderRules,
    Restores,
    TakenIn,
    can_lapse,
    changes_of,
    explain_rises,
    take_in,
)
from syncd.domain.orders import OrderLine, Stage
from syncd.domain.records import ClaimRow, OrderRow, SourceState
from syncd.domain.topology import Bundle, Pool, PoolMode, Shop, SourceRules, Topology
from tests.unit.domain.cases import listing_row

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
A = ShopName("a")
ERP, WMS = SourceName("erp"), SourceName("wms")
SURE = OrderRules(
    deducts=Deducts.ORDER,
    restores_unpaid=Restores.YES,
    restores_paid=Restores.YES,
    grace=timedelta(minutes=1),
    skew=timedelta(minutes=2),
)
"""A platform of which everything is known."""


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def line(name: str = "1", *, minutes: float = 0, **changed: Any) -> OrderLine:  # noqa: ANN401 - any field
    """Return a paid line of one unit of listing 1, made `minutes` from now."""
    made = at(minutes)
    return OrderLine(
        order="o",
        line=name,
        listing=ListingId("1"),
        code="A",
        units=1,
        released=0,
        shipped=0,
        stage=Stage.PAID,
        created=made,
        paid=made,
        sent=None,
        ended=None,
        modified=made,
    )._replace(**changed)


def unpaid(name: str = "1", *, minutes: float = 0, **changed: Any) -> OrderLine:  # noqa: ANN401 - any field
    return line(name, minutes=minutes, paid=None, stage=Stage.UNPAID)._replace(**changed)


def listing(
    name: str = "1", *, sku: str = "A", units: int = 1, counter: int | None = 10, read: float = 0
) -> ListingRow:
    row = listing_row(shop=A, listing=ListingId(name), sku=Sku(sku), units=units, expected_hi=counter)
    return row._replace(expected_lo=counter, observed=counter, observed_at=at(read), code=sku)


def topology(*bundles: Bundle) -> Topology:
    w, v = WarehouseName("w"), WarehouseName("v")
    shop = Shop(name=A)
    return Topology(
        sources=(SourceRules(name=ERP, warehouses=(w,)), SourceRules(name=WMS, warehouses=(v,))),
        pools=(
            Pool(name=PoolName("p"), mode=PoolMode.SHARED, warehouses=(w,), shops=(A,)),
            Pool(name=PoolName("q"), mode=PoolMode.SHARED, warehouses=(v,), shops=(A,)),
        ),
        shops=(shop,),
        bundles=bundles,
    )


def silent(minutes: float = 0) -> dict[SourceName, SourceState]:
    """Return two sources that say nothing of orders, read `minutes` from now."""
    moment = at(minutes)
    return {name: SourceState(name=name, as_of=moment, full_at=moment) for name in (ERP, WMS)}


def marked(minutes: float, **changed: Any) -> dict[SourceName, SourceState]:  # noqa: ANN401
    """Return two sources that contain what shop a sold until `minutes` from now."""
    return {
        name: replace(state, contains=Containment.WATERMARK, watermarks={A: at(minutes)}, **changed)
        for name, state in silent(minutes).items()
    }


def kept(taken: TakenIn, known: dict[str, OrderRow] | None = None) -> dict[str, OrderRow]:
    return {**(known or {}), **{row.line: row for row in taken.rows}}


class Desk:
    """One shop whose orders are taken in, one intake after the other, as the service does it."""

    def __init__(self, rules: OrderRules = SURE, *rows: ListingRow, bundles: Sequence[Bundle] = ()) -> None:
        self.rules = rules
        self.listings = {row.id: row for row in rows or (listing(),)}
        self.known: dict[str, OrderRow] = {}
        self.claims: dict[str, ClaimRow] = {}
        self.topology = topology(*bundles)
        self.sources = silent(-1000)
        self.reached: datetime | None = at(-1000)
        self.met: frozenset[ListingId] = frozenset()
        self.unsure: frozenset[ListingId] = frozenset()
        self.risen: list[Drop] = []

    def take(
        self, *lines: OrderLine, now: float = 0, drops: Sequence[Drop] = (), failed: bool = False
    ) -> Changes:
        """Take in orders and what a reading found in the same cycle."""
        reached = self.reached if failed else at(now)
        news = News(
            shop=A,
            rules=self.rules,
            lines=lines,
            known=self.known,
            listings=self.listings,
            reached=reached,
            before=self.reached,
            met=self.met,
            unsure=self.unsure,
        )
        changes = changes_of(news, self.topology)
        rest, used = explain_rises(drops, {A: changes})
        before = [claim for claim in self.claims.values() if claim.line.startswith("drop:")]
        found = presumed(rest, before, self.topology, at(now))
        drops_after = {claim.line: claim for claim in (*before, *found.opened, *found.returned)}
        for claim in found.closed:
            drops_after.pop(claim.line)
        taken = take_in(
            changes,
            presumed=drops_after.values(),
            risen={key: units for (_, key), units in used.items()},
            sources=self.sources,
            topology=self.topology,
        )
        drops_after |= {claim.line: claim for claim in taken.explained}
        self.claims = {name: claim for name, claim in drops_after.items() if claim.units}
        self.claims |= {claim.line: claim for claim in taken.claims}
        self.known = kept(taken, self.known)
        self.listings |= taken.expected
        self.risen += found.risen
        self.reached = reached
        self._lapse(news)
        return changes

    def _lapse(self, news: News) -> None:
        lag = {A: self.rules.lag}
        presumed = [claim for claim in self.claims.values() if claim.line.startswith("drop:")]
        for claim in contained(presumed, self.sources, self.topology, lag):
            if can_lapse(claim, news):
                del self.claims[claim.line]

    def read(
        self, shown: int, *lines: OrderLine, now: float = 0, name: str = "1", failed: bool = False
    ) -> None:
        """Read a counter, then take in orders."""
        key = ListingId(name)
        row = self.listings[key]
        fell = drop(row, shown, by_orders=True)
        base = f"{row.observed_at}:{row.expected_hi}:{now}"
        read = row._replace(expected_lo=shown, expected_hi=shown, observed=shown, observed_at=at(now))
        self.listings[key] = read
        self.take(*lines, now=now, drops=[Drop(read, fell, base)] if fell else [], failed=failed)

    def claimed(self, sku: str = "A") -> int:
        return sum(claim.units for claim in self.claims.values() if claim.sku == sku)

    def presumed(self) -> int:
        return sum(claim.units for claim in self.claims.values() if claim.line.startswith("drop:"))

    def expected(self, name: str = "1") -> tuple[int | None, int | None]:
        row = self.listings[ListingId(name)]
        return row.expected_lo, row.expected_hi
