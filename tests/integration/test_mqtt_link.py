"""One connection, held against a broker inside the test that answers when the test can see it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from syncd.adapters.mqtt import Session
from syncd.adapters.mqtt.link import dial
from tests.integration.mqtt_rig import PATIENCE, where

CONNECT, PUBLISH, SUBSCRIBE = 1, 3, 8
ROUNDS = 25
"""Rounds of the loop in which every answer has long arrived."""


class AnsweringBroker:
    """Accepts whoever connects, and takes every message and subscription."""

    def __init__(self) -> None:
        self.answered = asyncio.Event()
        self.gone = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()
        self.gone.set()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            # All that is said here is short, so that its length is one byte.
            head = await reader.readexactly(2)
            body = await reader.readexactly(head[1])
            if head[0] >> 4 == CONNECT:
                writer.write(b"\x20\x02\x00\x00")
            elif head[0] >> 4 == SUBSCRIBE:
                writer.write(b"\x90\x03" + body[:2] + b"\x01")
                self.answered.set()
            elif head[0] >> 4 == PUBLISH:
                after_topic = 2 + int.from_bytes(body[:2], "big")
                writer.write(b"\x40\x02" + body[after_topic : after_topic + 2])
                self.answered.set()


@asynccontextmanager
async def answering() -> AsyncIterator[tuple[AnsweringBroker, Session]]:
    """Yield a broker and a session with it."""
    broker = AnsweringBroker()
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
    async with server:
        async with dial(where(server.sockets[0].getsockname()[1])) as session:
            yield broker, session
        await broker.gone.wait()


async def say(session: Session) -> None:
    await session.publish("topic", b"word")


async def hear(session: Session) -> None:
    await session.subscribe("topic")


@pytest.mark.parametrize("ask", [say, hear])
async def test_who_gives_up_as_the_answer_comes_is_let_go(ask: Callable[[Session], Awaitable[None]]) -> None:
    """Python 3.11 forgets a cancellation in one of these rounds; a stop then waited for ever."""
    gave_up: list[bool] = []
    async with asyncio.timeout(PATIENCE), answering() as (broker, session):
        for rounds in range(ROUNDS):
            broker.answered.clear()
            asking = asyncio.ensure_future(ask(session))
            await broker.answered.wait()
            for _ in range(rounds):
                await asyncio.sleep(0)
            gave_up.append(asking.cancel())
            await asyncio.wait({asking})

            assert asking.cancelled() == gave_up[-1]

    assert set(gave_up) == {True, False}
