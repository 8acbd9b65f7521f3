"""The source `csv` keeps the contract, in both encodings and with deltas beside full exports."""

import asyncio
import csv
import io
import os
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.adapters.sources.csv import ADAPTER, CsvSettings
from syncd.domain.model import Part
from syncd.ports.source import Source
from tests.contract.source_contract import NOW, WAREHOUSES, Fault, Line, Rig, SourceContract

_END = "#END"


class ExportFolder:
    """A folder that an ERP exports into."""

    def __init__(self, folder: Path, encoding: str) -> None:
        self.arrived = asyncio.Event()
        self.folder = folder
        self._encoding = encoding

    def put(self, *lines: Line) -> None:
        for old in self.folder.iterdir():
            old.unlink()
        self._write("full.csv", self._text(lines), minutes_ago=10)

    def put_delta(self, *lines: Line) -> None:
        self._write("delta.csv", self._text(lines), minutes_ago=5)

    def fail(self, fault: Fault) -> None:
        path = self.folder / "full.csv"
        if fault is Fault.GONE:
            path.unlink()
        elif fault is Fault.FOREIGN:
            self._write("full.csv", b"<html>\n<body>\nSee you soon\n</body>\n", minutes_ago=10)
        else:
            self._write("full.csv", path.read_bytes()[:-20], minutes_ago=10)

    def hang(self) -> None:
        self.arrived.set()

    def _text(self, lines: Sequence[Line]) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(("SKU", "Warehouse", "On hand", "Allocated"))
        writer.writerows((line.sku, line.warehouse, line.on_hand, line.allocated) for line in lines)
        return (text.getvalue() + _END).encode(self._encoding)

    def _write(self, name: str, data: bytes, *, minutes_ago: int) -> None:
        path = self.folder / name
        path.write_bytes(data)
        time = (NOW - timedelta(minutes=minutes_ago)).timestamp()
        os.utime(path, (time, time))


class TestCsvSource(SourceContract):
    @pytest.fixture(params=["utf-8-sig", "gb18030"])
    def rig(self, tmp_path: Path, request: pytest.FixtureRequest) -> Rig:
        return ExportFolder(tmp_path, request.param)

    @pytest.fixture
    async def source(self, tmp_path: Path) -> AsyncIterator[Source]:
        options = {
            "path": str(tmp_path),
            "pattern": "delta*.csv",
            "full_pattern": "full*.csv",
            "kind": "delta",
            "proof": "end_marker",
            "end_marker": _END,
            "warehouses": WAREHOUSES,
        }
        async with ADAPTER.open(CsvSettings.model_validate(options), "erp", None) as opened:
            yield opened


async def test_a_large_file_is_read_and_the_loop_goes_on(tmp_path: Path) -> None:
    rows = "".join(f"SKU{number},main,{number % 90}\n" for number in range(20_000))
    path = tmp_path / "stock.csv"
    path.write_text(f"sku,warehouse,on_hand\n{rows}", encoding="utf-8")
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    settings = CsvSettings(path=str(path), warehouses=WAREHOUSES)
    turns = 0
    async with ADAPTER.open(settings, "erp", None) as source:
        reading = asyncio.create_task(source.collect(now=NOW, cursor=""))
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
    snapshot = await reading
    figures = snapshot.parts[:, Part.ON_HAND].tolist()
    assert (figures, turns > 10) == ([number % 90 for number in range(20_000)], True)
