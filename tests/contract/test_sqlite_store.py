"""The store on disk keeps the contract."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from syncd.adapters.state import open_store
from syncd.ports.store import Store
from tests.contract.store_contract import StoreContract


class TestSqliteStore(StoreContract):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        async with open_store(tmp_path / "state") as store:
            yield store
