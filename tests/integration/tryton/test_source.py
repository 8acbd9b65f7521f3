"""The source `tryton` against the real server: every figure of every cell, its login, its deltas."""

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from syncd.adapters.http import open_http
from syncd.adapters.sources.tryton import TrytonSettings, TrytonSource
from syncd.domain.model import Part, Snapshot, SnapshotKind
from syncd.errors import Kind, PortError
from tests.integration.tryton.rig import Erp, Figures, tryton

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]

_PLACES = {"main": "MAIN", "east": "EAST"}
PLANTED = "planted-password"
Cells = dict[tuple[str, str], dict[str, int]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def erp(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Erp]:
    async with tryton(tmp_path_factory.mktemp("tryton")) as running:
        yield running


@asynccontextmanager
async def source(erp: Erp, **other: object) -> AsyncIterator[TrytonSource]:
    """Yield the source as it would be configured, but for `other` settings."""
    settings = {
        "url": erp.url,
        "database": erp.database,
        "user": erp.user,
        "password": erp.password,
        "warehouses": tuple(_PLACES),
        "codes": _PLACES,
        "unsellable": ("QUAR-MAIN",),
        "overlap": "0s",
    }
    async with open_http() as http:
        yield TrytonSource(TrytonSettings.model_validate(settings | other), "erp", http)


def cells(snapshot: Snapshot) -> Cells:
    return {
        (sku, _PLACES[place]): {part.word: int(figures[part]) for part in Part if figures[part]}
        for sku, place, figures in zip(snapshot.skus, snapshot.warehouses, snapshot.parts, strict=True)
    }


def expected(figures: Figures) -> dict[str, int]:
    """Return what a cell must say in whole units: what is there rounded down, what takes away rounded up."""
    whole = {
        "on_hand": math.floor(figures.on_hand),
        "allocated": math.ceil(figures.allocated),
        "unsellable": math.ceil(figures.unsellable),
        "transfer_out": math.ceil(figures.transfer_out),
        "in_air": math.floor(figures.in_air),
    }
    return {word: units for word, units in whole.items() if units}


async def test_every_part_of_every_cell_is_what_the_documents_add_up_to(erp: Erp) -> None:
    async with source(erp) as adapter:
        snapshot = await adapter.collect(now=datetime.now(UTC), cursor="")
    truth = await erp.truth()

    assert (snapshot.kind, snapshot.complete, snapshot.problems) == (SnapshotKind.FULL, True, ())
    assert cells(snapshot) == {cell: expected(figures) for cell, figures in truth.items()}


async def test_a_delta_holds_what_moved_and_nothing_else(erp: Erp) -> None:
    moved, sold = erp.plain[-2:]
    async with source(erp) as adapter:
        full = await adapter.collect(now=datetime.now(UTC), cursor="")
        await erp.receive(moved, "MAIN", 3)
        await erp.sell(sold, "MAIN", 1)
        delta = await adapter.collect(now=datetime.now(UTC), cursor=full.cursor)
        nothing = await adapter.collect(now=datetime.now(UTC), cursor=delta.cursor)
    truth = await erp.truth()

    assert (delta.kind, set(delta.skus), nothing.skus) == (SnapshotKind.DELTA, {moved, sold}, ())
    assert cells(delta) == {
        cell: expected(figures) for cell, figures in truth.items() if cell[0] in (moved, sold)
    }


async def test_a_wrong_password_asked_every_minute_for_an_hour_locks_nobody_out(erp: Erp) -> None:
    start, kinds = datetime.now(UTC), set()
    async with source(erp, password=PLANTED) as adapter:
        for minute in range(50):
            with pytest.raises(PortError) as failed:
                await adapter.collect(now=start + timedelta(minutes=minute), cursor="")
            kinds.add(failed.value.kind)
            assert PLANTED not in str(failed.value)
    async with source(erp) as adapter:
        snapshot = await adapter.collect(now=start, cursor="")

    assert kinds == {Kind.AUTH_REVOKED}
    assert snapshot.complete


async def test_a_session_that_expires_is_renewed_and_nobody_notices(tmp_path: Path) -> None:
    async with tryton(tmp_path, max_age=1) as erp, source(erp) as adapter:
        first = await adapter.collect(now=datetime.now(UTC), cursor="")
        # Sending a transfer takes Tryton longer than a session lives here.
        transfer = await erp.transfer_send(erp.plain[-1], "MAIN", "EAST", 1)
        await erp.transfer_receive(transfer)
        again = await adapter.collect(now=datetime.now(UTC), cursor=first.cursor)

    assert erp.plain[-1] in again.skus


async def test_a_warehouse_that_does_not_exist_is_told_with_those_that_do(erp: Erp) -> None:
    async with source(erp, warehouses=("main", "WEST"), codes={"main": "MAIN"}) as adapter:
        with pytest.raises(PortError, match=r"WEST.*EAST.*MAIN"):
            await adapter.collect(now=datetime.now(UTC), cursor="")
