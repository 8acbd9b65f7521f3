"""What changed since, what changes while it is read, and lists of many pages."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from syncd.adapters.sources.tryton.stamps import Cursor
from syncd.domain.model import SnapshotKind
from syncd.errors import PortError
from tests.unit.adapters.tryton_rig import (
    CUSTOMER,
    STO1,
    STO2,
    TODAY,
    TRANSIT,
    WH1,
    WH2,
    SmallTryton,
    cells,
    result,
)

MOVES = "model.stock.move.search_read"
PRODUCTS = "model.product.product.search_read"
HOUR = 3600


@pytest.fixture
def tryton() -> SmallTryton:
    return SmallTryton()


async def settled(tryton: SmallTryton) -> str:
    """Return the cursor of a full reading, an hour after the last change."""
    cursor = (await tryton.read()).cursor
    tryton.tick(HOUR)
    tryton.calls.clear()
    return cursor


# --- deltas ------------------------------------------------------------------------------------------------


async def test_a_delta_has_the_products_that_moved_with_all_their_warehouses(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.stocked("B")
    cursor = await settled(tryton)
    tryton.move(product, 4.0, STO1, CUSTOMER)
    snapshot = await tryton.read(cursor)
    assert (snapshot.kind, cells(snapshot)) == (
        SnapshotKind.DELTA,
        {("A", "main"): [10, 4, 0, 0, 0, 0, 0], ("A", "east"): [0] * 7},
    )


async def test_where_nothing_changed_a_delta_is_empty(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    snapshot = await tryton.read(await settled(tryton))
    assert (snapshot.kind, snapshot.complete, snapshot.skus) == (SnapshotKind.DELTA, True, ())


async def test_where_nothing_changed_the_cursor_stays(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    cursor = await settled(tryton)
    assert (await tryton.read(cursor)).cursor == cursor


async def test_where_nothing_changed_nothing_is_counted(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    await tryton.read(await settled(tryton))
    assert tryton.counts() == []


async def test_a_move_that_is_written_again_is_a_change(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    move = tryton.move(product, 4.0, STO1, CUSTOMER)
    cursor = await settled(tryton)
    tryton.write("stock.move", move, state="done", effective_date=TODAY)
    assert cells(await tryton.read(cursor))["A", "main"] == [6, 0, 0, 0, 0, 0, 0]


async def test_one_change_is_told_once(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    cursor = await settled(tryton)
    tryton.move(product, 4.0, STO1, CUSTOMER)
    second = await tryton.read(cursor)
    assert (await tryton.read(second.cursor)).skus == ()


async def test_a_new_product_is_a_change(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    cursor = await settled(tryton)
    tryton.product("B")
    assert set((await tryton.read(cursor)).skus) == {"B"}


async def test_a_template_that_was_written_is_a_change_of_its_product(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    cursor = await settled(tryton)
    tryton.tick()
    tryton.tables["product.product"][product]["template"] = {"write_date": tryton.clock}
    assert set((await tryton.read(cursor)).skus) == {"A"}


async def test_work_that_began_before_the_cursor_and_ended_later_is_seen(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    began = tryton.clock
    tryton.tick(540)
    tryton.stocked("B")
    cursor = await settled(tryton)
    tryton.move(product, 4.0, STO1, CUSTOMER, create_date=began)
    assert cells(await tryton.read(cursor))["A", "main"][1] == 4


async def test_how_far_back_is_looked_can_be_set(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    cursor = await settled(tryton)
    await tryton.read(cursor, overlap="1m")
    asked = tryton.asked(MOVES)[0][0][1][1][2]
    last = datetime(2026, 11, 22, 13, 0, 2)  # noqa: DTZ001
    assert datetime(*list(asked.values())[1:]) == last - timedelta(minutes=1)  # noqa: DTZ001


async def test_the_cursor_holds_trytons_own_time(tryton: SmallTryton) -> None:
    tryton.clock = datetime(1999, 1, 1)  # noqa: DTZ001
    tryton.stocked("A")
    cursor = Cursor.read((await tryton.read()).cursor)
    assert cursor is not None
    assert cursor.time == datetime(1999, 1, 1, 0, 0, 2)  # noqa: DTZ001


@pytest.mark.parametrize(
    "cursor",
    [
        "17",
        "1 x y AAAAAAAA",
        "2 {scope} 2026-11-22T13:00:00 AAAAAAAA",
        "1 {scope} 2026-11-22T13:00:00Z AAAAAAAA",
        "1 {scope} 2026-11-22T13:00:00 AAAA",
        "1 {scope} 2026-11-22T13:00:00 ?",
        "1 {scope} 2026-11-22T13:00:00 AAAAAAAA more",
    ],
)
async def test_a_cursor_that_is_none_of_ours_gives_everything(tryton: SmallTryton, cursor: str) -> None:
    tryton.stocked("A")
    scope = (await tryton.read()).cursor.split(" ")[1]
    snapshot = await tryton.read(cursor.replace("{scope}", scope))
    assert (snapshot.kind, set(snapshot.skus)) == (SnapshotKind.FULL, {"A"})


async def test_a_cursor_of_other_warehouses_gives_everything(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    cursor = await settled(tryton)
    snapshot = await tryton.read(cursor, unsellable=("DMG",))
    assert snapshot.kind is SnapshotKind.FULL


async def test_a_location_that_came_to_another_warehouse_gives_everything(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    cursor = await settled(tryton)
    tryton.tables["stock.location"][STO1]["parent"] = WH2
    snapshot = await tryton.read(cursor)
    found = {cell: figures[0] for cell, figures in cells(snapshot).items()}
    assert (snapshot.kind, found) == (SnapshotKind.FULL, {("A", "main"): 0, ("A", "east"): 10})


async def test_a_cursor_never_goes_back(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    cursor = await settled(tryton)
    tryton.tables["stock.move"].clear()
    tryton.tables["product.product"].clear()
    again = (await tryton.read(cursor)).cursor
    assert again.split(" ")[:3] == cursor.split(" ")[:3]


async def test_without_any_move_all_goods_are_listed(tryton: SmallTryton) -> None:
    tryton.product("A")
    assert cells(await tryton.read()) == {("A", "main"): [0] * 7, ("A", "east"): [0] * 7}


async def test_what_moved_but_is_no_goods_is_in_no_delta(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    part = tryton.product("B", type="assets")
    cursor = await settled(tryton)
    tryton.move(part, 1.0, STO1, CUSTOMER)
    assert (await tryton.read(cursor)).skus == ()


async def test_more_changes_than_a_cursor_holds_are_all_read_again(tryton: SmallTryton) -> None:
    product = tryton.stocked("A", 9000.0)
    at_once = tryton.clock
    for _ in range(5001):
        tryton.move(product, 1.0, STO1, CUSTOMER, create_date=at_once)
    cursor = (await tryton.read()).cursor
    assert (len(cursor) < 100, set((await tryton.read(cursor)).skus)) == (True, {"A"})


# --- what changes while it is read -------------------------------------------------------------------------


def transfer(tryton: SmallTryton, product: int) -> Callable[[], None]:
    """Return what sends four units from main to east and receives them there, all at once."""

    def moved() -> None:
        for source, target in ((STO1, TRANSIT), (TRANSIT, STO2)):
            tryton.move(product, 4.0, source, target, state="done", effective_date=TODAY)

    return moved


async def test_a_transfer_between_two_counts_does_not_show_its_units_twice(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.before_counting(transfer(tryton, product))
    found = {cell: figures[0] for cell, figures in cells(await tryton.read()).items()}
    assert found == {("A", "main"): 6, ("A", "east"): 4}


async def test_a_transfer_in_a_delta_does_not_show_its_units_twice_either(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    cursor = await settled(tryton)
    tryton.move(product, 1.0, STO1, CUSTOMER)
    tryton.before_counting(transfer(tryton, product))
    found = {cell: figures[0] for cell, figures in cells(await tryton.read(cursor)).items()}
    assert found == {("A", "main"): 6, ("A", "east"): 4}


async def test_only_what_moved_meanwhile_is_read_again(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.stocked("B")
    tryton.before_counting(transfer(tryton, product))
    await tryton.read()
    asked = [params[0][0] for params in tryton.counts()]
    assert asked == [["id", "in", [1, 2]], ["id", "in", [1, 2]], ["id", "in", [1]], ["id", "in", [1]]]


async def test_a_sale_between_promises_and_counts_is_read_again(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.on(MOVES, None, None, None, lambda: _nothing(tryton.move(product, 4.0, STO1, CUSTOMER)))
    assert cells(await tryton.read())["A", "main"] == [10, 4, 0, 0, 0, 0, 0]


async def test_work_that_ends_while_we_read_is_seen_by_its_old_time(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    began = tryton.clock
    tryton.stocked("B")

    def committed() -> None:
        tryton.move(product, 4.0, STO1, STO2, state="done", effective_date=TODAY, create_date=began)

    tryton.before_counting(committed)
    found = {cell: figures[0] for cell, figures in cells(await tryton.read()).items()}
    assert (found["A", "main"], found["A", "east"]) == (6, 4)


async def test_a_move_that_is_deleted_while_we_read_is_read_again(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    move = tryton.move(product, 4.0, STO1, CUSTOMER)
    tryton.before_counting(lambda: _nothing(tryton.tables["stock.move"].pop(move)))
    assert cells(await tryton.read())["A", "main"][1] == 0


async def test_what_never_comes_to_rest_keeps_its_last_good_figures(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.stocked("B")
    tryton.before_counting(*(transfer(tryton, product) for _ in range(99)))
    snapshot = await tryton.read()
    told = {(problem.sku, problem.warehouse) for problem in snapshot.problems}
    assert (set(snapshot.skus), told) == ({"B"}, {("A", "main"), ("A", "east")})


async def test_what_never_comes_to_rest_is_read_three_times_more(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.before_counting(*(transfer(tryton, product) for _ in range(99)))
    await tryton.read()
    assert len(tryton.counts()) == 2 + 3 * 2


async def test_what_comes_to_rest_at_the_third_time_is_believed(tryton: SmallTryton) -> None:
    product = tryton.stocked("A", 100.0)
    tryton.before_counting(*(transfer(tryton, product) for _ in range(6)))
    assert cells(await tryton.read())["A", "east"][0] == 24


async def test_what_changed_while_it_was_read_is_in_the_next_delta_too(tryton: SmallTryton) -> None:
    product = tryton.stocked("A")
    tryton.tick(HOUR)
    tryton.before_counting(transfer(tryton, product))
    cursor = (await tryton.read()).cursor
    assert set((await tryton.read(cursor)).skus) == {"A"}


def _nothing(_value: object) -> None:
    """Let a lambda do something and return nothing."""


# --- pages -------------------------------------------------------------------------------------------------


async def test_pages_follow_the_last_id(tryton: SmallTryton) -> None:
    for number in range(5):
        tryton.stocked(f"S{number}")
    snapshot = await tryton.read(page=2)
    listed = [params[0][-1] for params in tryton.asked(PRODUCTS) if params[4] == ["code"]]
    assert (listed, len(snapshot.skus)) == ([["id", ">", 0], ["id", ">", 2], ["id", ">", 4]], 10)


async def test_a_page_that_is_full_is_not_taken_for_the_last(tryton: SmallTryton) -> None:
    for number in range(4):
        tryton.stocked(f"S{number}")
    assert len(set((await tryton.read(page=2)).skus)) == 4


async def test_open_moves_of_many_pages_all_count(tryton: SmallTryton) -> None:
    product = tryton.stocked("A", 100.0)
    for _ in range(7):
        tryton.move(product, 1.0, STO1, CUSTOMER)
    assert cells(await tryton.read(page=3))["A", "main"][1] == 7


async def test_no_call_names_more_than_a_page_of_ids(tryton: SmallTryton) -> None:
    ids = [tryton.stocked(f"S{number}") for number in range(5)]
    cursor = (await tryton.read(page=2)).cursor
    for product in ids:
        tryton.move(product, 1.0, STO1, CUSTOMER)
    await tryton.read(cursor, page=2)
    clauses = [params[0][0] for _, params in tryton.calls if len(params) > 4 and params[0]]
    assert max(len(clause[2]) for clause in clauses if clause[1:2] == ["in"] and clause[0] != "active") == 2


async def test_a_call_counts_many_products(tryton: SmallTryton) -> None:
    for number in range(20):
        tryton.stocked(f"S{number}")
    await tryton.read()
    assert [params[5]["locations"] for params in tryton.counts()] == [[WH1], [WH2]]


async def test_a_list_that_shrinks_is_not_taken_for_whole(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    tryton.stocked("B")
    tryton.on(PRODUCTS, None, result([{"id": 1, "code": "A"}]))
    snapshot = await tryton.read()
    assert (snapshot.complete, snapshot.incomplete_because) == (False, "Tryton listed 1 products of 2")


async def test_a_product_that_is_gone_while_it_is_read_is_a_problem(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    gone = tryton.stocked("B")
    tryton.before_counting(lambda: tryton.write("product.product", gone, active=False))
    snapshot = await tryton.read()
    told = {(problem.sku, problem.warehouse) for problem in snapshot.problems}
    assert told == {("B", "east")}


async def test_a_list_that_is_none_is_not_understood(tryton: SmallTryton) -> None:
    tryton.on("model.stock.location.search_read", result({"id": 1}))
    with pytest.raises(PortError, match=r"^erp: model\.stock\.location\.search_read: the answer is no list"):
        await tryton.read()


async def test_a_move_without_a_time_is_not_understood(tryton: SmallTryton) -> None:
    tryton.stocked("A")
    row = {"id": 1, "product": 1, "create_date": None, "write_date": None}
    tryton.on(MOVES, None, None, result([row]))
    with pytest.raises(PortError, match="erp: the answer was not understood"):
        await tryton.read()


async def test_the_day_is_trytons(tryton: SmallTryton) -> None:
    tryton.on("model.ir.date.today", result({"__class__": "date", "year": 2031, "month": 5, "day": 6}))
    product = tryton.stocked("A")
    tryton.move(product, 4.0, STO1, CUSTOMER, state="done", effective_date=date(2031, 5, 6))
    assert cells(await tryton.read())["A", "main"][1] == 0
