"""Whatever a shop does to our calls, what the state believes afterwards is true."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.memory import Fault
from syncd.domain.model import Action, Change, ChangeKind, ListingId, Outcome
from syncd.domain.records import Resolution
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits
from syncd.services.push import PushReport
from tests.unit.services.push_world import World, change, shown

NAMES = "abcdef"
CLEAR_NO = (
    Kind.THROTTLED,
    Kind.AUTH_EXPIRED,
    Kind.AUTH_REVOKED,
    Kind.SIGNATURE,
    Kind.PERMISSION,
    Kind.NOT_FOUND,
    Kind.REJECTED,
)
DOUBT = (Kind.UNKNOWN, Kind.TRANSIENT)


@dataclass(frozen=True)
class Case:
    counters: dict[str, int]
    on_sale: dict[str, bool]
    changes: list[Change]
    faults: list[Fault]
    traits: dict[str, object]


def lines(kinds: tuple[Kind, ...]) -> st.SearchStrategy[dict[ListingId, Outcome]]:
    outcome = st.builds(Outcome, kind=st.sampled_from(kinds), retry_after=st.sampled_from([None, 1.0, 500.0]))
    return st.dictionaries(st.sampled_from(NAMES).map(ListingId), outcome, max_size=3)


def errors(kinds: tuple[Kind, ...], *, sent: bool) -> st.SearchStrategy[PortError]:
    return st.builds(
        PortError,
        st.sampled_from(kinds),
        st.just("the shop failed"),
        sent=st.just(sent),
        retry_after=st.sampled_from([None, 2.0, 500.0]),
    )


some_lines = st.sets(st.sampled_from(NAMES).map(ListingId), max_size=3).map(frozenset)
faults = st.one_of(
    st.just(Fault()),
    st.builds(Fault, error=errors(CLEAR_NO, sent=True)),
    st.builds(Fault, error=errors(DOUBT, sent=True), applied=st.booleans()),
    st.builds(Fault, error=errors(DOUBT, sent=False)),
    st.builds(Fault, outcomes=lines(CLEAR_NO + DOUBT)),
    st.builds(Fault, silent=some_lines, silent_applied=st.booleans()),
    st.builds(Fault, error=errors(DOUBT, sent=True), applied=st.just(True), silent=some_lines),
)
write_modes = st.lists(
    st.sampled_from([Action.SET, Action.DELTA, Action.COMPARE_AND_SET]), min_size=1, unique=True
).map(tuple)
traits = st.fixed_dictionaries(
    {
        "max_batch": st.integers(1, 4),
        "max_batch_listing": st.integers(1, 4),
        "write_modes": write_modes,
        "idempotent": st.booleans(),
        "delta_clips": st.booleans(),
        "zero_allowed": st.booleans(),
        "can_unlist": st.booleans(),
        "auto_delists_at_zero": st.booleans(),
        "max_quantity": st.sampled_from([6, 1000]),
    }
)


@st.composite
def changes(draw: st.DrawFn, name: str, counter: int, *, on_sale: bool) -> Change:
    kind = draw(st.sampled_from(ChangeKind))
    new = 0 if kind in (ChangeKind.ZERO, ChangeKind.OFF) else draw(st.integers(0, 12))
    known = draw(st.sampled_from(["exact", "about", "never read"]))
    slack = draw(st.integers(0, 2))
    lo, hi = {
        "exact": (counter, counter),
        "about": (max(counter - slack, 0), counter + slack),
        "never read": (None, None),
    }[known]
    told = draw(st.sampled_from([on_sale, None]))
    return change(
        name, kind, new, lo, hi, on_sale=told, unlist=draw(st.booleans()), sku=draw(st.sampled_from("XYZ"))
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    counters = {name: draw(st.integers(0, 6)) for name in names}
    on_sale = {name: draw(st.booleans()) for name in names}
    wanted = [draw(changes(name, counters[name], on_sale=on_sale[name])) for name in names]
    return Case(
        counters=counters,
        on_sale=on_sale,
        changes=wanted,
        faults=draw(st.lists(faults, max_size=12)),
        traits=draw(traits),
    )


def meant(change: Change, old: int, traits: ChannelTraits) -> int:
    """Return what a counter of `old` shows once the change is done.

    One that was known only between two figures is lowered by a difference or to 0: any other figure could put
    back what was sold meanwhile.
    """
    wanted, modes = min(change.new, traits.max_quantity), traits.write_modes
    lo, hi = change.lo, change.hi
    if change.kind is not ChangeKind.LOWER or (lo is not None and lo == hi) or modes[0] is Action.SET:
        return wanted
    better = modes[: modes.index(Action.SET)] if Action.SET in modes else modes
    by = 0 if lo is None or hi is None else hi - wanted
    if Action.DELTA in better and by > 0 and (traits.delta_clips or by <= (lo or 0)):
        return max(old - by, 0)
    return 0 if traits.zero_allowed else wanted


async def pushed(case: Case) -> tuple[World, PushReport]:
    world = World(*case.faults, **case.traits)
    world.shop.put(*(shown(name, n, on_sale=case.on_sale[name]) for name, n in case.counters.items()))
    report = await world.pusher(in_flight=2, max_attempts=3, stop_after=3).push(case.changes)
    return world, report


@given(cases())
async def test_the_true_counter_is_always_inside_what_is_expected(case: Case) -> None:
    world, _ = await pushed(case)
    for wanted in case.changes:
        proof = world.state.interval(wanted.listing)
        lo, hi = (wanted.lo, wanted.hi) if proof is None else proof
        counter = world.shop.counters[wanted.listing]
        assert counter is not None
        assert (lo or 0) <= counter
        assert hi is None or counter <= hi


@given(cases())
async def test_every_change_has_exactly_one_end(case: Case) -> None:
    _, report = await pushed(case)
    remarks = (*report.refused, *report.unknown, *report.not_tried)
    ends = [*(done.listing for done in report.done), *(remark.change.listing for remark in remarks)]
    assert sorted(ends) == sorted(wanted.listing for wanted in case.changes)


@given(cases())
async def test_only_what_is_unknown_stays_open(case: Case) -> None:
    world, report = await pushed(case)
    doubtful = {remark.change.listing for remark in report.unknown}
    opened = {row.listing for row in world.state.intents if row.resolution is Resolution.OPEN}
    assert opened == doubtful


@given(cases())
async def test_a_done_change_shows_what_was_wanted(case: Case) -> None:
    world, report = await pushed(case)
    for done in report.done:
        quiet = done.kind is ChangeKind.OFF and not world.shop.traits.zero_allowed
        old = case.counters[done.listing]
        assert quiet or world.shop.counters[done.listing] == meant(done, old, world.shop.traits)


@given(cases())
async def test_no_counter_is_ever_driven_beyond_old_and_wanted(case: Case) -> None:
    world, _ = await pushed(case)
    for wanted in case.changes:
        old, counter = case.counters[wanted.listing], world.shop.counters[wanted.listing]
        assert counter is not None
        # A clipped delta may fall to 0: that hides units, it never sells them.
        assert counter <= max(old, wanted.new)


@given(cases())
async def test_a_change_that_lowers_never_leaves_more_on_sale(case: Case) -> None:
    world, _ = await pushed(case)
    for wanted in case.changes:
        if wanted.kind in (ChangeKind.ZERO, ChangeKind.OFF):
            counter = world.shop.counters[wanted.listing]
            assert counter is not None
            assert counter <= case.counters[wanted.listing]


@given(cases())
async def test_what_was_not_tried_was_not_changed(case: Case) -> None:
    world, report = await pushed(case)
    most = world.shop.traits.max_quantity
    for remark in report.not_tried:
        listing, target = remark.change.listing, min(remark.change.new, most)
        mine = [row for row in world.state.intents if row.listing == listing]
        # Its quantity may be written, and what was not tried is to put it on sale.
        written = any(row.resolution is Resolution.DONE and row.target == target for row in mine)
        assert world.shop.counters[listing] == (target if written else case.counters[listing])


@given(cases())
async def test_no_intent_is_committed_later_than_its_call(case: Case) -> None:
    world, _ = await pushed(case)
    committed = 0
    for word in world.log:
        committed += {"open": 1, "call": 0, "resolve": 0}[word]
        assert word != "call" or committed > 0
