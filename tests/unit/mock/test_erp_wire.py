"""The mock ERP's API, as the wire was agreed."""

from random import Random
from typing import Any

import pytest

from syncd.mock.core import ErpState
from tests.unit.mock.desk import Desk, make_erp_state

Erp = Desk[ErpState]


async def read_all(erp: Erp, first: str, following: str) -> list[dict[str, Any]]:
    """Read by `next` until it is null; `following` has a place for it."""
    body = (await erp.call("GET", first)).body
    rows = list(body["rows"])
    while body["next"] is not None:
        body = (await erp.call("GET", following.format(body["next"]))).body
        rows += body["rows"]
    return rows


async def test_a_call_without_the_token_is_unauthorized(erp: Erp) -> None:
    answer = await erp.call("GET", "/stock", token="")
    assert (answer.status, answer.body) == (401, {"error": "unauthorized"})


async def test_a_row_has_all_seven_figures(erp: Erp) -> None:
    answer = await erp.call("GET", "/stock?page=1&size=1")
    assert answer.body["rows"] == [
        {
            "sku": "S0",
            "warehouse": "main",
            "on_hand": 10,
            "allocated": 0,
            "unsellable": 0,
            "locked": 0,
            "virtual": 0,
            "transfer_out": 0,
            "in_air": 0,
        }
    ]


async def test_a_page_says_what_it_belongs_to(erp: Erp) -> None:
    body = (await erp.call("GET", "/stock?page=1&size=2")).body
    del body["rows"]
    assert body == {
        "as_of": "2026-01-01T00:00:00Z",
        "kind": "full",
        "cursor": "0",
        "page": 1,
        "pages": 3,
        "total": 5,
        "unrouted": [{"sku": "S0", "units": 2}],
    }


async def test_unrouted_units_come_once_in_a_reading(erp: Erp) -> None:
    assert (await erp.call("GET", "/stock?page=2&size=2")).body["unrouted"] == []


async def test_as_of_is_when_page_one_was_asked_for(erp: Erp) -> None:
    await erp.call("GET", "/stock?page=1&size=2")
    await erp.control("POST", "/time", {"advance": 60})
    assert (await erp.call("GET", "/stock?page=2&size=2")).body["as_of"] == "2026-01-01T00:00:00Z"


async def test_a_new_reading_has_a_new_as_of(erp: Erp) -> None:
    await erp.call("GET", "/stock")
    await erp.control("POST", "/time", {"advance": 60})
    assert (await erp.call("GET", "/stock")).body["as_of"] == "2026-01-01T00:01:00Z"


async def test_as_of_may_lag_behind(erp: Erp) -> None:
    await erp.control("POST", "/state", {"settings": {"as_of_lag": 3600}})
    assert (await erp.call("GET", "/stock")).body["as_of"] == "2025-12-31T23:00:00Z"


async def test_later_pages_show_what_was_there_at_page_one(erp: Erp) -> None:
    await erp.call("GET", "/stock?page=1&size=4")
    await erp.control("POST", "/move", {"sku": "S4", "warehouse": "main", "on_hand": -3})
    assert (await erp.call("GET", "/stock?page=2&size=4")).body["rows"][0]["on_hand"] == 14


async def test_torn_reads_show_what_is_there_now(erp: Erp) -> None:
    await erp.control("POST", "/state", {"settings": {"torn_reads": True}})
    await erp.call("GET", "/stock?page=1&size=4")
    await erp.control("POST", "/move", {"sku": "S4", "warehouse": "main", "on_hand": -3})
    assert (await erp.call("GET", "/stock?page=2&size=4")).body["rows"][0]["on_hand"] == 11


async def test_a_delta_has_only_what_moved_since_its_cursor(erp: Erp) -> None:
    cursor = (await erp.call("GET", "/stock")).body["cursor"]
    await erp.control("POST", "/move", {"sku": "S4", "warehouse": "main", "on_hand": -3})
    body = (await erp.call("GET", f"/stock?since={cursor}")).body
    assert (body["kind"], [row["sku"] for row in body["rows"]]) == ("delta", ["S4"])


async def test_a_delta_without_moves_is_empty(erp: Erp) -> None:
    await erp.control("POST", "/move", {"sku": "S4", "warehouse": "main", "on_hand": -3})
    cursor = (await erp.call("GET", "/stock")).body["cursor"]
    body = (await erp.call("GET", f"/stock?since={cursor}")).body
    assert (body["rows"], body["total"], body["pages"]) == ([], 0, 1)


async def test_a_move_during_a_reading_is_in_the_next_delta(erp: Erp) -> None:
    await erp.call("GET", "/stock?page=1&size=4")
    await erp.control("POST", "/move", {"sku": "S4", "warehouse": "main", "on_hand": -3})
    cursor = (await erp.call("GET", "/stock?page=2&size=4")).body["cursor"]
    assert (await erp.call("GET", f"/stock?since={cursor}")).body["total"] == 1


@pytest.mark.parametrize("cursor", ["99", "x", "-1", "1.5"])
async def test_a_cursor_of_another_erp_is_refused(erp: Erp, cursor: str) -> None:
    answer = await erp.call("GET", f"/stock?since={cursor}")
    assert (answer.status, answer.body["error"]) == (400, "bad_cursor")


@pytest.mark.parametrize(
    "query", ["page=0", "size=x", "size=1001", "offset=-1", "after=zzz", "after=r", "offset=0&limit=0"]
)
async def test_a_window_that_cannot_be_is_a_bad_request(erp: Erp, query: str) -> None:
    answer = await erp.call("GET", f"/stock?{query}")
    assert (answer.status, answer.body["error"]) == (400, "bad_request")


async def test_offsets_read_every_row_once(erp: Erp) -> None:
    rows = await read_all(erp, "/stock?offset=0&limit=2", "/stock?offset={}&limit=2")
    assert [row["sku"] for row in rows] == ["S0", "S1", "S2", "S3", "S4"]


async def test_an_offset_answer_says_where_it_stands(erp: Erp) -> None:
    body = (await erp.call("GET", "/stock?offset=2&limit=2")).body
    assert {key: body[key] for key in ("offset", "limit", "total", "next")} == {
        "offset": 2,
        "limit": 2,
        "total": 5,
        "next": 4,
    }


@pytest.mark.parametrize("window", ["offset=0&limit=5", "after=&limit=5"])
async def test_there_is_no_next_after_the_last_row(erp: Erp, window: str) -> None:
    assert (await erp.call("GET", f"/stock?{window}")).body["next"] is None


async def test_many_readings_at_once_do_not_mix(erp: Erp) -> None:
    for size in range(1, 21):
        await erp.call("GET", f"/stock?page=1&size={size}")
    assert (await erp.call("GET", "/stock?page=2&size=2")).body["rows"][0]["sku"] == "S2"


async def test_following_next_reads_every_row_once(erp: Erp) -> None:
    rows = await read_all(erp, "/stock?after=&limit=2", "/stock?after={}&limit=2")
    assert [row["sku"] for row in rows] == ["S0", "S1", "S2", "S3", "S4"]


async def test_a_move_changes_only_the_figures_it_names(erp: Erp) -> None:
    await erp.control("POST", "/move", {"sku": "S0", "warehouse": "main", "on_hand": -1, "allocated": 3})
    row = (await erp.call("GET", "/stock")).body["rows"][0]
    assert (row["on_hand"], row["allocated"], row["locked"]) == (9, 3, 0)


async def test_a_move_to_a_new_cell_makes_it(erp: Erp) -> None:
    answer = await erp.control("POST", "/move", {"sku": "S0", "warehouse": "east", "on_hand": 4})
    assert (answer.status, answer.body["on_hand"]) == (200, 4)


async def test_a_move_below_zero_is_refused(erp: Erp) -> None:
    answer = await erp.control("POST", "/move", {"sku": "S0", "warehouse": "main", "on_hand": -11})
    assert (answer.status, answer.body["message"]) == (409, "on_hand of S0 in main would be -1")


async def test_a_refused_move_is_in_no_delta(erp: Erp) -> None:
    await erp.control("POST", "/move", {"sku": "S0", "warehouse": "main", "on_hand": -11})
    assert (await erp.call("GET", "/stock")).body["cursor"] == "0"


async def test_a_misspelt_figure_is_named(erp: Erp) -> None:
    answer = await erp.control("POST", "/move", {"sku": "S0", "warehouse": "main", "onhand": 1})
    assert (answer.status, answer.body["message"].split(";")[0]) == (400, "move.onhand: is not known here")


async def test_random_moves_move_as_often_as_asked(erp: Erp) -> None:
    answer = await erp.control("POST", "/move", {"random": 5})
    assert (len(answer.body["moves"]), erp.rig.state.moves) == (5, 5)


async def test_random_moves_never_promise_what_is_not_there(erp: Erp) -> None:
    await erp.control("POST", "/move", {"random": 300})
    figures = [cell.figures for cell in erp.rig.state.cells.values()]
    assert all(0 <= row["allocated"] <= row["on_hand"] for row in figures)


async def test_random_moves_come_from_the_seed() -> None:
    moves = [make_erp_state().move_some(Random(3), 20) for _ in range(2)]  # noqa: S311 - dice of a test
    assert moves[0] == moves[1]


async def test_a_row_set_by_hand_is_in_the_next_delta(erp: Erp) -> None:
    await erp.control("POST", "/state", {"rows": [{"sku": "S1", "warehouse": "main", "on_hand": -4}]})
    rows = (await erp.call("GET", "/stock?since=0")).body["rows"]
    assert [(row["sku"], row["on_hand"]) for row in rows] == [("S1", -4)]


async def test_a_removed_sku_is_in_no_reading(erp: Erp) -> None:
    await erp.control("POST", "/state", {"remove": ["S1"]})
    assert (await erp.call("GET", "/stock")).body["total"] == 4
