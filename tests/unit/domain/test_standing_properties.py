"""What a whole decision says, the decision on what changed says, too."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.book import State
from syncd.domain.decision import Question, decide
from syncd.domain.guard import Record
from syncd.domain.model import ItemId, Sku
from syncd.domain.plan import ShopTraits
from syncd.domain.records import ClaimRow, DemandRow, ShopState
from tests.unit.domain.cases import NOW
from tests.unit.domain.program import state_of
from tests.unit.domain.strategies import worlds
from tests.unit.domain.talk import Talk, recorded
from tests.unit.domain.told import told, told_of


@st.composite
def _changed(draw: st.DrawFn, state: State) -> State:
    """Draw what may come between two cycles."""
    kinds = ("stock", "stock", "listings", "listings", "claims", "sold", "time", "seq", "demand")
    kind = draw(st.sampled_from(kinds))
    if kind == "demand" and state.demand:
        sales = {row[:2]: row for row in (*state.demand, draw(_demand(state)))}
        return replace(state, demand=list(sales.values()))
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
    return _later(state, draw(st.sampled_from((1, 40, 1500))) if kind == "time" else 0)


def _later(state: State, minutes: int) -> State:
    """Return the state so many minutes later; with another snapshot at once where no time goes by."""
    if minutes:
        return replace(state, now=state.now + timedelta(minutes=minutes))
    sources = {name: replace(source, seq=source.seq + 1) for name, source in state.sources.items()}
    return replace(state, sources=sources)


@st.composite
def _demand(draw: st.DrawFn, state: State) -> DemandRow:
    return DemandRow(
        draw(st.sampled_from(state.topology.shops)).name,
        Sku(draw(st.sampled_from("ABC"))),
        draw(st.sampled_from((0.0, 0.5, 3.0, 70.0))),
        draw(st.sampled_from((0.0, 600.0, 400_000.0))),
        draw(st.sampled_from((0.0, 0.0, 5.0))),
        draw(st.booleans()),
        state.now - timedelta(minutes=draw(st.integers(0, 5000))),
    )


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
    rows = {row[:2]: row for row in draw(st.just([]) | st.lists(_demand(state), max_size=6))}
    state = replace(state, listings=listings, shops=known, demand=list(rows.values()))
    return state, Question(traits=traits, record=Record(shops=known))


@given(_beginnings(), st.data())
def test_what_is_new_is_decided_as_in_a_whole_decision(
    beginning: tuple[State, Question], data: st.DataObject
) -> None:
    state, question = beginning
    if data.draw(st.booleans()):
        state = recorded(state, decide(state, question))
    talk = Talk(state, question)
    for _ in range(3):
        state = data.draw(_changed(state))
        part, whole = talk.hear(state), decide(state, question)
        if part is not None and state.demand:
            # How fast all else sells changes with time and with what is sold; that waits.
            here = frozenset(part.plan.book.skus)
            assert told_of(part, here) == told_of(whole, here)
        elif part is not None:
            assert told(part) == told(whole)
        if data.draw(st.booleans()):
            state = recorded(state, whole)
