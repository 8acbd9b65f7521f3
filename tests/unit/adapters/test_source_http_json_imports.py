"""What an ERP says of the orders that its figures contain; what it does not say is not contained."""

from datetime import timedelta

import pytest

from syncd.domain.model import Containment, WatermarkEvent
from syncd.errors import Kind, PortError
from tests.unit.adapters.source_http_json_rig import NOW, page, read, row

PATHS = {"imported_until": "imported_until"}


async def test_an_erp_that_is_not_asked_says_nothing_of_orders() -> None:
    snapshot = await read(page(row(), imported_until={"a": "2026-03-02T09:50:00Z"}))

    assert (snapshot.contains, snapshot.watermarks) == (Containment.NONE, {})


async def test_an_erp_says_by_shop_until_when_orders_are_in() -> None:
    snapshot = await read(page(row(), imported_until={"a": "2026-03-02T09:50:00Z", "b": None}), paths=PATHS)

    assert (snapshot.contains, snapshot.watermarks) == (
        Containment.WATERMARK,
        {"a": NOW - timedelta(minutes=10)},
    )


async def test_an_erp_that_falls_silent_contains_no_order() -> None:
    snapshot = await read(page(row()), paths=PATHS)

    assert (snapshot.contains, snapshot.watermarks) == (Containment.WATERMARK, {})


async def test_what_came_in_after_the_reading_began_is_not_in_its_figures() -> None:
    snapshot = await read(page(row(), imported_until={"a": "2026-03-02T12:00:00Z"}), paths=PATHS)

    assert snapshot.watermarks == {"a": NOW - timedelta(minutes=1)}


async def test_the_earliest_time_of_all_pages_counts() -> None:
    snapshot = await read(
        page(row("A"), pages=2, total=2, imported_until={"a": "2026-03-02T09:50:00Z"}),
        page(row("B"), pages=2, total=2, imported_until={"a": "2026-03-02T09:55:00Z"}),
        paths=PATHS,
    )

    assert snapshot.watermarks == {"a": NOW - timedelta(minutes=10)}


async def test_a_shop_that_one_page_leaves_out_is_unknown() -> None:
    snapshot = await read(
        page(row("A"), pages=2, total=2, imported_until={"a": "2026-03-02T09:50:00Z"}),
        page(row("B"), pages=2, total=2),
        paths=PATHS,
    )

    assert snapshot.watermarks == {}


async def test_settings_say_which_time_of_an_order_is_meant() -> None:
    snapshot = await read(page(row(), imported_until={}), paths=PATHS, imported_by="paid")

    assert snapshot.counts is WatermarkEvent.PAID


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"a": "soon"}, "imported_until of shop a"),
        ({"a": "2026-03-02T09:50:00Z", "b": True}, "imported_until of shop b"),
        ("2026-03-02T09:50:00Z", "no object; check paths.imported_until"),
    ],
)
async def test_a_time_that_cannot_be_read_refuses_the_answer(said: object, message: str) -> None:
    with pytest.raises(PortError, match=message) as caught:
        await read(page(row(), imported_until=said), paths=PATHS)

    assert caught.value.kind is not Kind.DONE
