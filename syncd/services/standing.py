"""How a SKU stands beside its figures: open claims, shares and their history, what moved the counters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from syncd.domain.book import NOTHING
from syncd.domain.exposure import exposure
from syncd.domain.model import ListingRow, ShopName, Sku
from syncd.domain.observation import ANYWHERE
from syncd.domain.pipeline import Figures
from syncd.domain.records import IntentRow, LedgerRow, OrderRow
from syncd.domain.topology import PoolMode
from syncd.domain.virtual.history import MOVING, SHARE, words
from syncd.services.advice import Adviser, Stated
from syncd.services.cycle import View
from syncd.services.sales import Sales, claim_documents
from syncd.services.transfers import moving_document

Json = dict[str, Any]

_WRITES = {"counter": "counter", "on_sale": "on sale"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What an explanation rests on beside the view.

    `ledger` are the newest rows of the SKU, newest first, of which at most `rows` are shown of each kind;
    `sales` is what the state knows of orders, None where nobody asked; `stated` the risk to advise for.
    """

    intents: Sequence[IntentRow] = ()
    ledger: Sequence[LedgerRow] = ()
    sales: Sales | None = None
    stated: Stated | None = None
    rows: int = 20

    @property
    def changes(self) -> list[LedgerRow]:
        """Return the newest rows about listings and shops."""
        return [row for row in self.ledger if row.what not in (SHARE, MOVING)][: self.rows]

    def history(self, sku: Sku, shop: ShopName) -> list[LedgerRow]:
        """Return the newest rows about the shares of a shop."""
        mine = (row for row in self.ledger if (row.what, row.sku, row.shop) == (SHARE, sku, shop))
        return list(mine)[: self.rows]


class Standing:
    """Says how SKUs, shops and listings stand in one view."""

    def __init__(self, view: View, beside: Beside) -> None:
        self._figures: Figures = view.decision.plan.figures
        self._beside = beside
        self._sales = _as_seen(view, beside.sales)
        self._adviser = _adviser(view, beside.stated)

    def of_sku(self, sku: Sku, shop: ShopName | None = None) -> Json:
        """Return the open claims of a SKU one by one, and its units on their way."""
        return {
            "open_claims": claim_documents(self._sales, sku, shop),
            "moving": list(self._moving(sku, shop)),
        }

    def of_pool(self, pool: int, at: int) -> Json:
        """Return the units of a split pool that are in no share, and those that were shared out twice.

        Unknown until its shares stand; a shared pool has neither, but the warning level that is advised.
        """
        one = self._figures.book.topology.pools[pool]
        if one.mode is PoolMode.SHARED:
            sku = self._figures.book.skus[at]
            return self._adviser.of_pool(one, sku) if self._adviser else {}
        step = next((step for step in self._figures.virtual.steps if step.names.pool == one.name), None)
        if step is None:
            return {"unassigned": None, "deficit": None}
        return {"unassigned": int(step.reserve[at]), "deficit": int(step.deficit[at])}

    def of_shop(self, shop: ShopName, at: int) -> Json:
        """Return the stored share of a shop in each split pool, what changed it, and what is advised."""
        book = self._figures.book
        modes = {pool.name: pool.mode for pool in book.topology.pools}
        stored = self._figures.virtual.stored.units
        shares = {
            edge.pool: _known(int(stored[index, at]))
            for index, edge in enumerate(book.edges)
            if edge.shop == shop and modes[edge.pool] is PoolMode.SPLIT
        }
        return {
            "shares": shares,
            "history": [_change(row) for row in self._beside.history(book.skus[at], shop)],
        } | (self._adviser.of_shop(shop, book.skus[at]) if self._adviser else {})

    def of_listing(self, row: ListingRow) -> Json:
        """Return what moved a counter since it was read, in words, oldest first."""
        moved = [*self._written(row), *self._unanswered(row), *self._ordered(row)]
        return {"moved_by": sorted(moved, key=lambda one: str(one["at"]))}

    def _moving(self, sku: Sku, shop: ShopName | None) -> Iterator[Json]:
        rows = [row for row in self._figures.book.state.moves if row.sku == sku]
        shown = exposure(self._figures.book) if rows else None
        for row in rows:
            if shown is not None and shop in (None, row.taken_from, row.given_to):
                yield moving_document(row, self._figures, shown)

    def _written(self, row: ListingRow) -> Iterator[Json]:
        for one in self._beside.ledger:
            # A cycle reads before it writes, so that of the same moment the write came later.
            is_later = row.observed_at is None or one.at >= row.observed_at
            if (one.shop, one.listing) == (row.shop, row.id) and one.what in _WRITES and is_later:
                old = "?" if one.old is None else one.old
                text = f"syncd wrote its {_WRITES[one.what]}: {old} -> {one.new} ({one.cause})"
                yield {"at": one.at.isoformat(), "what": "write", "text": text}

    def _unanswered(self, row: ListingRow) -> Iterator[Json]:
        for one in self._beside.intents:
            if (one.shop, one.listing) == (row.shop, row.id):
                text = f"a write of {one.action.value} {one.value} has no answer: done, it reads {one.target}"
                if one.target == ANYWHERE:
                    text = one.message
                yield {"at": one.created_at.isoformat(), "what": "unanswered", "text": text}

    def _ordered(self, row: ListingRow) -> Iterator[Json]:
        for one in self._sales.orders:
            if (one.shop, one.listing) != (row.shop, row.id) or not self._may_be_later(one, row):
                continue
            least, most = one.off_least, one.off_most
            units = str(least) if least == most else f"{least} to {most}"
            text = f"order line {one.line} ({one.stage.value}): {units} units off it by now"
            yield {"at": one.modified.isoformat(), "what": "order", "text": text}

    def _may_be_later(self, one: OrderRow, row: ListingRow) -> bool:
        """Return whether a reading need not have seen the last change of an order line: clocks may differ."""
        skew = self._sales.rules_of(one.shop).skew
        return row.observed_at is None or one.modified + skew > row.observed_at


def _adviser(view: View, stated: Stated | None) -> Adviser | None:
    """Return who advises, None where no risk is stated."""
    state = view.decision.plan.book.state
    return Adviser(state.topology, state.listings, stated, state.now) if stated else None


def _as_seen(view: View, sales: Sales | None) -> Sales:
    """Return what is known of sales with what this view has found out, though the state may not know it."""
    state = view.decision.plan.book.state
    known = sales or Sales(topology=state.topology, rules={}, sources={})
    rows = {(row.shop, row.line): row for row in (*known.orders, *view.taken.rows)}
    return replace(
        known,
        sources=state.sources,
        orders=list(rows.values()),
        claims=state.claims,
        feeds={**known.feeds, **{feed.shop: feed for feed in view.taken.feeds}},
    )


def _known(units: int) -> int | None:
    return None if units == NOTHING else units


def _change(row: LedgerRow) -> Json:
    return {
        "at": row.at.isoformat(),
        "old": row.old,
        "new": row.new,
        "cause": row.cause,
        "because": words(row.cause),
        "rule": row.rule,
    }
