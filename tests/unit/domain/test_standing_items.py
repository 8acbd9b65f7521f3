"""Where a platform unlists whole items, what keeps an item on sale counts though it is not looked at."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.book import State
from syncd.domain.decision import Decision, Question, decide
from syncd.domain.model import ListingRow, ShopName, Sku
from syncd.domain.plan import ShopTraits
from syncd.domain.topology import Bundle, Shop
from tests.unit.domain.desk import ERP, A, B, entry, item, rule
from tests.unit.domain.desk import state as by_hand
from tests.unit.domain.talk import Talk, recorded
from tests.unit.domain.told import told

_ITEM = ShopTraits(can_unlist=True, unlists_items=True)
_QUESTION = Question(traits={A: _ITEM, B: ShopTraits(can_unlist=True)})
_BOTH = Question(traits={A: _ITEM, B: _ITEM})
_SHOPS = (Shop(name=A), Shop(name=B))
_LEVEL = {"rules": (rule({"warning_level": 3}),)}


_OTHERS = [f"S{at}" for at in range(20)]
"""So many more that the guard has nothing to hold."""


def _shop(shop: str, rows: list[ListingRow]) -> list[ListingRow]:
    return [*rows, *(entry(sku, 10, shop=shop, item=item(sku)) for sku in _OTHERS)]


def _one_item(stock: Mapping[str, int], *, gone: Collection[str] = ()) -> Talk:
    """Return the talk about one item in two shops, of which every counter reads what it should."""
    rows = [
        row
        for shop in "ab"
        for row in _shop(shop, [entry(sku, 10, shop=shop, item=item("i"), gone=sku in gone) for sku in stock])
    ]
    stock = {**stock, **dict.fromkeys(_OTHERS, 10)}
    return Talk(_at_rest(by_hand(stock, *rows, topology=_LEVEL)), _QUESTION)


def _at_rest(state: State, question: Question = _QUESTION) -> State:
    for _ in range(3):
        state = recorded(state, decide(state, question))
    return state


def _now(talk: Talk, **stock: int) -> State:
    return replace(
        talk.state,
        stock=[row._replace(on_hand=stock.get(row.sku, row.on_hand)) for row in talk.state.stock],
    )


def _unlisted(decision: Decision | None, shop: ShopName) -> set[str]:
    assert decision is not None
    return {one.listing for one in decision.plan.changes() if one.shop == shop and one.unlist}


def test_others_of_an_item_are_not_looked_at_and_keep_it_on_sale() -> None:
    talk = _one_item({"X": 10, "Y": 10, "Z": 10})
    part = talk.hear(_now(talk, X=1))
    assert part is not None
    assert (set(part.plan.book.skus), _unlisted(part, A), _unlisted(part, B)) == ({"X"}, set(), {"X"})


@pytest.mark.parametrize("first", ["X", "XY"])
def test_with_the_last_of_an_item_those_are_unlisted_that_waited_for_it(first: str) -> None:
    talk = _one_item(dict.fromkeys([*first, "Z"], 10))
    for sku in first:
        now = _now(talk, **{sku: 1})
        part = talk.hear(now)
        assert part is not None
        assert _unlisted(part, A) == set()
        talk.hear(recorded(now, part))
    last = talk.hear(_now(talk, Z=1))
    assert (_unlisted(last, A), _unlisted(last, B)) == ({*first, "Z"}, {"Z"})


@pytest.mark.parametrize("one", ["a", "b"])
def test_what_keeps_one_item_on_sale_is_told_apart_from_what_another_one_waits_for(one: str) -> None:
    of = {"a": "WXYZ", "b": "WXYZ", one: "jiij"}
    rows = [
        entry(sku, 10, shop=shop, item=item(name))
        for shop in "ab"
        for sku, name in zip("WXYZ", of[shop], strict=True)
    ]
    stock = dict.fromkeys([*"WXYZ", *_OTHERS], 10)
    rows += [row for shop in "ab" for row in _shop(shop, [])]
    talk = Talk(_at_rest(by_hand(stock, *rows, topology=_LEVEL), _BOTH), _BOTH)
    now = _now(talk, Y=1)
    first = talk.hear(now)
    assert first is not None
    talk.hear(recorded(now, first))
    last = talk.hear(_now(talk, X=1, Z=1))
    assert {shop: _unlisted(last, shop) for shop in (A, B)} == {A: {"X", "Z"}, B: {"X", "Z"}} | {
        ShopName(one): {"X", "Y"}
    }


@pytest.mark.parametrize("units", [10, 20])
def test_one_that_is_gone_keeps_no_item_on_sale(units: int) -> None:
    talk = _one_item({"X": 10, "Y": 10}, gone={"X"})
    assert talk.hear(_now(talk, X=units)) is not None
    assert _unlisted(talk.hear(_now(talk, Y=1)), A) == {"Y"}


def test_one_that_came_back_keeps_its_item_on_sale() -> None:
    talk = _one_item({"X": 1, "Y": 1})
    now = _now(talk, X=50)
    for seq in (8, 9, 10):
        now = replace(now, sources={ERP: replace(now.sources[ERP], seq=seq)})
        part, whole = talk.hear(now), decide(now, _QUESTION)
        assert part is not None
        assert told(part) == told(whole)
        now = recorded(now, whole)
        talk.hear(now)
    assert [row.on_sale for row in now.listings if row.shop == A and row.id in "XY"] == [True, False]
    waits = _now(talk, Y=0)
    part = talk.hear(waits)
    assert part is not None
    assert told(part) == told(decide(waits, _QUESTION))


@st.composite
def _shops(draw: st.DrawFn) -> State:
    """Draw two shops whose listings are in few items, some of them bundles, cases or gone."""
    codes = [*"WXYZ", "SET"]
    rows: list[ListingRow] = []
    for shop in "ab":
        for sku in draw(st.lists(st.sampled_from(codes), min_size=2, max_size=5, unique=True)):
            row = entry(sku, 10, shop=shop, item=item(draw(st.sampled_from("ij"))))
            kind = draw(st.sampled_from(("there", "there", "there", "gone", "held")))
            rows.append(row._replace(gone=kind == "gone", unbound_because="-" if kind == "held" else ""))
    stock = {sku: draw(st.sampled_from((0, 20, 20))) for sku in "WXYZ"}
    bundles = (Bundle(sku=Sku("SET"), components={Sku("W"): 1, Sku("X"): 2}),)
    shops = {"bundles": bundles, **_LEVEL}
    rows += [row for shop in "ab" for row in _shop(shop, [])]
    return by_hand({**stock, **dict.fromkeys(_OTHERS, 10)}, *rows, topology=shops, of=_SHOPS)


@given(_shops(), st.data())
def test_items_are_unlisted_as_in_a_whole_decision(state: State, data: st.DataObject) -> None:
    question = data.draw(st.sampled_from((_QUESTION, _BOTH)))
    talk = Talk(state if data.draw(st.booleans()) else _at_rest(state, question), question)
    for seq in range(8, 14):
        units = st.dictionaries(st.sampled_from("WXYZ"), st.sampled_from((0, 2, 30)), max_size=2)
        now = _now(talk, **data.draw(units))
        if data.draw(st.booleans()):
            now = replace(now, sources={ERP: replace(now.sources[ERP], seq=seq)})
        part, whole = talk.hear(now), decide(now, question)
        assert part is not None
        assert told(part) == told(whole)
        if data.draw(st.booleans()):
            talk.hear(recorded(now, whole))
