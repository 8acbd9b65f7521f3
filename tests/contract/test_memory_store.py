"""The store in memory keeps the contract."""

import pytest

from syncd.adapters.memory import MemoryStore
from syncd.ports.store import Store
from tests.contract.store_contract import StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()
