"""The source `csv`: exports that an ERP or WMS writes into files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from syncd.adapters.sources.csv.settings import CsvSettings
from syncd.adapters.sources.csv.source import CsvSource
from syncd.ports.plugin import Adapter
from syncd.ports.source import Source

__all__ = ["ADAPTER", "CsvSettings", "CsvSource"]


@asynccontextmanager
async def _open(settings: CsvSettings, name: str, _http: object) -> AsyncIterator[Source]:
    yield CsvSource(settings, name)


ADAPTER: Adapter[Source] = Adapter(
    settings=CsvSettings, open=_open, summary="Files with columns, as an ERP or WMS exports them."
)
