"""Deciding on what changed is deciding on everything: what a whole decision says, the small one says, too."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.book import NOTHING, State
from syncd.domain.decision import Decision, Question, decide
from syncd.domain.guard import Record
from syncd.domain.model import ItemId, ListingRow, Sku
from syncd.domain.plan import ShopTraits
from syncd.domain.records import ClaimRow, DemandRow, LevelRow, ShareRow, ShopState, SourceState
from syncd.domain.standing import News, Standing
from syncd.domain.topology import PoolMode
from syncd.domain.virtual.pools import share_rows
from syncd.services.recording import changed_levels
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import ERP, A, B, cell, claim, entry
from tests.unit.domain.desk import state as by_hand
from tests.unit.domain.program import state_of
from tests.unit.domain.strategies import worlds

_QUESTION = Question(traits={A: ShopTraits(can_unlist=True), B: ShopTraits(can_unlist=True)})


class _Talk:
    """One state that changes, decided on as a whole and by what is new."""

    def __init__(self, state: State, question: Question) -> None:
        self.question = question
        self.state = state
        self.standing = Standing(decide(state, question), question)

    def hear(self, state: State) -> Decision | None:
        """Return the small decision about a state, from the rows in which it is another."""
        news = News(
            state=state,
            question=self.question,
            stock=_new(self.state.stock, state.stock),
            listings=_new(self.state.listings, state.listings),
            shares=_new(self.state.shares, state.shares),
            levels=_new(self.state.levels, state.levels),
            dropped=[row for row in self.state.levels if row[:3] not in {new[:3] for new in state.levels}],
            demand=_new(self.state.demand, state.demand),
        )
        self.state = state
        return self.standing.after(news)


def _new(before: Any, after: Any) -> list[Any]:  # noqa: ANN401 - rows of any kind
    known = set(before)
    return [row for row in after if row not in known]


def told(decision: Decision) -> dict[str, object]:
    """Return all that anybody does with a decision."""
    plan, figures = decision.plan, decision.plan.figures
    book = plan.book
    changed = (plan.desired != plan.counters.desired) | (figures.listings.off != plan.counters.want_off)
    places = np.flatnonzero(changed & (plan.desired != NOTHING))
    return {
        "changes": list(zip(plan.changes(), decision.stop.tolist(), strict=True)),
        "digest": decision.digest,
        "holds": decision.verdict.holds,
        "follows": list(decision.follows.changes()),
        "blind": decision.blind(),
        "figures": [
            (*name, desired, off)
            for name, desired, off in zip(
                book.listings.names(places), plan.desired[places], figures.listings.off[places], strict=True
            )
        ],
        "levels": tuple(map(sorted, changed_levels(figures))),
        "shares": sorted(row[:4] for row in share_rows(book, figures.virtual, figures.shares.base)),
        "extras": sorted(figures.virtual.extras.rows),
        "moves": figures.virtual.moves,
    }


def recorded(state: State, decision: Decision) -> State:
    """Return the state after everything went out and was recorded."""
    plan, figures = decision.plan, decision.plan.figures
    names = plan.book.listings.names(np.arange(len(plan.desired)))
    at = {name: place for place, name in enumerate(names)}
    keep, drop = changed_levels(figures)
    shares = {row[:3]: row for row in state.shares}
    shares |= {row[:3]: row for row in share_rows(plan.book, figures.virtual, figures.shares.base)}
    levels: dict[Any, LevelRow] = {row[:3]: row for row in state.levels}
    levels |= {row[:3]: row for row in keep}
    return replace(
        state,
        listings=[_reads(row, decision, at[row[:2]]) if row[:2] in at else row for row in state.listings],
        levels=[row for key, row in levels.items() if key not in {gone[:3] for gone in drop}],
        shares=list(shares.values()),
        extras=figures.virtual.extras.rows,
        moves=figures.virtual.moves,
        sold={},
    )


def _reads(row: ListingRow, decision: Decision, at: int) -> ListingRow:
    units, off = int(decision.plan.desired[at]), bool(decision.plan.figures.listings.off[at])
    if units == NOTHING or row.expected_hi is None:
        return row
    return row._replace(
        expected_lo=units,
        expected_hi=units,
        observed=units,
        observed_at=NOW,
        desired=units,
        want_off=off,
        on_sale=not off,
        delisted_by="syncd" if off else "",
    )


@st.composite
def _changed(draw: st.DrawFn, state: State) -> State:
    """Draw what may come between two cycles."""
    kind = draw(st.sampled_from(("stock", "stock", "listings", "listings", "claims", "sold", "time", "seq")))
    if kind == "stock" and state.stock:
        rows = list(state.stock)
        for at in draw(st.sets(st.integers(0, len(rows) - 1), min_size=1, max_size=2)):
            missed = draw(st.sampled_from((0, 0, 0, 1, 2)))
            rows[at] = rows[at]._replace(on_hand=draw(st.integers(0, 30)), missed=missed)
        return replace(state, stock=rows)
    if kind == "listings" and state.listings:
        entries = list(state.listings)
        for at in draw(st.sets(st.integers(0, len(entries) - 1), min_size=1, max_size=2)):
            reads = draw(st.none() | st.integers(0, 12))
            entries[at] = entries[at]._replace(
                expected_lo=reads,
                expected_hi=reads,
                withheld=draw(st.integers(0, 2)),
                on_sale=draw(st.sampled_from((True, False, None))),
                delisted_by=draw(st.sampled_from(("", "syncd", "person", "left"))),
            )
        return replace(state, listings=entries)
    if kind == "claims":
        shop, sku = draw(st.sampled_from(state.topology.shops)).name, draw(st.sampled_from("ABC"))
        line = str(len(state.claims) + 100)
        claims = [*state.claims, ClaimRow(shop, line, Sku(sku), "", draw(st.integers(1, 8)), NOW)]
        return replace(state, claims=claims[draw(st.integers(0, 1)) :])
    if kind == "sold":
        shop = draw(st.sampled_from(state.topology.shops)).name
        return replace(state, sold={(shop, Sku(draw(st.sampled_from("ABC")))): draw(st.integers(1, 5))})
    if kind == "time":
        return replace(state, now=state.now + timedelta(minutes=draw(st.sampled_from((1, 40, 1500)))))
    sources = {name: replace(source, seq=source.seq + 1) for name, source in state.sources.items()}
    return replace(state, sources=sources)


@st.composite
def _beginnings(draw: st.DrawFn) -> tuple[State, Question]:
    """Draw a state of filled shops of which some take whole items off sale."""
    state = state_of(draw(worlds()))
    listings = [row._replace(item=ItemId(str(int(row.id) // 2))) for row in state.listings]
    known = {
        shop.name: ShopState(name=shop.name, accepted_at=draw(st.sampled_from((NOW, NOW, NOW, None))))
        for shop in state.topology.shops
    }
    traits = {
        shop.name: ShopTraits(can_unlist=True, unlists_items=draw(st.booleans()), gross=draw(st.booleans()))
        for shop in state.topology.shops
    }
    return replace(state, listings=listings, shops=known), Question(traits=traits, record=Record(shops=known))


@given(_beginnings(), st.data())
def test_what_is_new_is_decided_as_in_a_whole_decision(
    beginning: tuple[State, Question], data: st.DataObject
) -> None:
    state, question = beginning
    if data.draw(st.booleans()):
        state = recorded(state, decide(state, question))
    talk = _Talk(state, question)
    for _ in range(3):
        state = data.draw(_changed(state))
        part, whole = talk.hear(state), decide(state, question)
        if part is not None:
            assert told(part) == told(whole)
        if data.draw(st.booleans()):
            state = recorded(state, whole)


def test_units_that_are_divided_by_demand_are_divided_as_in_a_whole_decision() -> None:
    """Every SKU's demand counts in the part that a shop has of all sales."""
    pool = by_hand({}).topology.pools[0].name
    rows = [entry(sku, 10, shop=shop) for shop in "ab" for sku in ("X", "Y", "Z")]
    demand = [
        DemandRow(shop, Sku(sku), sold, 50_000.0, 0.0, True, NOW - timedelta(hours=hours))
        for shop, sku, sold, hours in (
            (A, "X", 3.0, 5),
            (B, "X", 1.0, 9),
            (A, "Y", 2.0, 1),
            (B, "Z", 700.0, 2),
        )
    ]
    shares = [ShareRow(pool, shop, Sku(sku), 10, None) for shop in (A, B) for sku in ("X", "Y", "Z")]
    state = by_hand(
        {"X": 20, "Y": 20, "Z": 20}, *rows, pool={"mode": PoolMode.SPLIT}, shares=shares, demand=demand
    )
    for _ in range(4):
        decision = decide(state, _QUESTION)
        found = {row[:2]: row for row in (*state.demand, *decision.plan.figures.virtual.demand)}
        state = replace(recorded(state, decision), demand=list(found.values()))
    talk = _talk(state)
    now = replace(state, stock=[cell("X", 61), *state.stock[1:]], now=NOW + timedelta(minutes=10))
    part, whole = talk.hear(now), decide(now, _QUESTION)
    assert part is not None
    assert _of(part, "X") == _of(whole, "X") != []
    # Without what B sold of Z the shops would have other parts.
    assert _of(decide(replace(now, demand=demand[:3]), _QUESTION), "X") != _of(whole, "X")


def _of(decision: Decision, sku: str) -> list[tuple[Any, ...]]:
    figures = decision.plan.figures
    rows = share_rows(decision.plan.book, figures.virtual, figures.shares.base)
    return [row[:4] for row in rows if row.sku == sku]


def _two(**settings: Any) -> State:  # noqa: ANN401
    rows = [entry(sku, 10, shop=shop) for shop in "ab" for sku in ("X", "Y", "Z")]
    return by_hand({"X": 10, "Y": 10, "Z": 10}, *rows, **settings)


def _talk(state: State) -> _Talk:
    return _Talk(state, _QUESTION)


def _codes(decision: Decision | None) -> set[str]:
    assert decision is not None
    return set(decision.plan.book.skus)


def test_only_what_changed_is_looked_at() -> None:
    state = _two()
    part = _talk(state).hear(replace(state, claims=[claim("Y", 2)]))
    assert _codes(part) == {"Y"}
    assert part is not None
    assert [(change.shop, change.listing, change.new) for change in part.going()] == [
        ("a", "Y", 8),
        ("b", "Y", 8),
    ]


def test_what_is_not_done_yet_is_decided_on_again() -> None:
    state = _two()
    talk = _talk(state)
    changed = replace(state, stock=[cell("X", 4), *state.stock[1:]])
    talk.hear(changed)
    assert _codes(talk.hear(replace(changed, claims=[claim("Y", 2)]))) == {"X", "Y"}


def test_what_is_done_is_looked_at_no_more() -> None:
    state = _two()
    talk = _talk(state)
    changed = replace(state, stock=[cell("X", 9), *state.stock[1:]])
    first = talk.hear(changed)
    assert first is not None
    done = recorded(changed, first)
    talk.hear(done)
    assert _codes(talk.hear(replace(done, claims=[claim("Y", 2)]))) == {"Y"}


def test_the_guard_counts_what_is_not_looked_at() -> None:
    rows = [entry(f"S{at}", 10) for at in range(20)]
    state = by_hand({f"S{at}": 10 for at in range(20)}, *rows)
    talk = _talk(state)
    few = replace(
        state, stock=[row._replace(on_hand=0) if at < 4 else row for at, row in enumerate(state.stock)]
    )
    part = talk.hear(few)
    assert part is not None
    assert not part.verdict.holds
    many = replace(
        state, stock=[row._replace(on_hand=0) if at < 7 else row for at, row in enumerate(state.stock)]
    )
    part = talk.hear(many)
    assert part is not None
    assert [hold.value for hold in part.verdict.holds] == [35]


def test_the_guard_counts_what_went_off_sale_since_then_no_more() -> None:
    state = by_hand({f"S{at}": 10 for at in range(20)}, *(entry(f"S{at}", 10) for at in range(20)))
    talk = _talk(state)
    codes = {f"S{at}" for at in range(10)}
    gone = [
        row._replace(on_sale=False, delisted_by="person") if row.id in codes else row
        for row in state.listings
    ]
    talk.hear(state := replace(state, listings=gone))
    few = [row._replace(on_hand=0) if 10 <= at < 14 else row for at, row in enumerate(state.stock)]
    part = talk.hear(replace(state, stock=few))
    assert part is not None
    assert [hold.value for hold in part.verdict.holds] == [40]


def test_a_new_sku_needs_a_whole_decision() -> None:
    state = _two()
    assert _talk(state).hear(replace(state, stock=[*state.stock, cell("NEW", 1)])) is None


def test_a_listing_bound_otherwise_needs_a_whole_decision() -> None:
    state = _two()
    rows = [row._replace(sku=Sku("Z")) if row.id == "X" else row for row in state.listings]
    assert _talk(state).hear(replace(state, listings=rows)) is None


def test_a_source_that_went_stale_needs_a_whole_decision() -> None:
    state = _two()
    assert _talk(state).hear(replace(state, stale=frozenset({ERP}))) is None


def test_a_shop_that_cannot_be_written_needs_a_whole_decision() -> None:
    state = _two()
    assert _talk(state).hear(replace(state, unwritable=frozenset({A}))) is None


def test_nothing_new_is_nothing_to_do() -> None:
    state = _two()
    part = _talk(state).hear(replace(state, now=NOW + timedelta(minutes=1)))
    assert part is not None
    assert not len(part.plan)
    assert not len(part.plan.book.listings)


def test_what_waits_for_another_snapshot_is_counted_by_it() -> None:
    off: dict[str, Any] = {"desired": 0, "want_off": True, "on_sale": False, "delisted_by": "syncd"}
    state = by_hand(
        {"X": 10, "Y": 10},
        entry("X", 0, **off),
        entry("Y", 10),
        levels=[LevelRow(by_hand({}).topology.pools[0].name, A, Sku("X"), NOW - timedelta(days=1), 0, 7)],
    )
    talk = _talk(state)
    sources: Mapping[Any, SourceState] = {ERP: replace(state.sources[ERP], seq=8)}
    part = talk.hear(replace(state, sources=sources))
    assert _codes(part) == {"X"}
