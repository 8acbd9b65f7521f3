"""The source `http_json`: any ERP or WMS that lists its stock as JSON."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from syncd.adapters.http import HttpClient
from syncd.adapters.sources.http_json.settings import HttpJsonSettings, Paths
from syncd.adapters.sources.http_json.source import HttpJsonSource
from syncd.ports.plugin import Adapter
from syncd.ports.source import Source

__all__ = ["ADAPTER", "HttpJsonSettings", "HttpJsonSource", "Paths"]


@asynccontextmanager
async def _open(settings: HttpJsonSettings, name: str, http: HttpClient) -> AsyncIterator[Source]:
    yield HttpJsonSource(settings, name, http)


ADAPTER: Adapter[Source] = Adapter(
    settings=HttpJsonSettings, open=_open, summary="Any ERP or WMS that lists its stock as JSON."
)
