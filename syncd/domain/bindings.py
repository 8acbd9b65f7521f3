"""Join a listing to the SKU or bundle that it sells, and keep it joined.

A binding is sticky: a new SKU in the ERP must not silently turn a listing into another thing. Only the
listing's own code, changed on the platform, or the loss of its SKU binds it anew; both are told.

One whose code means nothing any more is unbound and never touched, but buyers do not know that: while it can
sell something it is held, and what it can sell goes on counting as the SKU that it was bound to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import NamedTuple

import numpy as np

from syncd.domain.acceptance import VANISHED
from syncd.domain.aliases import NO_SKU, KnownCodes, known_codes, resolve, unsellable_codes
from syncd.domain.model import Bools, ListingRow, Sku, SourceName, StockRow
from syncd.domain.said import keep
from syncd.domain.stock_grid import StockGrid
from syncd.domain.topology import Shop, Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a listing sells: `units` of `sku` a piece, or nothing because of `unbound_because`.

    With both it is held: unbound, and what it can still sell counts as `sku`.
    `rebind_to` is what the rules would bind it to now, `rebind_units` in units, if that is something else;
    the listing keeps its `sku` until a person decides. `told` says what people must hear, empty if nothing.
    `candidates` are the known codes that its code could mean where there are several.
    """

    sku: Sku = NO_SKU
    units: int = 1
    unbound_because: str = ""
    candidates: tuple[Sku, ...] = ()
    rebind_to: Sku = NO_SKU
    rebind_units: int = 1
    told: str = ""

    @property
    def is_bound(self) -> bool:
        """Return whether the listing is bound to anything."""
        return bool(self.sku) and not self.unbound_because


def codes_of(stock: Sequence[StockRow], topology: Topology) -> KnownCodes:
    """Return the codes that listings can be bound to: SKUs, bundles; vanished and unsellable ones apart."""
    by_source = _from_grid(stock) if isinstance(stock, StockGrid) else _from_rows(stock)
    unsellable: set[Sku] = set()
    for source in topology.sources:
        if source.unsellable_suffix and source.name in by_source:
            unsellable |= unsellable_codes(by_source[source.name].codes, source.unsellable_suffix)
    alive = frozenset[Sku]().union(*(told.alive for told in by_source.values()))
    return known_codes(
        alive | {extra.sku for extra in topology.virtual},
        bundles=(bundle.sku for bundle in topology.bundles),
        vanished=frozenset[Sku]().union(*(told.codes for told in by_source.values())) - alive,
        unsellable=unsellable,
    )


class _Told(NamedTuple):
    """The codes that a source told, and those of them that it has not left out for good."""

    codes: set[Sku]
    alive: set[Sku]


def _from_rows(stock: Sequence[StockRow]) -> dict[SourceName, _Told]:
    found: dict[SourceName, _Told] = {}
    for row in stock:
        told = found.setdefault(row.source, _Told(set(), set()))
        told.codes.add(row.sku)
        if row.missed < VANISHED:
            told.alive.add(row.sku)
    return found


def _from_grid(grid: StockGrid) -> dict[SourceName, _Told]:
    found: dict[SourceName, _Told] = {}
    has = grid.has
    alive = has & (grid.missed < VANISHED)
    for source in dict.fromkeys(source for source, _ in grid.places):
        mine = np.array([name == source for name, _ in grid.places], dtype=np.bool_)
        found[source] = _Told(_skus_of(grid, has[mine]), _skus_of(grid, alive[mine]))
    return found


def _skus_of(grid: StockGrid, marks: Bools) -> set[Sku]:
    marked: list[bool] = np.any(marks, axis=0).tolist()
    return set(compress(grid.skus, marked))


def bind(
    code: str, *, known: KnownCodes, shop: Shop, before: ListingRow | None = None, sells: bool = True
) -> Binding:
    """Return what a listing of `shop` with `code` sells; unbound rather than guessed.

    `before` is the listing as the state keeps it, None if it is new. `sells` says, as `can_sell` does, that
    buyers could take something of it until now, so that it must be held where it would be unbound.
    """
    fresh = _by_rules(code, known=known, shop=shop)
    if before is None or not before.sku:
        return fresh
    is_same = before.code.strip() == code.strip() and not before.is_held
    is_known = known.still_has(before.sku)
    if is_same and is_known:
        return _kept(before, fresh)
    if is_known and sells and not fresh.is_bound:
        return _held(code, before, fresh)
    why = f"{before.sku!r} is no more" if is_same else _changed(code, before)
    return replace(fresh, told=_of(before, f"{why}: {_now(fresh)}"))


def can_sell(row: ListingRow) -> bool:
    """Return whether buyers could take anything of a listing, now or when what is withheld comes back."""
    return not row.gone and row.on_sale is not False and (row.expected_hi != 0 or row.withheld > 0)


def _by_rules(code: str, *, known: KnownCodes, shop: Shop) -> Binding:
    """Bind by packs, then by the whole code, then by the alias rules."""
    packs = {(pack.sku, pack.units) for pack in shop.packs if pack.code.strip() == code.strip()}
    if len(packs) > 1:
        skus = tuple(sorted({sku for sku, _ in packs}))
        why = keep("%(code)r stands twice under packs of %(shop)s", code=code, shop=shop.name)
        return Binding(unbound_because=why, candidates=skus)
    for sku, units in packs:
        if sku in known:
            return Binding(sku=sku, units=units)
        return Binding(
            unbound_because=keep(
                "packs of %(shop)s say that %(code)r is %(sku)r, which no source has now",
                shop=shop.name,
                code=code,
                sku=sku,
            )
        )
    match = resolve(code, known=known, rules=shop.aliases)
    return Binding(sku=match.sku, unbound_because=match.unbound_because, candidates=match.candidates)


def _kept(before: ListingRow, fresh: Binding) -> Binding:
    """Keep the SKU; units follow the packs, which only a person changes, as long as they say the same SKU."""
    kept = Binding(sku=before.sku, units=before.units)
    if fresh.sku == before.sku:
        if fresh.units == before.units:
            return kept
        told = _of(before, f"a piece is {fresh.units} units now, it was {before.units}")
        return replace(kept, units=fresh.units, told=told)
    if fresh.is_bound:
        told = _of(before, f"it stays bound to {before.sku!r}, though {_now(fresh)} by the rules")
        return replace(kept, rebind_to=fresh.sku, rebind_units=fresh.units, told=told)
    return kept


def _held(code: str, before: ListingRow, fresh: Binding) -> Binding:
    """Keep the SKU beside the reason why the listing is not bound to it; told when it begins."""
    held = replace(fresh, sku=before.sku, units=before.units)
    if before.is_held:
        return held
    keeps = f"; what it can sell stays counted as {before.sku!r}"
    return replace(held, told=_of(before, f"{_changed(code, before)}: {_now(fresh)}{keeps}"))


def _changed(code: str, before: ListingRow) -> str:
    if before.is_held:
        return f"what it can sell counts as {before.sku!r} no more, its code is {code!r}"
    return f"its code changed to {code!r}"


def _now(fresh: Binding) -> str:
    if fresh.is_bound:
        return f"it is {fresh.units} x {fresh.sku!r} now"
    return f"it is unbound now, because {fresh.unbound_because}"


def _of(before: ListingRow, what: str) -> str:
    return f"{before.shop}: listing {before.id} ({before.code!r}): {what}"
