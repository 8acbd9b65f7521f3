"""The queue before the broker: bounded, oldest dropped, nothing lost that was not counted."""

import asyncio

from syncd.adapters.events.mqtt.outbox import Letter, Outbox


def letters(count: int) -> list[Letter]:
    return [Letter("t", str(number).encode()) for number in range(count)]


def filled(count: int, limit: int) -> Outbox:
    outbox = Outbox(limit)
    for letter in letters(count):
        outbox.put(letter)
    return outbox


async def test_the_oldest_comes_first_and_stays_until_it_is_sent() -> None:
    outbox = filled(2, limit=5)

    assert [(await outbox.first()).payload for _ in range(2)] == [b"0", b"0"]


async def test_what_is_sent_makes_room_for_the_next() -> None:
    outbox = filled(2, limit=5)
    outbox.sent(await outbox.first())

    assert (await outbox.first()).payload == b"1"


async def test_one_too_many_drops_the_oldest() -> None:
    outbox = filled(4, limit=3)

    assert ((await outbox.first()).payload, len(outbox), outbox.take_lost()) == (b"1", 3, 1)


async def test_a_letter_that_was_dropped_while_it_was_sent_takes_no_other_with_it() -> None:
    outbox = filled(1, limit=1)
    letter = await outbox.first()
    outbox.put(Letter("t", b"newer"))
    outbox.sent(letter)

    assert (await outbox.first()).payload == b"newer"


async def test_two_letters_that_say_the_same_are_two() -> None:
    outbox = Outbox(1)
    outbox.put(Letter("t", b"same"))
    letter = await outbox.first()
    outbox.put(Letter("t", b"same"))
    outbox.sent(letter)

    assert len(outbox) == 1


async def test_what_was_lost_is_told_once() -> None:
    outbox = filled(4, limit=3)

    assert (outbox.take_lost(), outbox.take_lost()) == (1, 0)


async def test_who_waits_for_a_letter_gets_it() -> None:
    outbox = Outbox()
    waiting = asyncio.create_task(outbox.first())
    await asyncio.sleep(0)
    outbox.put(Letter("t", b"late"))

    assert (await waiting).payload == b"late"


# --- what the broker keeps ---------------------------------------------------------------------------------


def kept(topic: str, text: str) -> Letter:
    return Letter(topic, text.encode(), retain=True)


async def drained(outbox: Outbox) -> list[Letter]:
    """Send everything."""
    sent = []
    while len(outbox):
        sent.append(await outbox.first())
        outbox.sent(sent[-1])
    return sent


async def test_of_what_is_retained_only_the_newest_of_a_topic_is_sent() -> None:
    outbox = Outbox()
    for letter in (kept("a", "1"), kept("b", "2"), kept("a", "3")):
        outbox.put(letter)

    assert await drained(outbox) == [kept("a", "3"), kept("b", "2")]


async def test_what_is_retained_takes_no_place_of_events() -> None:
    outbox = filled(3, limit=3)
    outbox.put(kept("a", "1"))

    assert (len(outbox), outbox.take_lost()) == (4, 0)


async def test_the_same_again_is_not_sent() -> None:
    outbox = Outbox()
    outbox.put(kept("a", "1"))
    await drained(outbox)
    outbox.put(kept("a", "1"))

    assert len(outbox) == 0


async def test_all_that_is_retained_is_sent_again_when_it_is_asked_for() -> None:
    outbox = Outbox()
    for letter in (kept("a", "1"), kept("b", "2"), Letter("t", b"event")):
        outbox.put(letter)
    await drained(outbox)
    outbox.again()

    assert await drained(outbox) == [kept("a", "1"), kept("b", "2")]


async def test_what_is_forgotten_is_told_once() -> None:
    outbox = Outbox()
    outbox.put(kept("a", "1"))
    outbox.put(kept("a", ""))
    told = await drained(outbox)
    outbox.again()

    assert (told, len(outbox)) == ([kept("a", "")], 0)


async def test_a_newer_one_that_came_while_it_was_sent_stays() -> None:
    outbox = Outbox()
    outbox.put(kept("a", "1"))
    letter = await outbox.first()
    outbox.put(kept("a", "2"))
    outbox.sent(letter)

    assert await drained(outbox) == [kept("a", "2")]
