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
