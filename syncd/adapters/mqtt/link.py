"""The connection to a real broker, by MQTT 3.1.1."""

import asyncio
import logging
import math
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiomqtt

from syncd.adapters.mqtt.session import Broker, Message, SessionError

_QOS = 1
_ANSWER_WITHIN = 5.0
_CONNECT_WITHIN = 2.0
"""A thread connects and nothing can stop it, so that this is what it may cost the end of the program."""

_ABANDON_WITHIN = 0.5
_STEP = 0.05
_KEEPALIVE = 20
_ROUNDS = 20
_REFUSED_LOGIN = frozenset({4, 5, 134, 135})
"""Bad user or password, and not authorised: as MQTT 3.1.1 says it, and as the library does."""

_REFUSED_SUBSCRIPTION = 128

_abandoned: set[asyncio.Task[None]] = set()
"""Connects that nobody waits for any more; the loop alone would forget them half-way."""


@asynccontextmanager
async def dial(broker: Broker) -> AsyncIterator["_Link"]:
    """Yield a connection to `broker`; a block that ends with an error lets the last will speak.

    Raises:
        SessionError: it cannot be reached, refuses us, or is lost.
    """
    client = _client(broker)
    resumed = _resumption(client)
    await _entered(client, broker)
    try:
        yield _Link(client, broker, is_resumed=resumed())
    except BaseException:
        await _cut(client)
        raise
    await _part(client)


class _Link:
    """A `Session` over aiomqtt."""

    def __init__(self, client: aiomqtt.Client, broker: Broker, *, is_resumed: bool) -> None:
        self._client = client
        self._broker = broker
        self._is_resumed = is_resumed

    @property
    def is_resumed(self) -> bool:
        """Return whether the broker remembers us."""
        return self._is_resumed

    async def subscribe(self, topic: str) -> None:
        """Return once the broker has promised to send what comes on `topic`."""
        async with _answering():
            codes = await self._client.subscribe(topic, qos=_QOS, timeout=math.inf)
        if any(_number(code) >= _REFUSED_SUBSCRIPTION for code in codes):
            raise SessionError(
                f"the broker does not let us read {topic}",
                refused=True,
                hint=f"allow it for {self._broker.table}.user in the broker's access list",
            )

    async def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Return once the broker has taken the message."""
        async with _answering():
            await self._client.publish(topic, payload, qos=_QOS, retain=retain, timeout=math.inf)

    async def messages(self) -> AsyncIterator[Message]:
        """Yield what comes, without an end."""
        try:
            async for message in self._client.messages:
                yield Message(
                    topic=message.topic.value,
                    payload=_bytes(message.payload),
                    retained=message.retain,
                    number=message.mid,
                )
        except aiomqtt.MqttError as error:
            raise SessionError(_words(error)) from None

    def have(self, message: Message) -> None:
        """Say that we have a message; a broker that was lost meanwhile sends it again."""
        plain = self._client._client  # noqa: SLF001 - aiomqtt does not offer it
        # Without a number it was sent with QoS 0: nobody waits for our word.
        if message.number and plain.socket() is not None:
            plain.ack(message.number, _QOS)


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    """Give the broker its time to answer, instead of aiomqtt.

    That one uses `asyncio.wait_for`, which before Python 3.12 forgets a cancellation that comes together with
    the answer: who ends a session would wait for its end for ever.
    """
    try:
        async with asyncio.timeout(_ANSWER_WITHIN):
            yield
    except TimeoutError:
        raise SessionError(f"the broker did not answer within {_ANSWER_WITHIN:g} s") from None
    except aiomqtt.MqttError as error:
        raise SessionError(_words(error)) from None


def _client(broker: Broker) -> aiomqtt.Client:
    client = aiomqtt.Client(
        broker.host,
        broker.port,
        identifier=broker.client_id or None,
        username=broker.user,
        password=broker.password,
        protocol=aiomqtt.ProtocolVersion.V311,
        # Of looks nothing is kept for us: what was said meanwhile is answered by a whole one.
        clean_session=not broker.queues,
        will=None if broker.queues or broker.silent else _will(broker),
        keepalive=_KEEPALIVE,
        timeout=_ANSWER_WITHIN,
        tls_context=_tls(broker) if broker.tls else None,
        logger=_silent(),
    )
    client._client.connect_timeout = _CONNECT_WITHIN  # noqa: SLF001 - aiomqtt has no setting for it
    client._client.manual_ack_set(broker.queues)  # noqa: SLF001 - nor for this
    return client


def _will(broker: Broker) -> aiomqtt.Will:
    return aiomqtt.Will(broker.state_topic, b"offline", qos=_QOS, retain=True)


def _resumption(client: aiomqtt.Client) -> Callable[[], bool]:
    """Return what tells, once connected, whether the broker remembers us; aiomqtt keeps it to itself."""
    plain = client._client  # noqa: SLF001
    on_connect, present = plain.on_connect, [False]

    def noted(*words: Any) -> None:  # noqa: ANN401 - the signature is the library's
        present[0] = bool(words[2].session_present)
        if on_connect is not None:
            on_connect(*words)

    plain.on_connect = noted
    return lambda: present[0]


def _tls(broker: Broker) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=broker.ca)
    except OSError as error:
        raise _unusable(error, f"{broker.table}.ca", broker.ca, "no certificate in it") from None
    if broker.cert is not None:
        try:
            # A key with a password would be asked for on the terminal, where nobody sits.
            context.load_cert_chain(broker.cert, broker.key, password=_no_password)
        except (OSError, ValueError) as error:
            what = "no certificate and key that belong together"
            raise _unusable(error, f"{broker.table}.cert", broker.cert, what) from None
    context.sslsocket_class = _ClosingSocket
    return context


def _unusable(error: Exception, key: str, file: Path | None, otherwise: str) -> SessionError:
    no_ssl = isinstance(error, OSError) and not isinstance(error, ssl.SSLError)
    reason = (error.strerror if no_ssl and isinstance(error, OSError) else "") or otherwise
    return SessionError(
        f"{key}: {file} cannot be used: {reason}",
        refused=True,
        hint="name a PEM file that the user who runs syncd may read",
    )


def _no_password() -> str:
    raise ValueError("the key has a password")


class _ClosingSocket(ssl.SSLSocket):
    """Closes itself where the two cannot agree; the library forgets it then."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the signature is ssl's
        """Agree on a key, or raise and be closed."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def _silent() -> logging.Logger:
    """Return a logger that writes nothing: what fares well or ill is told as an event, once."""
    logger = logging.getLogger("syncd.mqtt")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger


# --- coming and going --------------------------------------------------------------------------------------


async def _entered(client: aiomqtt.Client, broker: Broker) -> None:
    """Return once connected; whatever happens instead, nothing stays open."""
    entering = asyncio.create_task(_enter(client))
    try:
        await asyncio.shield(entering)
    except UnicodeError:
        raise SessionError(
            f"{broker.table}.host: {broker.host} is no name of a host",
            refused=True,
            hint="correct it, then reload syncd",
        ) from None
    except aiomqtt.MqttError as error:
        await _cut(client)
        raise _refusal(error, broker) from None
    except asyncio.CancelledError:
        await _abandon(client, entering)
        raise


async def _enter(client: aiomqtt.Client) -> None:
    await client.__aenter__()


async def _abandon(client: aiomqtt.Client, entering: asyncio.Task[None]) -> None:
    """Close a connection that is only just made; one that still hangs is closed later."""
    late = asyncio.create_task(_cut_late(client, entering))
    _abandoned.add(late)
    late.add_done_callback(_abandoned.discard)
    await asyncio.wait({late}, timeout=_ABANDON_WITHIN)


async def _cut_late(client: aiomqtt.Client, entering: asyncio.Task[None]) -> None:
    """Cut once the thread has connected or failed: nothing may stay behind that keeps our name."""
    while client._client.socket() is None and not entering.done():  # noqa: SLF001 - aiomqtt does not show it
        await asyncio.wait({entering}, timeout=_STEP)
    # The thread shows its socket a moment before it is through with it.
    await asyncio.wait({entering}, timeout=_STEP)
    entering.cancel()
    await asyncio.wait({entering})
    if not entering.cancelled():
        entering.exception()  # unseen, it would be written to stderr
    await _cut(client)


async def _part(client: aiomqtt.Client) -> None:
    """Say good-bye to the broker, which then keeps our last will to itself; no answer is waited for."""
    client._client.disconnect()  # noqa: SLF001 - aiomqtt would wait for it
    await _until_closed(client)


async def _cut(client: aiomqtt.Client) -> None:
    """Close the connection without a word; aiomqtt leaves one open that got no answer."""
    plain = client._client.socket()  # noqa: SLF001 - aiomqtt does not show it
    if isinstance(plain, socket.socket):
        with suppress(OSError):
            plain.shutdown(socket.SHUT_RDWR)
    await _until_closed(client)


async def _until_closed(client: aiomqtt.Client) -> None:
    """Let the loop read or write the end; both are ready at once unless the broker takes nothing more."""
    for _ in range(_ROUNDS):
        if client._client.socket() is None:  # noqa: SLF001 - aiomqtt does not show it
            break
        await asyncio.sleep(0)
    else:
        client._client._sock_close()  # noqa: SLF001 - nothing public closes what cannot be written
    if client._disconnected.done():  # noqa: SLF001 - unseen, it would be written to stderr
        client._disconnected.exception()  # noqa: SLF001


# --- words -------------------------------------------------------------------------------------------------


def _refusal(error: aiomqtt.MqttError, broker: Broker) -> SessionError:
    if isinstance(error, aiomqtt.MqttCodeError) and _number(error.rc) in _REFUSED_LOGIN:
        who = f"user {broker.user}" if broker.user else "us without a user"
        return SessionError(
            f"the broker refuses {who}",
            refused=True,
            hint=f"correct {broker.table}.user and {broker.table}.password, then reload syncd",
        )
    return SessionError(_words(error))


def _words(error: aiomqtt.MqttError) -> str:
    return " ".join(str(error).split()) or "the connection was lost"


def _number(code: object) -> int:
    """Return a reason as a number, -1 where there is none."""
    value = getattr(code, "value", code)
    return value if isinstance(value, int) else -1


def _bytes(payload: object) -> bytes:
    return payload if isinstance(payload, bytes) else str(payload).encode()
