"""Settings that cannot be meant are refused with what to write instead."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from syncd.adapters.sources.csv import ADAPTER, CsvSettings
from tests.unit.adapters.source_csv_rig import HEAD, NOW, on_hand, settings, written


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"proof": "end_marker"}, "needs end_marker, as proof says"),
        ({"proof": "end_marker", "end_marker": " "}, "needs end_marker, as proof says"),
        ({"as_of_from": "column", "columns": {"as_of": ""}}, "needs columns.as_of, as as_of_from says"),
        ({"columns": {"sku": ""}}, "leaves out columns.sku or columns.on_hand"),
        ({"columns": {"on_hand": ""}}, "leaves out columns.sku or columns.on_hand"),
        ({"header": False, "columns": {"sku": 1}}, "needs columns.sku and columns.on_hand"),
        (
            {"header": False, "columns": {"sku": 1, "on_hand": 2, "locked": "L"}},
            "has names in columns, but the file names none",
        ),
        ({"files": "all"}, "needs file_count, or the group (?P<count>...) in parts, as files is 'all'"),
        ({"files": "all", "file_count": 1, "parts": "x"}, "has no group (?P<export>...) in parts"),
        ({"row_count_file": "rows.txt"}, "names one row_count_file for all exports"),
        (
            {"warehouse": "main", "columns": {"warehouse": "w"}},
            "has both warehouse and columns.warehouse",
        ),
        ({"warehouse": "west"}, "has a warehouse that is none of its warehouses"),
        ({"files": "all", "file_count": 2, "kind": "delta"}, "has files = 'all' for kind = 'delta'"),
        ({"full_pattern": "f*"}, "has a full_pattern, but kind is 'full' anyway"),
        ({"parts": "("}, "is not a regular expression"),
        ({"row_count": "x"}, "has no group"),
        ({"timezone": "Mars"}, "is no time zone of this machine"),
        ({"columns": {"sku": 0}}, "Input should be greater than or equal to 1"),
        ({"columns": {"stock": "x"}}, "Input should be 'sku', 'warehouse'"),
        ({"delimiter": ",,"}, "String should have at most 1 character"),
        ({"export_takes": 5}, "is a duration without a unit"),
        ({"columnz": {}}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(Path("stock.csv"), **options)
    assert any(error["msg"].startswith(message) for error in caught.value.errors())


@pytest.mark.parametrize("key", CsvSettings.model_fields)
def test_every_setting_is_described(key: str) -> None:
    assert CsvSettings.model_fields[key].description


def test_settings_cannot_be_changed() -> None:
    made: Any = settings(Path("stock.csv"))
    with pytest.raises(ValidationError, match="frozen"):
        made.path = "other.csv"


async def test_the_adapter_opens_the_source_by_its_name(tmp_path: Path) -> None:
    made = settings(written(tmp_path / "stock.csv", f"{HEAD}A,main,5\n"))
    async with ADAPTER.open(made, "erp", None) as opened:
        snapshot = await opened.collect(now=NOW, cursor="")
    assert (snapshot.source, on_hand(snapshot)) == ("erp", {"A": 5})
