"""The source `tryton`: the ERP of that name, over its JSON-RPC."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from syncd.adapters.http import HttpClient
from syncd.adapters.sources.tryton.settings import TrytonSettings
from syncd.adapters.sources.tryton.source import TrytonSource
from syncd.ports.plugin import Adapter
from syncd.ports.source import Source

__all__ = ["ADAPTER", "TrytonSettings", "TrytonSource"]


@asynccontextmanager
async def _open(settings: TrytonSettings, name: str, http: HttpClient) -> AsyncIterator[Source]:
    yield TrytonSource(settings, name, http)


ADAPTER: Adapter[Source] = Adapter(
    settings=TrytonSettings, open=_open, summary="A Tryton ERP, over its JSON-RPC."
)
