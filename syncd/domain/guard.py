"""The judge of a plan: how much may go off sale or up because of a snapshot or configuration (DESIGN 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from syncd.domain.book import NOTHING
from syncd.domain.expected import Counters
from syncd.domain.held import ApprovalRow, Direction, HeldRow
from syncd.domain.model import Bools, Cause, Change, ChangeKind, Ints, ListingId, ShopName
from syncd.domain.plan import CAUSES, KINDS, Plan
from syncd.domain.records import GuardedCount, ShopState
from syncd.domain.said import Said, say, say_later
from syncd.domain.topology import Shop

MISSING = "sources.*.max_missing"
"""What holds changes of SKUs that two full snapshots left out."""

GUARDED = tuple(CAUSES.index(cause) for cause in (Cause.SNAPSHOT, Cause.CONFIG))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why changes of a shop are held: the setting, its limit, the value that broke it, and what to do."""

    shop: ShopName
    direction: Direction
    setting: str
    limit: int
    value: int
    unit: str

    def message(self, digest: str) -> Said:
        """Return what people read, with the one-time override."""
        return say("%(why)s; release it once with: syncd approve %(digest)s", why=self.words, digest=digest)

    @property
    def words(self) -> Said:
        """Return what people read of it, without what to do about it."""
        facts = {"shop": self.shop, "now": self._amount(self.value), "most": self._amount(self.limit)}
        return Said(_WOULD[self.direction], facts | {"setting": _SETTINGS.get(self.setting, self.setting)})

    def _amount(self, count: int) -> str:
        template = _AMOUNTS.get(self.unit)
        # The state may keep what another version held.
        return Said(template, {"count": count}) if template else f"{count}{self.unit}"


_WOULD = {
    Direction.OFF: say_later("shop %(shop)s: %(now)s would go off sale, the limit is %(most)s (%(setting)s)"),
    Direction.RAISE: say_later("shop %(shop)s: %(now)s would be raised, the limit is %(most)s (%(setting)s)"),
}
_AMOUNTS = {
    "%": say_later("%(count)s%%"),
    " listings": say_later("%(count)s listings"),
    " listings of vanished SKUs": say_later("%(count)s listings of vanished SKUs"),
    " units": say_later("%(count)s units"),
}
_ALL_AT_ONCE = "guard: all listings at once"
_SETTINGS = {_ALL_AT_ONCE: say("guard: all listings at once")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the guard holds: `held` by change, and why."""

    held: Bools
    holds: tuple[Hold, ...]

    def rows(self, plan: Plan, digest: str) -> list[HeldRow]:
        """Return the held changes as a person may approve them."""
        held = plan.where(self.held)
        gone = held.vanished.tolist()
        pairs = zip(held.changes(), gone, strict=True)
        return [self._row(change, digest, vanished=vanished) for change, vanished in pairs]

    def _row(self, change: Change, digest: str, *, vanished: bool) -> HeldRow:
        direction = direction_of(change.kind)
        why = self._why(change.shop, direction, vanished=vanished)
        return HeldRow(
            digest=digest,
            shop=change.shop,
            listing=change.listing,
            direction=direction,
            bound=change.new,
            sku=change.sku,
            kind=change.kind.value,
            old=change.old,
            cause=change.cause.value,
            rule=change.rule,
            setting=why.setting,
            limit=why.limit,
            value=why.value,
            unit=why.unit,
        )

    def _why(self, shop: ShopName, direction: Direction, *, vanished: bool) -> Hold:
        """Return what holds a change: what vanished is held for that, before anything is counted."""
        is_gone = vanished and direction is Direction.OFF
        return next(
            hold
            for hold in self.holds
            if (hold.shop, hold.direction) == (shop, direction) and (hold.setting == MISSING) == is_gone
        )


class OnSale(NamedTuple):
    """How many listings of a shop buyers can buy from, and the units that these show."""

    listings: int
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the guard remembers: shops, guarded changes already sent in the window, and approvals.

    `beside` is what shops have on sale beside the listings of the plan's book, if it has not all.
    """

    shops: Mapping[ShopName, ShopState]
    sent: Sequence[GuardedCount] = ()
    approvals: Sequence[ApprovalRow] = ()
    beside: Mapping[ShopName, OnSale] = field(default_factory=dict)


def direction_of(kind: ChangeKind) -> Direction:
    """Return the direction that an approval of such a change names."""
    return Direction.RAISE if kind in (ChangeKind.RAISE, ChangeKind.RELIST) else Direction.OFF


def judge(plan: Plan, record: Record) -> Verdict:
    """Return what is held.

    Only zeroing, delisting and raising whose cause is the snapshot or the configuration is counted: what
    claims, takings and repairs demand always goes. A first fill is no raise. A SKU that two full snapshots
    left out lowers nothing without approval.
    """
    guarded = np.isin(plan.cause, GUARDED) & ~_approved(plan, record.approvals)
    held = guarded & plan.vanished & ~plan.raising
    holds: list[Hold] = []
    sent = {count.shop: count for count in record.sent}
    here = on_sale(plan.counters, len(plan.book.topology.shops))
    units, raising = plan.raised_units(), plan.raising
    off = (plan.kind == _ZERO) | (plan.kind == _OFF)
    judged = np.flatnonzero(guarded)
    by_shop = judged[np.argsort(plan.shop[judged], kind="stable")]
    start = np.searchsorted(plan.shop[by_shop], np.arange(len(here) + 1))
    for index, shop in enumerate(plan.book.topology.shops):
        mine = by_shop[start[index] : start[index + 1]]
        if not mine.size:
            continue
        if gone := int(np.count_nonzero(held[mine])):
            holds.append(_hold(shop, Direction.OFF, MISSING, 0, gone, " listings of vanished SKUs"))
        before = sent.get(shop.name, GuardedCount(shop.name, 0, 0))
        there = record.beside.get(shop.name, OnSale(0, 0))
        total = OnSale(here[index].listings + there.listings, here[index].units + there.units)
        state = record.shops.get(shop.name)
        is_new = state is None or state.accepted_at is None
        for hold, rows in (
            _judge_off(plan, _Measure(shop, before, total, is_new), mine[off[mine] & ~held[mine]]),
            _judge_raised(plan, _Measure(shop, before, total, is_new), mine[raising[mine]], units),
        ):
            if hold is not None:
                holds.append(hold)
                held[rows] = True
    return Verdict(held=held, holds=tuple(holds))


class _Measure(NamedTuple):
    """What a shop's changes are measured by; one that never took its plan whole `is_new`."""

    shop: Shop
    before: GuardedCount
    on_sale: OnSale
    is_new: bool


def _judge_off(plan: Plan, measure: _Measure, rows: Ints) -> tuple[Hold | None, Ints]:
    shop, limits = measure.shop, measure.shop.guard
    rows = rows[plan.counters.sells[plan.listing[rows]]]
    now, total = len(rows), measure.on_sale.listings + measure.before.off
    off = now + measure.before.off
    if not now:
        return None, rows
    percent = -(-100 * off // total)
    if now == measure.on_sale.listings:
        return _hold(shop, Direction.OFF, _ALL_AT_ONCE, 99, 100, "%"), rows
    if total >= limits.from_listings and 100 * off > limits.max_off_percent * total:
        return _hold(shop, Direction.OFF, "guard.max_off_percent", limits.max_off_percent, percent, "%"), rows
    if off > limits.max_off_count:
        return _hold(shop, Direction.OFF, "guard.max_off_count", limits.max_off_count, off, " listings"), rows
    return None, rows


def _judge_raised(plan: Plan, measure: _Measure, rows: Ints, units: Ints) -> tuple[Hold | None, Ints]:
    shop, limits, before = measure.shop, measure.shop.guard, measure.before
    if not rows.size:
        return None, rows
    # A shop that never took its plan whole is filled listing by listing; what has a figure is filled.
    is_filled = plan.counters.desired[plan.listing[rows]] != NOTHING
    filled = rows[is_filled] if measure.is_new else rows
    raised = int(units[filled].sum()) + before.raised_units
    shown = measure.on_sale.units
    enough = measure.on_sale.listings >= limits.from_listings and filled.size > 0
    if enough and 100 * raised > limits.max_raised_percent * shown:
        percent = -(-100 * raised // max(shown, 1))
        hold = _hold(
            shop, Direction.RAISE, "guard.max_raised_percent", limits.max_raised_percent, percent, "%"
        )
        return hold, filled
    raised = int(units[rows].sum()) + before.raised_units
    if raised > limits.max_raised_units:
        hold = _hold(
            shop, Direction.RAISE, "guard.max_raised_units", limits.max_raised_units, raised, " units"
        )
        return hold, rows
    return None, rows


_ZERO, _OFF = KINDS.index(ChangeKind.ZERO), KINDS.index(ChangeKind.OFF)


def _hold(shop: Shop, direction: Direction, setting: str, limit: int, value: int, unit: str) -> Hold:  # noqa: PLR0917
    return Hold(shop=shop.name, direction=direction, setting=setting, limit=limit, value=value, unit=unit)


def on_sale(counters: Counters, shops: int) -> list[OnSale]:
    """Return for each shop what buyers can buy from it now, of these listings."""
    here = np.flatnonzero(counters.sells)
    listings = np.bincount(counters.shop[here], minlength=shops)
    units = np.zeros(shops, dtype=np.int64)
    np.add.at(units, counters.shop[here], counters.hi[here])
    return [OnSale(*pair) for pair in zip(listings.tolist(), units.tolist(), strict=True)]


def _approved(plan: Plan, approvals: Sequence[ApprovalRow]) -> Bools:
    """Return the changes that a person released: same listing and direction, and not past the bound."""
    allowed: dict[tuple[ShopName, ListingId, Direction], int] = {
        (row.shop, row.listing, row.direction): row.bound for row in approvals
    }
    if not allowed:
        return np.zeros(len(plan), dtype=np.bool_)

    def released(shop: ShopName, listing: ListingId, kind: ChangeKind, new: int) -> bool:
        direction = direction_of(kind)
        bound = allowed.get((shop, listing, direction))
        if bound is None:
            return False
        return new <= bound if direction is Direction.RAISE else new >= bound

    return np.array([released(c.shop, c.listing, c.kind, c.new) for c in plan.changes()], dtype=np.bool_)
