"""The source `tryton` keeps the contract, against a small Tryton.

Two facts are told in another way: Tryton gives no time of its own, so a snapshot is of the time of the call;
and it is asked warehouse by warehouse, so no row can name an unknown one.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import httpx
import pytest

from syncd.adapters.http import HttpClient
from syncd.adapters.sources.tryton import ADAPTER
from syncd.domain.model import Snapshot
from syncd.errors import PortError
from syncd.ports.source import Source
from tests.contract.source_contract import BAD_FIGURES, NOW, Fault, Line, Rig, SourceContract
from tests.unit.adapters.tryton_rig import CUSTOMER, STO1, STO2, WH1, WH2, SmallTryton, settings

_PLACES = {"main": (WH1, STO1), "east": (WH2, STO2)}


class TrytonRig(httpx.AsyncBaseTransport):
    """A small Tryton as the contract moves it."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.released = asyncio.Event()
        self.tryton = SmallTryton()
        self.cells: set[tuple[str, str]] = set()
        self._fault: Fault | None = None

    def put(self, *lines: Line) -> None:
        clock = self.tryton.clock
        self.tryton = SmallTryton()
        self.tryton.clock = clock
        self._fault = None
        self.cells = {(line.sku, line.warehouse) for line in lines}
        # As long ago as makes all of it old for what changes later.
        for line in lines:
            self._add(line)
        self.tryton.tick(3600)

    def put_delta(self, *lines: Line) -> None:
        products = self.tryton.tables["product.product"].values()
        ids = {row["code"]: row["id"] for row in products}
        for line in lines:
            self._set(ids[line.sku], line)
            self.tryton.write("product.product", ids[line.sku])

    def fail(self, fault: Fault) -> None:
        self._fault = fault

    def hang(self) -> None:
        self.tryton.hang = self._wait

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one call, or go wrong."""
        counts = '"quantity"' in request.content.decode()
        if self._fault is Fault.GONE:
            return httpx.Response(404)
        if self._fault is Fault.FOREIGN:
            return httpx.Response(200, text="<html>See you soon</html>")
        answer = await self.tryton.handle_async_request(request)
        if self._fault is Fault.CUT and counts:
            return httpx.Response(200, content=json.dumps(answer.json())[:-20].encode())
        return answer

    async def _wait(self) -> None:
        self.arrived.set()
        await self.released.wait()

    def _add(self, line: Line) -> None:
        products = self.tryton.tables["product.product"].values()
        same = [row["id"] for row in products if row["code"] == line.sku]
        warehouses = {place for product, place in self.tryton.overrides if product in same}
        # Two rows of one cell can only be two products of one code.
        if not same or _PLACES[line.warehouse][0] in warehouses:
            same = [self.tryton.product(line.sku)]
        self._set(same[0], line)

    def _set(self, product: int, line: Line) -> None:
        warehouse, storage = _PLACES[line.warehouse]
        self.tryton.overrides[product, warehouse] = _number(line.on_hand)
        allocated = _number(line.allocated)
        if allocated:
            self.tryton.move(product, allocated, storage, CUSTOMER)


def _number(written: int | str) -> object:
    """Return a figure as Tryton writes it; what is none stays what it is."""
    try:
        number = float(written)
    except ValueError:
        return written
    return written if number != number else number  # noqa: PLR0124 - NaN is no JSON


class OnlyWhatWasPut:
    """The source, without the zeros of warehouses that a test put nothing into: Tryton knows all of them."""

    def __init__(self, source: Source, rig: TrytonRig) -> None:
        self._source = source
        self._rig = rig

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        """Return what the source says of the cells that were put."""
        snapshot = await self._source.collect(now=now, cursor=cursor)
        cells = list(zip(snapshot.skus, snapshot.warehouses, strict=True))
        keep = [index for index, cell in enumerate(cells) if cell in self._rig.cells]
        assert not snapshot.parts[[index for index in range(len(cells)) if index not in keep]].any()
        return replace(
            snapshot,
            skus=tuple(snapshot.skus[index] for index in keep),
            warehouses=tuple(snapshot.warehouses[index] for index in keep),
            parts=snapshot.parts[keep],
        )


class TestTrytonSource(SourceContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[TrytonRig]:
        rig = TrytonRig()
        yield rig
        rig.released.set()

    @pytest.fixture
    async def source(self, rig: TrytonRig) -> AsyncIterator[Source]:
        async with ADAPTER.open(settings(page=7), "erp", HttpClient(rig)) as opened:
            yield OnlyWhatWasPut(opened, rig)

    async def test_as_of_is_before_the_reading_and_in_utc(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A"))
        assert (await source.collect(now=NOW, cursor="")).as_of == NOW

    @pytest.mark.parametrize("bad", [figure for figure in BAD_FIGURES if figure != "-1"])
    async def test_a_bad_figure_is_told_and_never_0(self, rig: Rig, source: Source, bad: str) -> None:
        # Tryton's counts may fall below 0, and then mean it.
        await super().test_a_bad_figure_is_told_and_never_0(rig, source, bad)

    async def test_an_unknown_warehouse_is_told_with_the_known_ones(self, rig: Rig, source: Source) -> None:
        assert isinstance(rig, TrytonRig)
        rig.tryton.tables["stock.location"][WH1]["code"] = "OTHER"
        with pytest.raises(PortError, match=r"no warehouse with the code 'WH1'; it has 'OTHER', 'WH2'"):
            await source.collect(now=NOW, cursor="")
