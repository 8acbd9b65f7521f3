"""What the settings may say, and codes that Tryton does not have."""

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from syncd.domain.model import TransferConvention
from syncd.errors import Kind, PortError
from tests.unit.adapters.tryton_rig import NOW, STO1, STO2, WH1, SmallTryton, cells, settings


@pytest.fixture
def tryton() -> SmallTryton:
    tryton = SmallTryton()
    tryton.stocked("A")
    return tryton


async def refused(tryton: SmallTryton, **options: object) -> str:
    """Return why Tryton's locations do not fit the settings."""
    with pytest.raises(PortError) as caught:
        await tryton.source(**options).collect(now=NOW, cursor="")
    assert caught.value.kind is Kind.REJECTED
    return str(caught.value)


# --- settings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"url": "erp.test"}, "url"),
        ({"url": "https://user:pw@erp.test"}, "url"),
        ({"url": "https://erp.test/?db=1"}, "url"),
        ({"url": "https://[erp"}, "url"),
        ({"database": "shop/db"}, "database"),
        ({"password": ""}, "password"),
        ({"company": 0}, "company"),
        ({"warehouses": ()}, "warehouses"),
        ({"page": 501}, "page"),
        ({"page": 0}, "page"),
        ({"unsellable": ("A", "A")}, "unsellable"),
        ({"transfer_convention": TransferConvention.UNTIL_RECEIVED}, "transfer_convention"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_a_setting_that_is_wrong_is_named(wrong: Mapping[str, object], key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**wrong)
    assert [error["loc"][0] for error in caught.value.errors()] == [key]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"codes": {"west": "WH3"}}, "a code for a warehouse that is none of its warehouses"),
        ({"codes": {"main": "WH1", "east": "WH1"}}, "one code for two warehouses"),
        ({"warehouses": ("main", "WH1"), "codes": {"main": "WH1"}}, "one code for two warehouses"),
    ],
)
def test_warehouses_and_codes_must_agree(wrong: Mapping[str, object], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        settings(**wrong)


def test_a_slash_at_the_end_of_the_url_does_no_harm() -> None:
    assert settings(url="http://erp.test:8000/").url == "http://erp.test:8000"


def test_the_convention_that_tryton_has_may_be_written() -> None:
    convention = TransferConvention.UNTIL_SHIPPED
    assert settings(transfer_convention=convention).transfer_convention is convention


def test_no_error_of_the_settings_tells_the_password() -> None:
    with pytest.raises(ValidationError) as caught:
        settings(url="no", password="open-sesame")
    assert "open-sesame" not in str(caught.value)


# --- what Tryton has ---------------------------------------------------------------------------------------


async def test_a_warehouse_is_called_by_its_code_where_no_other_name_is_given(tryton: SmallTryton) -> None:
    found = cells(await tryton.read(warehouses=("WH1", "WH2"), codes={}))
    assert set(found) == {("A", "WH1"), ("A", "WH2")}


async def test_all_wrong_codes_are_told_with_those_that_exist(tryton: SmallTryton) -> None:
    told = await refused(tryton, codes={"main": "W1", "east": "W2"}, unsellable=("X",))
    assert ("'W1', 'W2'" in told, "it has 'WH1', 'WH2', 'WH3'" in told, "'X'" in told) == (True, True, True)


async def test_unsellable_codes_that_are_not_there_are_told(tryton: SmallTryton) -> None:
    told = await refused(tryton, unsellable=("DMG", "X", "CUS"))
    assert told == (
        "erp: no location in the warehouses has the code 'CUS', 'X' (unsellable); "
        "there are 'DMG', 'IN', 'IN2', 'OUT', 'OUT2', 'STO', 'STO2'"
    )


async def test_a_location_of_a_warehouse_that_is_not_counted_cannot_be_unsellable(
    tryton: SmallTryton,
) -> None:
    assert "'STO3' (unsellable)" in await refused(tryton, unsellable=("STO3",))


async def test_a_warehouse_is_no_unsellable_location(tryton: SmallTryton) -> None:
    assert "'WH1' (unsellable)" in await refused(tryton, unsellable=("WH1",))


async def test_two_warehouses_of_one_code_are_told(tryton: SmallTryton) -> None:
    tryton.tables["stock.location"][WH1]["code"] = "WH2"
    told = await refused(tryton, warehouses=("WH2",), codes={})
    assert "more than one warehouse with the code 'WH2'" in told


async def test_one_code_marks_a_location_in_every_warehouse(tryton: SmallTryton) -> None:
    for number, parent in ((20, STO1), (21, STO2)):
        tryton.tables["stock.location"][number] = {
            "id": number,
            "code": "QC",
            "type": "storage",
            "parent": parent,
            "active": 1,
        }
        tryton.stock(1, 2.0, number)
    found = {cell: figures[2] for cell, figures in cells(await tryton.read(unsellable=("QC",))).items()}
    assert found == {("A", "main"): 2, ("A", "east"): 2}


async def test_a_list_of_very_many_codes_is_cut(tryton: SmallTryton) -> None:
    for number in range(100, 140):
        tryton.tables["stock.location"][number] = {
            "id": number,
            "code": f"BIN-{number}",
            "type": "storage",
            "parent": STO1,
            "active": 1,
        }
    assert (await refused(tryton, unsellable=("X",))).endswith(" and 17 more")


async def test_a_ring_of_locations_does_not_hang(tryton: SmallTryton) -> None:
    tryton.tables["stock.location"][STO2]["parent"] = STO2
    assert (await tryton.read()).complete


async def test_locations_that_are_switched_off_are_still_in_their_warehouse(tryton: SmallTryton) -> None:
    tryton.tables["stock.location"][STO1]["active"] = 0
    tryton.move(1, 4.0, STO1, 7)
    assert cells(await tryton.read())["A", "main"][1] == 4
