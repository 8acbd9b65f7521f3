"""Those who watch are given what happens, in order, and are told of what they miss."""

import json
from typing import Any

from syncd.adapters.memory import FakeClock
from syncd.console.live import Client, Hub
from syncd.console.live.hub import KEPT, LONGEST_QUEUE

START = 1_772_445_600_000_000
"""The time of the clock in microseconds."""


async def taken(client: Client) -> list[tuple[str, dict[str, Any]]]:
    """Return what waits for a client as (name, data with its id)."""
    found = []
    for frame in (await client.frames()).decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in frame.split("\n"))
        numbered = {"id": int(fields["id"]) - START} if "id" in fields else {}
        found.append((fields["event"], json.loads(fields["data"]) | numbered))
    return found


async def test_who_watches_is_given_what_happens_from_then_on() -> None:
    hub = Hub(FakeClock())
    hub.tell("shop_failing", shop="tmall", error="down")
    with hub.joined() as client:
        hub.tell("shop_recovered", shop="tmall")
        hub.tell("shop_failing", shop="jd", error="down")
        assert await taken(client) == [
            ("shop_recovered", {"at": "2026-03-02T10:00:00+00:00", "shop": "tmall", "id": 2}),
            ("shop_failing", {"at": "2026-03-02T10:00:00+00:00", "shop": "jd", "error": "down", "id": 3}),
        ]


async def test_what_is_not_published_has_no_id() -> None:
    hub = Hub(FakeClock())
    with hub.joined() as client:
        hub.tell("measured", shop="tmall", calls=3)
        hub.tell("never_heard_of", secret="1234")
        hub.tell("started")
        assert [data["id"] for _, data in await taken(client)] == [1]


async def test_who_names_events_is_given_no_others() -> None:
    hub = Hub(FakeClock())
    with hub.joined(["held"]) as client:
        hub.tell("started")
        hub.tell("held", shop="tmall", because="of many")
        assert [name for name, _ in await taken(client)] == ["held"]


async def test_who_comes_back_is_given_what_was_missed() -> None:
    hub = Hub(FakeClock())
    for shop in ("a", "b", "c"):
        hub.tell("shop_recovered", shop=shop)
    with hub.joined(after=START + 1) as client:
        assert [data["shop"] for _, data in await taken(client)] == ["b", "c"]


async def test_who_missed_nothing_is_told_nothing() -> None:
    hub = Hub(FakeClock())
    hub.tell("started")
    with hub.joined(after=START + 1) as client:
        hub.tell("stopped")
        assert [name for name, _ in await taken(client)] == ["stopped"]


async def test_who_was_away_for_too_long_is_told_that_something_is_lost() -> None:
    hub = Hub(FakeClock(), kept=2)
    for shop in ("a", "b", "c", "d"):
        hub.tell("shop_recovered", shop=shop)
    with hub.joined(after=START + 1) as client:
        assert [(name, data.get("shop")) for name, data in await taken(client)] == [
            ("lost", None),
            ("shop_recovered", "c"),
            ("shop_recovered", "d"),
        ]
    with hub.joined(after=START + 2) as client:
        assert [name for name, _ in await taken(client)] == ["shop_recovered"] * 2


async def test_many_changes_do_not_take_the_place_of_other_events() -> None:
    hub = Hub(FakeClock(), kept=5)
    hub.tell("held", shop="a", because="of many")
    for at in range(20):
        hub.tell("drift", shop="a", listing=str(at), sku="A", by=1)
    hub.tell("obeyed", verb="pause", by="cli", answer="")
    with hub.joined(["held", "obeyed"], after=START) as client:
        assert [(name, data["id"]) for name, data in await taken(client)] == [("held", 1), ("obeyed", 22)]


async def test_who_wants_what_is_forgotten_is_told_that_something_is_lost() -> None:
    hub = Hub(FakeClock(), kept=2)
    for at in range(4):
        hub.tell("drift", shop="a", listing=str(at), sku="A", by=1)
    hub.tell("started")
    with hub.joined(["drift", "started"], after=START + 1) as client:
        assert [name for name, _ in await taken(client)] == ["lost", "drift", "drift", "started"]


async def test_an_id_of_an_earlier_life_is_known_for_one() -> None:
    clock = FakeClock()
    before = Hub(clock)
    before.tell("started")
    clock.advance(1)
    hub = Hub(clock)
    with hub.joined(after=START + 1) as client:
        assert [name for name, _ in await taken(client)] == ["lost"]


async def test_an_id_that_is_still_to_come_is_none_of_ours() -> None:
    hub = Hub(FakeClock())
    with hub.joined(after=START + 1) as client:
        assert await taken(client) == [("lost", {"count": None})]


async def test_the_oldest_are_lost_to_one_who_is_slow_and_only_to_that_one() -> None:
    hub = Hub(FakeClock())
    with hub.joined() as slow, hub.joined() as quick:
        for at in range(LONGEST_QUEUE):
            hub.tell("drift", shop="a", listing=str(at), sku="A", by=1)
        assert len(await taken(quick)) == LONGEST_QUEUE
        for at in range(3):
            hub.tell("drift", shop="a", listing=f"more {at}", sku="A", by=1)
        first, second, *_, last = await taken(slow)
        assert (first, second[1]["listing"], last[1]["listing"]) == (("lost", {"count": 3}), "3", "more 2")
        assert [name for name, _ in await taken(quick)] == ["drift"] * 3


async def test_what_was_lost_is_said_once() -> None:
    hub = Hub(FakeClock())
    with hub.joined(after=START - 5) as client:
        await taken(client)
        hub.tell("started")
        assert [name for name, _ in await taken(client)] == ["started"]


async def test_no_more_is_kept_than_for_a_short_while() -> None:
    hub = Hub(FakeClock())
    for _ in range(KEPT + 5):
        hub.tell("started")
    with hub.joined(after=START) as client:
        # The queue is shorter than what is kept, and says so.
        assert len(await taken(client)) == LONGEST_QUEUE + 1


async def test_half_a_character_does_not_break_the_stream() -> None:
    hub = Hub(FakeClock())
    with hub.joined() as client:
        hub.tell("shop_failing", shop="a", error="\ud83d is half")
        assert [data["error"] for _, data in await taken(client)] == ["? is half"]


def test_who_leaves_makes_room() -> None:
    hub = Hub(FakeClock(), most_clients=1)
    with hub.joined():
        assert (hub.clients, hub.has_room) == (1, False)
    assert (hub.clients, hub.has_room) == (0, True)
