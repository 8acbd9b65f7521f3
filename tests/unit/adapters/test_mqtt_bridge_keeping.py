"""The bridge: what the broker keeps of how everything is, and the events that people automate on."""

import asyncio
import json

import pytest

from syncd.adapters.events.mqtt import SessionError
from syncd.adapters.events.mqtt.bridge import AT_LEAST, CALM
from syncd.errors import StateError
from tests.unit.adapters.mqtt_desk import Desk

LOST = SessionError("refused by nobody")


# --- how everything is -------------------------------------------------------------------------------------


class Board:
    """What there is to read, and how often it was read."""

    def __init__(self, desk: Desk) -> None:
        self.documents: dict[str, dict[str, object] | None] = {"shop/a/state": {"error": ""}}
        self.readings = 0
        desk.bridge.read_by(self.read)

    async def read(self) -> dict[str, dict[str, object] | None]:
        self.readings += 1
        return self.documents


async def test_how_everything_is_is_kept_by_the_broker_once_it_is_there() -> None:
    desk = Desk()
    Board(desk)
    async with desk.running():
        assert await desk.takes("s/shop/a/state") == [b'{"error": ""}']

    assert ("s/shop/a/state", b'{"error": ""}', True) in desk.taken


async def test_after_a_loss_it_is_told_again_though_nothing_changed() -> None:
    desk = Desk()
    Board(desk)
    async with desk.running():
        await desk.takes("s/shop/a/state")
        desk.drop()
        await desk.online_again()
        assert len(await desk.takes("s/shop/a/state", 2)) == 2


async def test_it_is_read_again_when_something_happens_but_not_at_once() -> None:
    desk = Desk()
    board = Board(desk)
    async with desk.running():
        await desk.takes("s/shop/a/state")
        await desk.clock.until_asleep()
        for _ in range(100):
            desk.bridge.tell("pushed", shop="a")
        board.documents = {"shop/a/state": None}
        await asyncio.sleep(0)
        early = board.readings
        desk.clock.advance(CALM)
        await desk.takes("s/shop/a/state", 2)

    assert (early, board.readings, desk.taken[-2][:2]) == (1, 2, ("s/shop/a/state", b""))


async def test_it_is_read_now_and_then_though_nothing_happens() -> None:
    desk = Desk()
    board = Board(desk)
    async with desk.running():
        await desk.takes("s/shop/a/state")
        for seconds in (CALM, AT_LEAST):
            await desk.clock.until_asleep()
            desk.clock.advance(seconds)
        await desk.clock.until_asleep()

    assert board.readings == 2


async def test_without_a_broker_nobody_reads_the_state() -> None:
    desk = Desk()
    board = Board(desk)
    desk.failures = [LOST] * 3
    async with desk.running():
        await desk.clock.until_asleep()
        desk.bridge.tell("pushed", shop="a")
        await asyncio.sleep(0)

    assert board.readings == 0


async def test_a_state_that_cannot_be_read_ends_nothing() -> None:
    desk = Desk()

    async def fail() -> dict[str, None]:
        raise StateError("locked")

    desk.bridge.read_by(fail)
    async with desk.running() as task:
        await desk.online()
        await desk.clock.until_asleep()
        desk.bridge.tell("planned", digest="abc")
        await desk.events("plan")

        assert not task.done()


# --- what people automate on -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "facts", "kind"),
    [
        ("changed", {"kind": "off"}, "delisted"),
        ("changed", {"kind": "relist"}, "relisted"),
        ("held", {}, "held"),
        ("low_stock", {"units": 2}, "low_stock"),
        ("low_stock_over", {}, "low_stock"),
        ("oversold", {"units": 2}, "oversold"),
        ("drift", {}, "drift"),
        ("tokens_expiring", {}, "tokens"),
        ("stock_missing", {}, "stock"),
        ("obeyed", {"verb": "pause"}, "operator"),
    ],
)
async def test_what_people_automate_on_is_published(name: str, facts: dict[str, object], kind: str) -> None:
    desk = Desk()
    async with desk.running():
        desk.bridge.tell(name, **facts)

        assert (await desk.events(kind))[0]["event"] == name


async def test_an_alert_is_published_as_it_is() -> None:
    desk = Desk()
    async with desk.running():
        desk.bridge.tell("alert", kind="low_stock", open=True, facts={"units": 3}, until=None)
        (text,) = await desk.takes("s/alert/low_stock")

    assert json.loads(text) == {"kind": "low_stock", "open": True, "facts": {"units": 3}, "until": None}


async def test_the_kind_of_an_alert_leads_to_no_other_topic() -> None:
    desk = Desk()
    async with desk.running():
        desk.bridge.tell("alert", kind="../bridge/state#")

        assert await desk.takes("s/alert/other")
