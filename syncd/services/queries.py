"""Read models: the answers to an operator's questions, as plain data that becomes tables or JSON."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from syncd.domain.availability import Availability
from syncd.domain.book import NOTHING, Book, warehouse_index
from syncd.domain.cells import Cells
from syncd.domain.deciders import deciding_rule
from syncd.domain.decision import Decision
from syncd.domain.draws import draws_of
from syncd.domain.guard import Hold
from syncd.domain.model import Change, ListingRow, Part, ShopName, Sku
from syncd.domain.pipeline import Figures
from syncd.domain.policy import Stop
from syncd.domain.records import LedgerRow
from syncd.domain.said import Said, say
from syncd.domain.shares import shaping
from syncd.domain.topology import RULE_DEFAULTS, PoolMode
from syncd.errors import UsageError
from syncd.services.cycle import View
from syncd.services.standing import Beside, Standing

Json = dict[str, Any]

NO_CAP = RULE_DEFAULTS["cap"]


def plan_document(view: View, changes: Sequence[Change]) -> Json:
    """Return a plan as the `syncd.plan/1` document, restricted to `changes`."""
    decision = view.decision
    shops = [shop.name for shop in decision.plan.book.topology.shops]
    held = {hold.shop: hold for hold in reversed(decision.verdict.holds)}
    return {
        "schema": "syncd.plan/1",
        "digest": decision.digest,
        "as_of": view.at.isoformat(),
        "shops": {shop: _plan_of(shop, changes, held.get(shop), decision) for shop in shops},
        "changes": [change_document(change) for change in changes],
        "stopped": [
            {"shop": change.shop, "listing": change.listing, "because": stop.words}
            for change, stop in decision.stopped()
        ],
        "problems": [report.error for report in view.sources if report.error]
        + [f"shop {shop}: {error}" for shop, error in view.observed.errors.items()],
    }


def _plan_of(shop: ShopName, changes: Sequence[Change], hold: Hold | None, decision: Decision) -> Json:
    mine = [change for change in changes if change.shop == shop]
    override = f"syncd approve {decision.digest}"
    return {
        "changes": len(mine),
        "to_zero": sum(change.new == 0 for change in mine),
        "raised_units": sum(max(change.new - (change.old or 0), 0) for change in mine),
        "held": None
        if hold is None
        else {"setting": hold.setting, "limit": hold.limit, "value": hold.value, "override": override},
    }


def change_document(change: Change) -> Json:
    """Return one change as the plan's JSON shows it."""
    return {
        "shop": change.shop,
        "listing": change.listing,
        "sku": change.sku,
        "kind": change.kind.value,
        "old": change.old,
        "new": change.new,
        "rule": change.rule,
        "cause": change.cause.value,
    }


class Explainer:
    """Explains the figures of one decision."""

    def __init__(self, view: View, beside: Beside | None = None) -> None:
        self._view = view
        self._beside = beside or Beside()
        self._standing = Standing(view, self._beside)
        self._stops = {(c.shop, c.listing): (c, stop) for c, stop in view.decision.stopped()}

    @property
    def _figures(self) -> Figures:
        return self._view.decision.plan.figures

    @property
    def _book(self) -> Book:
        return self._figures.book

    def explain(self, sku: Sku, shop: ShopName | None = None) -> Json:
        """Return the whole chain of one SKU (or bundle) for all its shops, or one.

        Raises:
            UsageError: the SKU is known to no source, or the shop is not configured.
        """
        book = self._book
        shops = [s.name for s in book.topology.shops]
        if shop is not None and shop not in shops:
            raise UsageError(f"there is no shop {shop}; configured are {', '.join(shops)}")
        if sku in book.bundles.index:
            return self._bundle(sku, shop)
        if sku not in book.sku_index:
            raise UsageError(f"no source knows the SKU {sku}{_hint(sku, book)}")
        at = book.sku_index[sku]
        pools = self._figures.pools
        return {
            "sku": sku,
            "warehouses": dict(self._warehouses(at)),
            "pools": {
                pool.name: _pool(pools, i, at) | self._standing.of_pool(i, at)
                for i, pool in enumerate(book.topology.pools)
            },
            "claims": int(pools.claims[:, at].sum()),
            "available": int(pools.available[:, at].sum()),
            "shops": {name: self._shop(name, at, sku) for name in shops if shop in (None, name)},
            "ledger": [_ledger_document(row) for row in self._beside.changes],
        } | self._standing.of_sku(sku, shop)

    def _bundle(self, sku: Sku, shop: ShopName | None) -> Json:
        book = self._book
        bundle = next(b for b in book.topology.bundles if b.sku == sku)
        shops = [s.name for s in book.topology.shops if shop in (None, s.name)]
        return {
            "sku": sku,
            "components": {
                code: self.explain(code, shop) | {"units": units} if code in book.sku_index else None
                for code, units in bundle.components.items()
            },
            "shops": {name: self._counters(name, sku) for name in shops},
        }

    def _warehouses(self, at: int) -> Iterator[tuple[str, Json]]:
        cells, rows = self._book.cells, self._view.collected.stock
        for name, place in warehouse_index(self._book.topology).items():
            if not cells.has[place, at]:
                continue
            parts = {part.word: int(cells.parts[place, part, at]) for part in Part}
            row = next((r for r in rows if r.warehouse == name and r.sku == self._book.skus[at]), None)
            yield (
                name,
                parts
                | {
                    "net": int(self._figures.pools.net[place, at]),
                    "source": row.source if row else "configuration",
                    "as_of": self._source_time(row.source) if row else None,
                    "note": _cell_note(cells, place, at),
                },
            )

    def _source_time(self, source: str) -> str | None:
        state = next((s for name, s in self._view.collected.sources.items() if name == source), None)
        return _iso(state.as_of) if state else None

    def _shop(self, shop: ShopName, at: int, sku: Sku) -> Json:
        index = [s.name for s in self._book.topology.shops].index(shop)
        quantity = int(self._figures.shares.quantity[index, at])
        return {
            "steps": list(self._steps(shop, at)),
            "quantity": None if quantity == NOTHING else quantity,
            **self._standing.of_shop(shop, at),
        } | self._counters(shop, sku)

    def _steps(self, shop: ShopName, at: int) -> Iterator[Json]:
        figures, book = self._figures, self._book
        for edge, one in enumerate(book.edges):
            if one.shop != shop:
                continue
            pool = int(figures.rules.pool[edge])
            base = figures.shares.base[edge, at : at + 1]
            mode = book.topology.pools[pool].mode.value
            for name in ("available", "locks", "held", "reserve", "rest"):
                rule = f"pools.{one.pool} {mode}"
                if name == "locks":
                    rule = figures.pools.locks.names_in(pool, at)
                    value = int(figures.pools.locks.live[pool, at])
                else:
                    value = int(getattr(figures.pools, name)[pool, at])
                    if name == "held":
                        rule = self._holding(at) if value else ""
                if rule:
                    yield {"name": f"{one.pool}.{name}", "value": value, "rule": rule}
            yield {"name": f"{one.pool}.base", "value": int(base[0]), "rule": self._base(edge, at, mode)}
            off = figures.levels.off[edge, at : at + 1]
            used = figures.virtual.extras.used[edge, at : at + 1]
            for setting, shaped in shaping(base, off, figures.rules.at(edge, at), used):
                if setting == "lock":
                    if names := figures.pools.locks.names(edge, at):
                        yield {"name": f"{one.pool}.lock", "value": int(shaped[0]), "rule": names}
                    continue
                rule = self._setting(edge, at, setting)
                yield {"name": f"{one.pool}.{setting}", "value": int(shaped[0]), "rule": rule}

    def _holding(self, at: int) -> str:
        """Return the unbound listings that can still sell a SKU, as `SHOP LISTING`."""
        book = self._book
        draws = draws_of(book.listings, book.topology, book.sku_index, book.bundles, held=True)
        names = book.listings.names(np.unique(draws.listing[draws.sku == at]))
        return ", ".join(f"unbound {shop} {listing}" for shop, listing in names)

    def _base(self, edge: int, at: int, mode: str) -> str:
        """Return what made the units that a shop starts from."""
        rules = self._book.rules
        if self._figures.rules.last_units[edge, at]:
            return f"{rules.decider('last_units', edge, at)} last_units"
        if mode == PoolMode.SPLIT:
            return f"{rules.decider('weight', edge, at)} weight"
        return f"pools.{self._book.edges[edge].pool} {mode}"

    def _setting(self, edge: int, at: int, setting: str) -> str:
        """Return a setting with its value and its rule; of `extra` also how much is not sold yet."""
        rules, extras = self._book.rules, self._figures.virtual.extras
        chosen = int(rules.values[setting][rules.class_of[at], edge])
        text = f"{rules.decider(setting, edge, at)} {setting} = {'none' if chosen == NO_CAP else chosen}"
        most = int(extras.most[edge, at])
        if setting != "extra" or not most:
            return text
        return say(
            "%(rule)s, extra left %(left)s of %(most)s", rule=text, left=int(extras.left[edge, at]), most=most
        )

    def _counters(self, shop: ShopName, sku: Sku) -> Json:
        """Return what the shop's listings of a code should and can read; sums are in units of the code."""
        rows = [
            (at, row)
            for at, row in enumerate(self._book.state.listings)
            if row.shop == shop and row.sku == sku and not row.gone
        ]
        listings = [self._listing(at, row) for at, row in rows]
        # What a held one shows nobody decides.
        ours = [
            (entry["desired"], row) for entry, (_, row) in zip(listings, rows, strict=True) if row.is_bound
        ]
        desired = [value for value, _ in ours]
        known = [row for _, row in rows if row.expected_lo is not None and row.expected_hi is not None]
        return {
            "desired": None
            if None in desired or not desired
            else sum(value * row.units for value, row in ours),
            "expected": [
                sum((row.expected_lo or 0) * row.units for row in known),
                sum((row.expected_hi or 0) * row.units for row in known),
            ]
            if known and len(known) == len(rows)
            else None,
            "as_of": _iso(max((row.observed_at for _, row in rows if row.observed_at), default=None)),
            "held_because": next((e["held_because"] for e in listings if e["held_because"]), None),
            "listings": listings,
        }

    def _listing(self, at: int, row: ListingRow) -> Json:
        desired = int(self._view.decision.plan.desired[at])
        change, stop = self._stops.get((row.shop, row.id), (None, Stop.GO))
        open_ = [i.key for i in self._beside.intents if (i.shop, i.listing) == (row.shop, row.id)]
        return {
            "listing": row.id,
            "code": row.code,
            "units": row.units,
            "desired": None if desired == NOTHING else desired,
            "off_sale": bool(self._figures.listings.off[at]),
            "expected": None if row.expected_lo is None else [row.expected_lo, row.expected_hi],
            "observed": row.observed,
            "observed_at": _iso(row.observed_at),
            "on_sale": row.on_sale,
            "delisted_by": row.delisted_by,
            "rule": "unbound" if row.is_held else deciding_rule(self._figures, at),
            "open_intents": open_,
            "held_because": self._why(change, stop, row, desired),
        } | self._standing.of_listing(row)

    def _why(self, change: Change | None, stop: Stop, row: ListingRow, desired: int) -> str | None:
        if stop is Stop.HELD and change is not None:
            holds = (hold for hold in self._view.decision.verdict.holds if hold.shop == change.shop)
            return next((hold.message(self._view.decision.digest) for hold in holds), stop.words)
        if stop is not Stop.GO:
            return stop.words
        if row.on_sale is False and row.delisted_by in _TAKEN_DOWN:
            return _TAKEN_DOWN[row.delisted_by]
        if row.is_held:
            return say(
                "%(why)s; unbound it is not written, and what it can sell is given to no other",
                why=row.unbound_because,
            )
        if desired == NOTHING:
            return _unknown(self._book, row)
        return say("its counter was never read") if row.expected_lo is None else None


_TAKEN_DOWN = {
    "person": say("off sale by person; syncd puts back only what it took down itself"),
    "violation": say("off sale by violation; syncd puts back only what it took down itself"),
}


def _unknown(book: Book, row: ListingRow) -> Said:
    if row.shop in book.state.unwritable:
        return say("the shop is paused, frozen or retired")
    return say("a figure it depends on is unknown, and unknown is never zero")


def _pool(pools: Availability, pool: int, at: int) -> Json:
    names = ("on_hand", "virtual", "unrouted", "claims", "figure", "available", "held", "reserve", "rest")
    locks = {"locked": int(pools.locks.live[pool, at]), "locks_cut": int(pools.locks.cut[pool, at])}
    deficits = ("oversold", "on_extra", "backordered", "overlocked", "overtransferred")
    if not pools.known[pool, at]:
        return {"known": False}
    return (
        {"known": True} | {name: int(getattr(pools, name)[pool, at]) for name in (*names, *deficits)} | locks
    )


def _cell_note(cells: Cells, place: int, at: int) -> str:
    if cells.retired[place, at]:
        return "two full snapshots left it out and a person retired it: it counts as zero"
    if cells.vanished[place, at]:
        return "two full snapshots left it out: it counts as zero, and lowering waits for approval"
    return (
        "old, incomplete or not believed: the last good figures, and nothing is raised on them"
        if cells.shaky[place, at]
        else ""
    )


def _hint(sku: Sku, book: Book) -> str:
    near = [code for code in book.skus if code.lower() == sku.lower() or sku in code][:3]
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _ledger_document(row: LedgerRow) -> Json:
    return row._asdict() | {"at": row.at.isoformat()}
