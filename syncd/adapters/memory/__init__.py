"""The ports in memory: verified fakes for tests, demonstrations and dry runs."""

from syncd.adapters.memory.buyers import Buyers
from syncd.adapters.memory.channel import Fault, MemoryChannel
from syncd.adapters.memory.clock import FakeClock
from syncd.adapters.memory.lock import MemoryLock
from syncd.adapters.memory.source import MemorySource
from syncd.adapters.memory.store import MemoryStore
from syncd.adapters.memory.tokens import MemoryVault

__all__ = [
    "Buyers",
    "FakeClock",
    "Fault",
    "MemoryChannel",
    "MemoryLock",
    "MemorySource",
    "MemoryStore",
    "MemoryVault",
]
