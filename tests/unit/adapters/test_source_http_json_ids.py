"""An ERP that names the orders in its figures; what it does not name is not contained."""

import pytest
from pydantic import ValidationError

from syncd.adapters.sources.http_json import HttpJsonSettings
from syncd.domain.model import Containment, IdsOf
from syncd.errors import Kind, PortError
from tests.unit.adapters.source_http_json_rig import page, read, row

PATHS = {"included": "included"}


async def test_an_erp_that_is_not_asked_names_nothing() -> None:
    snapshot = await read(page(row(), included={"a": ["1"]}))

    assert (snapshot.contains, snapshot.included) == (Containment.NONE, {})


async def test_an_erp_names_lines_by_shop() -> None:
    snapshot = await read(page(row(), included={"a": ["1", "2"], "b": None}), paths=PATHS)

    assert (snapshot.contains, snapshot.included, snapshot.ids_of) == (
        Containment.IDS,
        {"a": frozenset({"1", "2"}), "b": frozenset()},
        IdsOf.LINE,
    )


async def test_an_erp_may_name_whole_orders() -> None:
    snapshot = await read(page(row(), included={}), paths=PATHS, included_ids="order")

    assert snapshot.ids_of is IdsOf.ORDER


async def test_ids_that_are_numbers_keep_every_digit() -> None:
    snapshot = await read(page(row(), included={"a": [9007199254740993]}), paths=PATHS)

    assert snapshot.included == {"a": frozenset({"9007199254740993"})}


async def test_an_erp_that_falls_silent_contains_no_order() -> None:
    snapshot = await read(page(row()), paths=PATHS)

    assert (snapshot.contains, snapshot.included) == (Containment.IDS, {})


async def test_orders_named_after_the_first_page_may_be_newer_than_its_figures() -> None:
    snapshot = await read(
        page(row("A"), pages=2, total=2, included={"a": ["1"]}),
        page(row("B"), pages=2, total=2, included={"a": ["1", "2"]}),
        paths=PATHS,
    )

    assert snapshot.included == {"a": frozenset({"1"})}


@pytest.mark.parametrize(
    ("included", "message"),
    [
        (["1"], "no object; check paths.included"),
        ({"a": "1"}, "included of shop a is no list of ids"),
        ({"a": [1.5]}, "included of shop a is no list of ids"),
        ({"a": ["1"], "b": [True]}, "included of shop b is no list of ids"),
        ({"a": [None]}, "included of shop a is no list of ids"),
    ],
)
async def test_what_cannot_be_read_is_refused_in_words(included: object, message: str) -> None:
    with pytest.raises(PortError, match=message) as caught:
        await read(page(row(), included=included), paths=PATHS)
    assert caught.value.kind is Kind.UNKNOWN


def test_who_names_orders_says_no_watermark_too() -> None:
    paths = {"included": "i", "imported_until": "u"}
    with pytest.raises(ValidationError, match=r"both paths\.imported_until and paths\.included"):
        HttpJsonSettings.model_validate(
            {"url": "https://erp.test/stock", "warehouses": ["w"], "paths": paths}
        )
