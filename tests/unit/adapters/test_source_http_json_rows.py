"""What an ERP's answer means: rows, times, kinds, cursors and unrouted units."""

from datetime import timedelta
from typing import Any

import pytest

from syncd.errors import Kind, PortError
from tests.unit.adapters.source_http_json_rig import (
    NOW,
    on_hand,
    page,
    problems,
    read,
    read_delta,
    row,
)


async def _failure(*pages: object, **options: object) -> PortError:
    with pytest.raises(PortError) as caught:
        await read(*pages, **options)
    return caught.value


# --- rows --------------------------------------------------------------------------------------------------


async def test_the_agreed_wire_is_read_with_nothing_but_a_url() -> None:
    figures = {
        "on_hand": 10,
        "allocated": 1,
        "unsellable": 2,
        "locked": 3,
        "virtual": 4,
        "transfer_out": 5,
        "in_air": 6,
    }
    snapshot = await read(page(row(**figures), cursor="17", kind="full", unrouted=[{"sku": "A", "units": 2}]))
    assert (
        snapshot.skus,
        snapshot.warehouses,
        snapshot.parts.tolist(),
        snapshot.unrouted,
        snapshot.kind,
        snapshot.cursor,
        snapshot.as_of,
        snapshot.complete,
        snapshot.problems,
    ) == (
        ("A",),
        ("main",),
        [[10, 1, 2, 3, 4, 5, 6]],
        {"A": 2},
        "full",
        "17",
        NOW - timedelta(minutes=1),
        True,
        (),
    )


async def test_paths_lead_to_every_figure() -> None:
    body = {
        "data": {
            "list": [{"商品编码": "A", "wh": {"code": "main"}, "qty": {"all": "7", "sold": [1, 2]}}],
            "count": "1",
        }
    }
    paths = {
        "rows": "data.list",
        "sku": '"商品编码"',
        "warehouse": "wh.code",
        "on_hand": "qty.all",
        "allocated": "sum(qty.sold)",
        "total": "data.count",
    }
    snapshot = await read(body, paths=paths, paging="none")
    assert (snapshot.parts.tolist(), snapshot.complete) == ([[7, 3, 0, 0, 0, 0, 0]], True)


async def test_rows_that_name_no_warehouse_get_the_given_one() -> None:
    snapshot = await read(page(row(warehouse=None), row("B", warehouse="east")), warehouse="main")
    assert snapshot.warehouses == ("main", "east")


async def test_the_warehouse_of_rows_can_be_left_unread() -> None:
    snapshot = await read(page(row(warehouse="x")), warehouse="main", paths={"warehouse": ""})
    assert snapshot.warehouses == ("main",)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (row(on_hand=None), "on_hand is empty, write 0 where there are none"),
        ({"sku": "A", "warehouse": "main"}, "on_hand is empty, write 0 where there are none"),
        (row(on_hand="x"), "on_hand is 'x', not a number"),
        (row(on_hand=-1), "on_hand is -1, below 0"),
        (row(on_hand=True), "on_hand is true, not a number"),
        (row(on_hand={"n": 1}), "on_hand is an object, not a number"),
        (
            row(allocated="1,000"),
            "allocated is '1,000', which can be read in several ways: write it like 1000.5",
        ),
        (row(sku=1.5), "sku is 1.5, which must be text"),
        (row(sku=None), "sku is empty"),
        (row(warehouse=""), "warehouse is empty"),
        (row(warehouse="west"), "warehouse 'west' is none of the source's (main, east); rows left out: 1"),
        ("A", "the row is 'A', not an object"),
        (None, "the row is null, not an object"),
        (["A"], "the row is a list, not an object"),
    ],
)
async def test_a_bad_row_is_told_by_its_page_and_number_and_the_others_count(
    bad: object, message: str
) -> None:
    snapshot = await read(page(row("B"), bad, row("C", on_hand=2)))
    assert (problems(snapshot), on_hand(snapshot), snapshot.complete) == (
        [("page 1 row 2", message)],
        {"B": 5, "C": 2},
        True,
    )


async def test_numbers_that_json_writes_too_large_are_a_problem() -> None:
    text = '{"total":1,"rows":[{"sku":"A","warehouse":"main","on_hand":1e999}]}'
    assert problems(await read(text, paging="none")) == [
        ("page 1 row 1", "on_hand is inf, not a finite number")
    ]


async def test_a_path_that_does_not_fit_a_row_spoils_its_cell() -> None:
    snapshot = await read(page(row(qty="x"), row("B", qty=[1])), paths={"on_hand": "sum(qty)"})
    assert (on_hand(snapshot), problems(snapshot)) == (
        {"B": 1},
        [("page 1 row 1", "a path does not fit the row (JMESPathTypeError)")],
    )


async def test_a_blank_part_is_a_problem_where_blank_is_not_zero() -> None:
    whole: dict[str, Any] = {"unsellable": 0, "locked": 0, "virtual": 0, "transfer_out": 0, "in_air": 0}
    snapshot = await read(page(row(allocated=None, **whole)), blank_is_zero=False)
    assert problems(snapshot) == [("page 1 row 1", "allocated is empty, write 0 or set blank_is_zero")]


async def test_a_part_whose_path_is_empty_is_0() -> None:
    snapshot = await read(page(row(locked=3)), paths={"locked": ""})
    assert snapshot.parts.tolist() == [[5, 0, 0, 0, 0, 0, 0]]


async def test_a_path_that_leads_nowhere_in_any_row_makes_the_snapshot_incomplete() -> None:
    snapshot = await read(page(row(), row("B")), paths={"allocated": "reserved"})
    assert snapshot.incomplete_because == (
        "nothing stands at paths.allocated in any row; correct it, or write reserved || `0` "
        "for an ERP without zeros"
    )


async def test_a_path_that_leads_somewhere_in_one_row_is_believed() -> None:
    snapshot = await read(page(row(), row("B", reserved=1)), paths={"allocated": "reserved"})
    assert (snapshot.complete, snapshot.parts[:, 1].tolist()) == (True, [0, 1])


async def test_a_delta_may_have_nothing_at_a_path() -> None:
    assert (await read_delta(page(row()), paths={"allocated": "reserved"})).complete


async def test_in_air_beyond_transfer_out_is_a_problem_until_received() -> None:
    snapshot = await read(page(row(transfer_out=1, in_air=2)), transfer_convention="until_received")
    assert snapshot.problems[0].column == "in_air"


# --- as_of, kind, cursor -----------------------------------------------------------------------------------


async def test_without_a_time_the_answer_is_as_old_as_the_call() -> None:
    assert (await read(page(row(), as_of=None))).as_of == NOW


async def test_the_earliest_time_of_all_pages_counts() -> None:
    pages = [
        page(row(str(number)), total=2, pages=2, as_of=f"2026-03-02T09:5{number}:00Z") for number in (4, 3)
    ]
    assert (await read(*pages)).as_of == NOW - timedelta(minutes=7)


async def test_a_time_without_a_zone_is_local() -> None:
    snapshot = await read(page(row(), as_of="2026-03-02 17:00:00"), timezone="+08:00")
    assert snapshot.as_of == NOW - timedelta(hours=1)


async def test_a_time_a_little_ahead_is_the_time_of_the_call() -> None:
    assert (await read(page(row(), as_of="2026-03-02T10:00:09Z"))).as_of == NOW


@pytest.mark.parametrize(
    ("as_of", "message"),
    [
        ("soon", "erp: page 1: as_of is 'soon', not a time; check paths.as_of"),
        ("2026-03-02T18:00:00Z", "erp: as_of is 480 minutes ahead of this machine's clock; check `timezone`"),
    ],
)
async def test_a_time_that_cannot_be_is_an_error(as_of: str, message: str) -> None:
    assert str(await _failure(page(row(), as_of=as_of))) == message


async def test_an_answer_to_a_cursor_is_a_delta() -> None:
    assert (await read_delta(page(row()))).kind == "delta"


async def test_an_erp_may_answer_a_cursor_in_full() -> None:
    assert (await read_delta(page(row(), kind="FULL"))).kind == "full"


async def test_an_erp_may_answer_a_delta_to_no_cursor() -> None:
    assert (await read(page(row(), kind="delta"))).kind == "delta"


async def test_without_a_since_param_every_answer_is_full_and_has_no_cursor() -> None:
    snapshot = await read_delta(page(row(), cursor="17"), since_param="")
    assert (snapshot.kind, snapshot.cursor) == ("full", "")


async def test_another_kind_is_an_error() -> None:
    message = "erp: page 1: kind is 'some', neither 'full' nor 'delta'; check paths.kind"
    assert str(await _failure(page(row(), kind="some"))) == message


async def test_pages_that_disagree_on_their_kind_are_incomplete() -> None:
    pages = [
        page(row(str(number)), total=2, pages=2, kind=kind) for number, kind in enumerate(("full", "delta"))
    ]
    reason = "its pages disagree on whether it is full or a delta"
    assert (await read(*pages)).incomplete_because == reason


async def test_the_cursor_of_the_first_page_counts() -> None:
    pages = [page(row(str(number)), total=2, pages=2, cursor=number) for number in (17, 18)]
    assert (await read(*pages)).cursor == "17"


async def test_a_delta_without_a_cursor_keeps_the_one_it_was_asked_with() -> None:
    assert (await read_delta(page(row()))).cursor == "16"


async def test_a_cursor_that_is_a_decimal_is_an_error() -> None:
    message = "erp: page 1: the cursor is 1.5, which must be text; check paths.cursor"
    assert str(await _failure(page(row(), cursor=1.5))) == message


# --- unrouted ----------------------------------------------------------------------------------------------


def _unrouted_pages() -> list[dict[str, object]]:
    return [
        page(row("A"), total=2, pages=2, unrouted=[{"sku": "A", "units": 2}]),
        page(row("B"), total=2, pages=2, unrouted=[{"sku": "A", "units": 3}, {"sku": "B", "units": 1}]),
    ]


async def test_unrouted_units_that_every_page_repeats_count_once() -> None:
    assert (await read(*_unrouted_pages())).unrouted == {"A": 3, "B": 1}


async def test_unrouted_units_in_parts_add_up() -> None:
    assert (await read(*_unrouted_pages(), unrouted_pages="parts")).unrouted == {"A": 5, "B": 1}


@pytest.mark.parametrize("item", [{"sku": "A"}, {"sku": "A", "units": -1}, {"units": 1}, "A", None])
async def test_unrouted_units_that_cannot_be_read_make_the_snapshot_incomplete(item: object) -> None:
    snapshot = await read(page(row(), unrouted=[item]))
    assert snapshot.incomplete_because == "the unrouted units in page 1 unrouted 1 could not be read"


async def test_unrouted_units_that_are_no_list_are_an_error() -> None:
    message = "erp: page 1: there is no list at paths.unrouted ('unrouted'); correct it"
    assert str(await _failure(page(row(), unrouted={"A": 1}))) == message


async def test_a_path_to_unrouted_units_that_leads_nowhere_makes_the_snapshot_incomplete() -> None:
    snapshot = await read(page(row()), paths={"unrouted": "open_orders"})
    assert snapshot.incomplete_because.startswith("nothing stands at paths.unrouted in any row")


# --- answers that are none ---------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [{}, {"rows": None}, {"rows": {}}, [], "null", '"x"'])
async def test_an_answer_without_rows_is_an_error_and_never_empty(body: object) -> None:
    error = await _failure(body)
    message = "erp: page 1: there is no list at paths.rows ('rows'); correct it"
    assert (error.kind, str(error)) == (Kind.UNKNOWN, message)


async def test_an_erp_that_answers_200_to_everything_can_be_asked_whether_it_is_fine() -> None:
    error = await _failure(page(row(), code=7), paths={"ok": "code == `0`"})
    message = "erp: page 1: the ERP refuses: what stands at paths.ok is not true"
    assert (error.kind, str(error)) == (Kind.REJECTED, message)


async def test_an_erp_that_is_fine_is_read() -> None:
    assert on_hand(await read(page(row(), code=0), paths={"ok": "code == `0`"})) == {"A": 5}


async def test_a_path_that_does_not_fit_the_answer_is_an_error() -> None:
    message = "erp: page 1: a path does not fit the answer (JMESPathTypeError); check `paths`"
    assert str(await _failure(page(row()), paths={"total": "length(as_of.x)"})) == message


@pytest.mark.parametrize("total", [-1, 1.5, "many", True])
async def test_a_total_that_is_no_count_is_an_error(total: object) -> None:
    assert "not a count; check paths.total" in str(await _failure(page(row(), total=total)))
