"""Deciding on what changed is deciding on everything: what a whole decision says, the small one says, too."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from syncd.domain.book import State
from syncd.domain.decision import Decision, Question, decide
from syncd.domain.model import Sku
from syncd.domain.plan import ShopTraits
from syncd.domain.records import DemandRow, LevelRow, ShareRow, SourceState, UseRow
from syncd.domain.standing import News, Standing
from syncd.domain.stock_grid import StockGrid
from syncd.domain.topology import Bundle, PoolMode, VirtualStock
from syncd.domain.virtual.pools import share_rows
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import ERP, A, B, W, cell, claim, entry
from tests.unit.domain.desk import state as by_hand
from tests.unit.domain.talk import Talk, recorded
from tests.unit.domain.told import told

_QUESTION = Question(traits={A: ShopTraits(can_unlist=True), B: ShopTraits(can_unlist=True)})


def _by_demand() -> tuple[State, list[DemandRow]]:
    """Return a state of shares that come from demand, nearly all of it for Z in b, and the first demand."""
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
        state = recorded(state, decide(state, _QUESTION))
    return state, demand


def test_units_that_are_divided_by_demand_are_divided_as_in_a_whole_decision() -> None:
    """Every SKU's demand counts in the part that a shop has of all sales."""
    state, demand = _by_demand()
    talk = _talk(state)
    now = replace(state, stock=[cell("X", 61), *state.stock[1:]], now=NOW + timedelta(minutes=10))
    part, whole = talk.hear(now), decide(now, _QUESTION)
    assert part is not None
    assert _of(part, "X") == _of(whole, "X") != []
    # Without what B sold of Z the shops would have other parts.
    assert _of(decide(replace(now, demand=demand[:3]), _QUESTION), "X") != _of(whole, "X")


def test_demand_that_is_another_counts_in_the_place_of_the_one_before() -> None:
    state, _ = _by_demand()
    talk = _talk(state)
    demand = [row._replace(sold=0.1) if row.sku == "Z" else row for row in state.demand]
    now = replace(state, stock=[cell("X", 61), *state.stock[1:]], demand=demand)
    part, whole = talk.hear(now), decide(now, _QUESTION)
    assert part is not None
    assert _of(part, "X") == _of(whole, "X") != _of(decide(replace(now, demand=state.demand), _QUESTION), "X")


def _of(decision: Decision, sku: str) -> list[tuple[Any, ...]]:
    figures = decision.plan.figures
    rows = share_rows(decision.plan.book, figures.virtual, figures.shares.base)
    return [row[:4] for row in rows if row.sku == sku]


def _two(**settings: Any) -> State:  # noqa: ANN401
    rows = [entry(sku, 10, shop=shop) for shop in "ab" for sku in ("X", "Y", "Z")]
    return by_hand({"X": 10, "Y": 10, "Z": 10}, *rows, **settings)


def _talk(state: State) -> Talk:
    return Talk(state, _QUESTION)


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


def test_of_no_sku_nobody_has_a_share() -> None:
    state, _ = _by_demand()
    talk = _talk(state)
    talk.hear(state)
    part = talk.hear(replace(state, now=NOW + timedelta(minutes=1)))
    assert _codes(part) == {""}
    assert part is not None
    assert _of(part, "") == []


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


def test_what_was_sold_before_is_looked_at_once_more_without_the_sale() -> None:
    state = _two(sold={(A, Sku("X")): 3})
    talk = _talk(state)
    assert _codes(talk.hear(replace(state, sold={}))) == {"X"}


def test_other_traits_of_a_channel_need_a_whole_decision() -> None:
    state = _two()
    standing = Standing(decide(state, _QUESTION), _QUESTION)
    assert standing.after(News(state=state, question=Question())) is None


def test_virtual_units_that_ended_since_are_looked_at() -> None:
    virtual = (VirtualStock(sku=Sku("Y"), warehouse=W, units=4, until=NOW + timedelta(minutes=5)),)
    state = _two(topology={"virtual": virtual})
    talk = _talk(replace(state, listings=[*state.listings[:1], entry("Y", 14), *state.listings[2:]]))
    assert "Y" in _codes(talk.hear(replace(talk.state, now=NOW + timedelta(minutes=6))))


def test_a_claim_that_uses_a_lock_now_is_looked_at() -> None:
    state = _two(claims=[claim("Y", 2)])
    talk = _talk(recorded(state, decide(state, _QUESTION)))
    used = replace(talk.state, uses=[UseRow(1, talk.state.claims[0].line, 1)])
    assert _codes(talk.hear(used)) == {"Y"}


def test_a_bundle_that_is_called_like_a_sku_is_the_bundle() -> None:
    bundles = (Bundle(sku=Sku("Y"), components={Sku("X"): 2}),)
    state = _two(topology={"bundles": bundles})
    talk = _talk(state)
    now = replace(state, stock=[cell("X", 7), *state.stock[1:]])
    part = talk.hear(now)
    assert part is not None
    assert told(part) == told(decide(now, _QUESTION))


def test_a_snapshot_may_come_as_columns() -> None:
    state = _two()
    skus = tuple(row.sku for row in state.stock)
    index = {sku: at for at, sku in enumerate(skus)}
    after = [cell("X", 4), *state.stock[1:]]
    before, now = (StockGrid.of(rows, skus, index) for rows in (state.stock, after))
    news = News(state=state, question=_QUESTION, stock=now.changed_since(before))
    part = Standing(decide(state, _QUESTION), _QUESTION).after(news)
    assert part is not None
    assert told(part) == told(decide(replace(state, stock=after), _QUESTION))
