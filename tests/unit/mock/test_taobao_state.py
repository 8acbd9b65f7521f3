"""The Taobao mock's state as a person reads and sets it, and how one is made."""

import json
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from syncd.mock.clock import VirtualClock
from syncd.mock.fields import Fields, MockError
from syncd.mock.rig import Rig
from syncd.mock.server import running
from syncd.mock.taobao import TaobaoState, build_taobao
from tests.unit.mock.taobao_desk import TaobaoDesk, make_state, opened_desk

LINE = {"id": "1", "listing": "801", "item": "800", "units": 1, "stage": "paid"}


@pytest.fixture
async def taobao() -> AsyncIterator[TaobaoDesk]:
    async with opened_desk() as desk:
        yield desk


async def test_a_state_that_was_shown_can_be_set(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/time", {"advance": 60})
    await taobao.write("800", "801:1")
    await taobao.sell("801", 1, "hold")
    await taobao.sell("701", 1)
    await taobao.control("POST", "/state", {"top": {"session_until": "2027-01-01T00:00:00Z"}})
    shown = await taobao.control("GET", "/state")
    other = Rig(name="taobao", state=TaobaoState())
    other.merge(json.loads(json.dumps(shown)))
    assert other.as_json() == shown


async def test_replacing_forgets_items_and_unpaid_orders(taobao: TaobaoDesk) -> None:
    await taobao.sell("801", 1, "hold")
    await taobao.control("POST", "/state", {"replace": True, "listings": [{"id": "5"}]})
    assert (list(taobao.state.items), taobao.state.orders.orders) == (["5"], {})


async def test_replacing_forgets_what_an_item_of_the_same_id_was(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"replace": True, "listings": [{"id": "701", "item": "700"}]})
    assert taobao.state.items["700"].sub_stock == 1


async def test_what_is_not_named_stays(taobao: TaobaoDesk) -> None:
    await taobao.sell("801", 1, "hold")
    await taobao.control(
        "POST", "/state", {"items": [{"id": "700", "deleted": True}], "top": {"app_key": "k"}}
    )
    item = taobao.state.items["700"]
    unpaid = taobao.state.orders.unpaid_units("801")
    assert (item.sub_stock, item.deleted, unpaid, taobao.state.top.app_secret) == (2, True, 1, "mock-secret")


async def test_an_item_goes_with_its_last_listing(taobao: TaobaoDesk) -> None:
    await taobao.control("POST", "/state", {"remove": ["900", "801"]})
    assert list(taobao.state.items) == ["800", "700"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"items": [{"id": "800", "sub_stock": 3}]}, "items[0].sub_stock: must be 1"),
        ({"items": [{"id": "800", "color": 1}]}, "items[0].color: is not known here"),
        ({"items": [{"id": "800", "list_time": "soon"}]}, "items[0].list_time: must be a time"),
        ({"top": {"app_secrets": "x"}}, "app_secrets: is not known here"),
        ({"top": {"app_secret": 5}}, "app_secret: must be a text"),
        ({"orders": [{"id": "1", "lines": []}]}, "orders[0].lines: must be a list of at least one line"),
        ({"orders": [{"id": "x", "lines": [LINE]}]}, "orders[0].id: must be digits"),
        ({"orders": [{"id": "1", "lines": [LINE | {"stage": "part_shipped"}]}]}, "stage: must be one of"),
        ({"orders": [{"id": "1", "lines": [LINE | {"units": 0}]}]}, "lines[0].units: must be a whole number"),
        ({"order_settings": {"restores": ["luck"]}}, "order_settings.restores: must be a list of"),
        ({"listings": [{"id": "x1"}]}, "listings[0].id: must be digits"),
        ({"listings": [{"id": "1", "item": "x"}]}, "listings[0].item: must be digits"),
        ({"goods": []}, "goods: is not known here"),
        ({"top": {"app_key": "k"}, "settings": {"rate": "fast"}}, "settings.rate: must be a number"),
    ],
)
def test_a_wrong_state_names_its_key_and_changes_nothing(document: dict[str, object], message: str) -> None:
    state = make_state()
    before = state.as_json()
    with pytest.raises(MockError) as caught:
        state.merge(Fields(document, ""))
    assert message in str(caught.value)
    assert state.as_json() == before


async def test_a_shop_of_a_seed_is_always_the_same_and_has_both_kinds_of_items() -> None:
    shown = []
    for _ in range(2):
        async with (
            running(build_taobao(3, VirtualClock())) as url,
            ClientSession() as session,
            session.get(f"{url}/_mock/state") as response,
        ):
            shown.append(await response.json())
    with_skus = Counter(row["id"] != row["item"] for row in shown[0]["listings"])
    kinds = Counter(item["sub_stock"] for item in shown[0]["items"])
    assert (shown[0] == shown[1], min(with_skus.values()) > 5, min(kinds.values()) > 5) == (True, True, True)
