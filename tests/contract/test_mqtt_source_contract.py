"""The source `mqtt` keeps the contract, with a publisher that answers every reading anew."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from syncd.adapters.sources.mqtt import MqttSource
from syncd.domain.model import Snapshot
from syncd.ports.source import Source
from tests.contract.source_contract import NOW, WAREHOUSES, Fault, Line, Rig, SourceContract
from tests.unit.adapters.source_mqtt_rig import Rig as Broker


class Publisher:
    """A publisher whose messages are in the source's hands when that is collected."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.broker = Broker(warehouses=WAREHOUSES, blank_is_zero=False)
        self.waiting: list[bytes] = []
        self._seq = 0
        self._hangs = False

    def put(self, *lines: Line) -> None:
        self._say("full", lines)

    def put_delta(self, *lines: Line) -> None:
        self._say("delta", lines)

    def fail(self, fault: Fault) -> None:
        last = self.waiting.pop()
        if fault is Fault.CUT:
            self.waiting.append(last[:-20])
        elif fault is Fault.FOREIGN:
            self.waiting.append(b"<html>See you soon</html>")

    def hang(self) -> None:
        self._hangs = True

    async def deliver(self) -> None:
        """Hand over what was said, and hang where the test wants it."""
        for payload in self.waiting:
            await self.broker.sends(payload)
        self.waiting.clear()
        if self._hangs:
            self.arrived.set()
            await asyncio.Event().wait()

    def _say(self, kind: str, lines: Sequence[Line]) -> None:
        self._seq += 1
        self.waiting.append(
            json.dumps(
                {
                    "id": f"m{self._seq}",
                    "publisher": "p",
                    "seq": self._seq,
                    "as_of": (NOW - timedelta(minutes=2) + timedelta(seconds=self._seq)).isoformat(),
                    "kind": kind,
                    "lines": [_cells(line) for line in lines],
                }
            ).encode()
        )


def _cells(line: Line) -> dict[str, Any]:
    return {
        "sku": line.sku,
        "warehouse": line.warehouse,
        "on_hand": line.on_hand,
        "allocated": line.allocated,
    }


class _Delivered:
    """The source, into whose hands comes what was published before each reading."""

    def __init__(self, source: MqttSource, rig: Publisher) -> None:
        self._source = source
        self._rig = rig

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        await self._rig.deliver()
        return await self._source.collect(now=now, cursor=cursor)


class TestMqttSource(SourceContract):
    @pytest.fixture
    async def rig(self) -> Any:  # noqa: ANN401 - a fixture that yields
        made = Publisher()
        async with made.broker.listening():
            yield made

    @pytest.fixture
    def source(self, rig: Rig) -> Source:
        assert isinstance(rig, Publisher)
        return _Delivered(rig.broker.source, rig)
