"""The real Tryton has the traps that the source must survive."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.tryton.rig import Erp, tryton
from tests.integration.tryton.wire import wire

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]

_WRONG_LOGINS = 6
_DEADLINE = 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def erp(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Erp]:
    async with tryton(tmp_path_factory.mktemp("tryton")) as running:
        yield running


async def _locked_out(erp: Erp) -> list[int]:
    """Log in wrongly all at once: one after the other, each would be answered up to twice as late."""
    async with wire(erp, logged_in=False) as line:
        answers = await asyncio.gather(*(line.login("wrong") for _ in range(_WRONG_LOGINS)))
    return [answer.status_code for answer in answers]


async def test_without_locations_in_the_context_every_quantity_is_zero(erp: Erp) -> None:
    async with wire(erp) as line:
        assert await line.quantity(erp.plain[0]) == 0.0


async def test_with_locations_in_the_context_the_quantity_is_that_of_the_warehouse(erp: Erp) -> None:
    async with wire(erp) as line:
        told = await line.quantity(erp.plain[0], locations=[await line.location("MAIN")])

    assert told == 21.0


async def test_several_locations_in_the_context_are_summed(erp: Erp) -> None:
    async with wire(erp) as line:
        places = [await line.location(code) for code in erp.warehouses]
        told = await line.quantity(erp.plain[0], locations=places)

    assert told == 27.0


async def test_a_warehouse_without_its_zones_has_nothing(erp: Erp) -> None:
    async with wire(erp) as line:
        told = await line.quantity(erp.plain[0], locations=[await line.location("MAIN")], with_childs=False)

    assert told == 0.0


@pytest.mark.parametrize(
    "model",
    [
        "product.product",
        "stock.move",
        "stock.location",
        "stock.shipment.out",
        "stock.shipment.internal",
        "stock.shipment.in.return",
        "sale.sale",
    ],
)
async def test_the_user_that_syncd_would_be_may_read(erp: Erp, model: str) -> None:
    async with wire(erp) as line:
        assert await line.result(f"model.{model}.search_read", [], 0, 1, None, ["id"], {})


async def test_after_six_wrong_logins_the_right_one_is_too_many(tmp_path: Path) -> None:
    async with tryton(tmp_path) as erp, wire(erp, logged_in=False) as line:
        assert await _locked_out(erp) == [401] * _WRONG_LOGINS
        assert (await line.login(erp.password)).status_code == 429


async def test_a_lock_out_leaves_the_sessions_of_the_user_alone(tmp_path: Path) -> None:
    async with tryton(tmp_path) as erp, wire(erp) as line:
        await _locked_out(erp)

        assert await line.location("MAIN")


async def test_who_keeps_trying_stays_locked_out(tmp_path: Path) -> None:
    lockout = 4
    async with tryton(tmp_path, lockout=lockout) as erp, wire(erp, logged_in=False) as line:
        await _locked_out(erp)
        end = asyncio.get_running_loop().time() + 1.5 * lockout
        seen = set()
        while asyncio.get_running_loop().time() < end:
            seen.add((await line.login(erp.password)).status_code)

    assert seen == {429}


async def test_a_lock_out_ends_for_who_waits(tmp_path: Path) -> None:
    # The end of a session tells the time, without a sleep and without one more login.
    async with tryton(tmp_path, lockout=1, max_age=6) as erp, wire(erp) as line:
        await _locked_out(erp)
        async with asyncio.timeout(_DEADLINE):
            await line.until_refused()

        assert (await line.login(erp.password)).status_code == 200


async def test_an_expired_session_is_a_bare_401(tmp_path: Path) -> None:
    async with tryton(tmp_path, max_age=2) as erp, wire(erp) as line, asyncio.timeout(_DEADLINE):
        refused = await line.until_refused()

    assert (refused.status_code, "error" in refused.text) == (401, False)


async def test_the_clerk_works_on_after_its_session_expired(tmp_path: Path) -> None:
    async with tryton(tmp_path, max_age=5) as erp, wire(erp) as line:
        await erp.sell(erp.plain[0], "MAIN", 1)
        async with asyncio.timeout(_DEADLINE):
            await line.until_refused()

        assert await erp.sell(erp.plain[0], "MAIN", 1)
