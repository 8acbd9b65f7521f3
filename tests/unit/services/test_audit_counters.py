"""What is kept proves what a counter can read; where it cannot tell, the audit says so and blames nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from syncd.domain.model import Action, ItemId, ListingId, ListingRow, ShopName, Sku
from syncd.domain.observation import ANYWHERE, blank
from syncd.domain.orders import Stage
from syncd.domain.records import IntentRow, LedgerRow, OrderRow, RequestRow, Resolution
from syncd.domain.topology import PoolMode
from syncd.services.audit import REPAIR, Part, Repairing
from syncd.services.audit.counters import Kept, Span, replayed
from tests.unit.services.audit_world import audit, busy, ground
from tests.unit.services.cycle_world import World

SHOP, LISTING, SKU = ShopName("a"), ListingId("A"), Sku("A")
READ = datetime(2026, 3, 2, 10, tzinfo=UTC)
SKEW = timedelta(minutes=2)


def minutes(number: float) -> datetime:
    return READ + timedelta(minutes=number)


def row(lo: int, hi: int, *, observed: int | None = 5) -> ListingRow:
    """Return a listing that was read as `observed`."""
    known = blank(SHOP, LISTING)._replace(sku=SKU, observed=observed, observed_at=READ)
    return known._replace(expected_lo=lo, expected_hi=hi)


def written(new: int, at: datetime, old: int | None = None) -> LedgerRow:
    return LedgerRow(at, SHOP, LISTING, SKU, "counter", old, new, "claim", "", "syncd")


def line(units: int, *, at: datetime, back: int = 0, off: tuple[int, int] | None = None) -> OrderRow:
    """Return an order line that changed last then; the counter lost `off` units to it."""
    least, most = off or (units - back, units - back)
    stage = Stage.CLOSED if back == units else Stage.PAID
    never, parts = (None, None, None), '{"A": 1}'
    told = ("1", "1", LISTING, "", units, back, 0, stage, at, *never, at, "", "", "")
    return OrderRow(SHOP, *told, parts, least, most, at, settled=False)


def kept(
    *orders: OrderRow,
    write: LedgerRow | None = None,
    target: int | None = None,
    whole: datetime | None = None,
    filled: datetime | None = None,
) -> Kept:
    """Return what is kept beside the row; a write to `target` has no answer."""
    at, place = minutes(3), (SHOP, LISTING, ItemId("A"))
    ends = (Action.DELTA, -1, 5)
    open_ = IntentRow("k", *place, *ends, target or 0, "claim", "", at, at, Resolution.OPEN, "")
    return Kept(
        written=write,
        open=() if target is None else (open_,),
        orders=orders,
        skew=SKEW,
        whole=whole,
        filled=filled,
    )


def word(row: ListingRow, kept: Kept) -> str:
    """Return what the audit says of a listing."""
    span = replayed(row, kept)
    if span is None:
        return "unsure"
    return "right" if span.proven.allow(row) else "unsure" if span.possible.allow(row) else "wrong"


def span_of(row: ListingRow, kept: Kept) -> Span:
    span = replayed(row, kept)
    assert span is not None
    return span


CASES = {
    "read so and not touched since": (row(5, 5), kept(), "right"),
    "higher than it was read": (row(5, 6), kept(), "wrong"),
    "lower than it was read": (row(4, 4), kept(), "wrong"),
    "its ends are the wrong way round": (row(7, 5), kept(line(2, at=minutes(1))), "wrong"),
    "sold from since": (row(3, 3), kept(line(2, at=minutes(1))), "right"),
    "sold from since, but not so much": (row(2, 2), kept(line(2, at=minutes(1))), "wrong"),
    # When a return was heard of is not kept: the upper end rises by it even after a reading that showed it.
    "given back before it was read": (row(5, 7), kept(line(2, at=minutes(-60), back=2)), "unsure"),
    "given back before, but not so much": (row(5, 8), kept(line(2, at=minutes(-60), back=2)), "wrong"),
    "sold from before it was read": (row(3, 3), kept(line(2, at=minutes(-60))), "wrong"),
    "perhaps given back before": (row(5, 7), kept(line(2, at=minutes(-60), back=2, off=(0, 2))), "unsure"),
    "written since": (row(8, 8), kept(write=written(8, minutes(1))), "right"),
    "sold from before the write": (row(3, 8), kept(write=written(8, minutes(1))), "right"),
    "higher than written": (row(8, 9), kept(write=written(8, minutes(1))), "wrong"),
    "a sale before the write that was heard after it": (
        row(6, 6),
        kept(line(2, at=minutes(1)), write=written(8, minutes(30))),
        "unsure",
    ),
    # A look that cannot read a quantity leaves the old one under a new time.
    "written before a look that may have read nothing": (
        row(8, 8),
        kept(write=written(8, minutes(-1))),
        "unsure",
    ),
    "as much as neither": (row(9, 9), kept(write=written(8, minutes(-1))), "wrong"),
    # A reading that shows nothing new leaves no trace in the row, and old orders are forgotten.
    "read again as before": (row(5, 5), kept(write=written(8, minutes(1)), whole=minutes(2)), "right"),
    "not read again": (row(5, 5), kept(write=written(8, minutes(1)), whole=minutes(0)), "wrong"),
    "higher while its shop is filled": (row(9, 9), kept(filled=minutes(1)), "unsure"),
    "lower while its shop is filled": (row(3, 3), kept(filled=minutes(1)), "wrong"),
    "higher though its shop was filled before": (row(9, 9), kept(filled=minutes(-1)), "wrong"),
    "with a write that has no answer": (row(2, 5), kept(target=2), "right"),
    "lower than such a write": (row(1, 1), kept(target=2), "wrong"),
    "with a write that nobody remembers": (row(2, 9), kept(target=ANYWHERE), "unsure"),
    "never read": (row(5, 5, observed=None), kept(), "unsure"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_audit_says_of_a_counter_that_is(case: str) -> None:
    known, beside, says = CASES[case]
    assert word(known, beside) == says


def test_what_is_thought_too_low_is_put_up_as_far_as_it_is_proven() -> None:
    late = line(2, at=minutes(1))
    beside = kept(late, write=written(8, minutes(30)))
    # 6 would be possible, too: units that may be on sale are not sold elsewhere.
    assert span_of(row(3, 3), beside).nearest(row(3, 3)) == (3, 8)


def test_what_is_thought_too_high_is_put_down_to_what_is_possible() -> None:
    beside = kept(line(2, at=minutes(-60), back=2))
    assert span_of(row(5, 12), beside).nearest(row(5, 12)) == (5, 7)


def test_what_is_the_wrong_way_round_is_put_right() -> None:
    beside = kept(line(2, at=minutes(1)))
    lo, hi = span_of(row(7, 5), beside).nearest(row(7, 5))
    assert lo <= hi == 5


async def forget_what_was_read(world: World) -> None:
    read = await world.row("a", "B")
    await world.store.save_listings([read._replace(expected_hi=40, observed=None)])


async def test_a_counter_of_which_nothing_is_kept_is_named_apart_and_no_disagreement() -> None:
    world = await busy(PoolMode.SPLIT)
    await forget_what_was_read(world)
    found = await audit(world).run()
    assert [(one.listing, one.found, one.should) for one in found.unsure] == [("B", 40, None)]
    assert [one for one in found.findings if one.part is Part.EXPECTED] == []


async def test_a_repair_leaves_alone_what_nobody_can_tell() -> None:
    world = await busy(PoolMode.SPLIT)
    await forget_what_was_read(world)
    await Repairing(ground(world), store=world.store, clock=world.clock).obey(
        RequestRow(1, REPAIR, "", world.clock.now(), "ann", "")
    )
    assert (await world.row("a", "B")).expected_hi == 40
