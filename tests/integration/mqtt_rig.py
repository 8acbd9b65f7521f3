"""Real brokers as processes on loopback, a client beside syncd, and a bridge to hold against them."""

import asyncio
import json
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import aiomqtt

from syncd.adapters.clock import SystemClock
from syncd.adapters.events.mqtt import Broker, MqttBridge
from syncd.adapters.mqtt.link import dial
from syncd.domain.look import Look
from syncd.domain.model import Sku

PATIENCE = 60.0
USER, PASSWORD = "syncd", "planted-password-of-the-broker"
BASE = "shop/one"

_AMQTT = """
import asyncio, logging, sys
from amqtt.broker import Broker
from pwdlib.hashers.argon2 import Argon2Hasher

async def main(port, user, password, file, readable):
    with open(file, "w") as out:
        out.write(user + ":" + Argon2Hasher().hash(password) + "\\n")
    plugins = {"amqtt.plugins.authentication.FileAuthPlugin": {"password_file": file}}
    if readable:
        rights = {"acl": {user: [readable]}}
        plugins["amqtt.plugins.topic_checking.TopicAccessControlListPlugin"] = rights
    listeners = {"default": {"type": "tcp", "bind": "127.0.0.1:" + port, "max_connections": 50}}
    broker = Broker({"listeners": listeners, "plugins": plugins})
    await broker.start()
    print("running", file=sys.stderr, flush=True)
    await asyncio.Event().wait()

logging.basicConfig(level=logging.CRITICAL)
asyncio.run(main(*sys.argv[1:]))
"""


def free_port() -> int:
    with socket.socket() as plain:
        plain.bind(("127.0.0.1", 0))
        port: int = plain.getsockname()[1]
    return port


def mosquitto() -> str | None:
    """Return where mosquitto is; Debian keeps it out of the path of ordinary users."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


BROKERS: Sequence[str] = [name for name, there in (("mosquitto", mosquitto()), ("amqtt", True)) if there]


@dataclass(slots=True, kw_only=True)
class BrokerUnit:
    """A broker that asks for `USER` and `PASSWORD`; it can be killed and started again on its port.

    `readable` is the only filter that may be subscribed to; amqtt says so, mosquitto keeps it to itself. One
    that `keeps` (mosquitto alone can) has all sessions and messages after a restart, too; one that
    `asks_who` wants a certificate of its clients.
    """

    folder: Path
    kind: str
    port: int
    tls: bool = False
    readable: str = ""
    keeps: bool = False
    asks_who: bool = False
    _program: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        assert self._program is None
        words = self._mosquitto() if self.kind == "mosquitto" else self._amqtt()
        self._program = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        await self._running()

    async def kill(self) -> None:
        """End it without a word to its clients."""
        if self._program is None:
            return
        program, self._program = self._program, None
        if program.returncode is None:
            program.send_signal(signal.SIGKILL)
        await program.communicate()

    async def restart(self) -> None:
        """End it and start it again on its port; one that keeps what it has writes that down before."""
        assert self._program is not None
        self._program.terminate()
        async with asyncio.timeout(PATIENCE):
            await self._program.wait()
        await self.kill()
        await self.start()

    def hang(self) -> None:
        """Let it take no more steps; its connections stay."""
        assert self._program is not None
        self._program.send_signal(signal.SIGSTOP)

    async def _running(self) -> None:
        assert self._program is not None
        assert self._program.stderr is not None
        heard = b""
        async with asyncio.timeout(PATIENCE):
            while b"running" not in heard:
                line = await self._program.stderr.readline()
                assert line, f"the broker ended: {heard.decode()}"
                heard += line

    def _amqtt(self) -> list[str]:
        words = (str(self.port), USER, PASSWORD, str(self.folder / "hashes"), self.readable)
        return [sys.executable, "-c", _AMQTT, *words]

    def _mosquitto(self) -> list[str]:
        program = mosquitto()
        assert program is not None
        (self.folder / "mosquitto.conf").write_text(
            f"listener {self.port} 127.0.0.1\n"
            f"password_file {self.folder / 'passwords'}\n"
            "user root\n"  # else, started by root, it may not read the test's folder
            "log_dest stderr\n"
            + (self._certificates() if self.tls else "")
            + (self._persistence() if self.keeps else ""),
            "utf-8",
        )
        return [program, "-c", str(self.folder / "mosquitto.conf")]

    def _certificates(self) -> str:
        files = f"certfile {self.folder / 'cert.pem'}\nkeyfile {self.folder / 'key.pem'}\n"
        wanted = f"cafile {self.folder / 'cert.pem'}\nrequire_certificate true\n"
        return files + (wanted if self.asks_who else "")

    def _persistence(self) -> str:
        return f"persistence true\npersistence_location {self.folder}/\n"


async def _command(*words: str) -> None:
    program = await asyncio.create_subprocess_exec(*words, stderr=asyncio.subprocess.PIPE)
    _, err = await program.communicate()
    assert program.returncode == 0, err.decode()


async def certificate(folder: Path) -> Path:
    """Make a certificate for 127.0.0.1 that vouches for itself; return its file."""
    await _command(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-days", "2"),
        *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
    )
    return folder / "cert.pem"


@asynccontextmanager
async def broker_unit(
    folder: Path,
    kind: str,
    **other: Any,  # noqa: ANN401 - the fields of BrokerUnit
) -> AsyncIterator[BrokerUnit]:
    """Yield a running broker; it is killed with the block."""
    if kind == "mosquitto":
        await _command("mosquitto_passwd", "-c", "-b", str(folder / "passwords"), USER, PASSWORD)
    unit = BrokerUnit(folder=folder, kind=kind, port=free_port(), **other)
    try:
        await unit.start()
        yield unit
    finally:
        await unit.kill()


@asynccontextmanager
async def silent_broker() -> AsyncIterator[int]:
    """Yield the port of one who accepts every connection and never says a word."""
    writers: list[asyncio.StreamWriter] = []

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()


@asynccontextmanager
async def deaf_broker() -> AsyncIterator[int]:
    """Yield the port of one whose queue is full, so that a connect is neither accepted nor refused."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


# --- beside syncd ------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Ear:
    """Another client of the broker: hears all below the base, and can say something."""

    client: aiomqtt.Client
    base: str
    heard: list[tuple[str, bytes, bool]] = field(default_factory=list)

    async def hear(self, topic: str) -> bytes:
        """Return the next message on `topic` below the base."""
        async with asyncio.timeout(PATIENCE):
            async for message in self.client.messages:
                assert isinstance(message.payload, bytes)
                name = str(message.topic).removeprefix(f"{self.base}/")
                self.heard.append((name, message.payload, message.retain))
                if name == topic:
                    return message.payload
        raise AssertionError

    async def hear_event(self, kind: str) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(await self.hear(f"event/{kind}"))

    async def hear_state(self, state: bytes) -> None:
        """Return once the state is `state`; the broker may tell an older one first."""
        while await self.hear("bridge/state") != state:
            pass

    async def look(self, payload: bytes = b"", *, retain: bool = False) -> None:
        await self.client.publish(f"{self.base}/erp/stock", payload, qos=1, retain=retain)


@asynccontextmanager
async def ear(port: int, base: str = BASE) -> AsyncIterator[Ear]:
    """Yield a client that hears everything below the base."""
    async with aiomqtt.Client(
        "127.0.0.1", port, username=USER, password=PASSWORD, protocol=aiomqtt.ProtocolVersion.V311
    ) as client:
        await client.subscribe(f"{base}/#", qos=1)
        yield Ear(client=client, base=base)


# --- a bridge inside the test ------------------------------------------------------------------------------


class Told:
    """A listener that can be waited for."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, object]]] = []
        self._more = asyncio.Event()

    def tell(self, name: str, /, **facts: object) -> None:
        self.events.append((name, facts))
        self._more.set()

    def names(self) -> list[str]:
        return [name for name, _ in self.events]

    async def told(self, name: str, times: int = 1) -> dict[str, object]:
        """Return the facts of an event once it was told so often."""
        async with asyncio.timeout(PATIENCE):
            while self.names().count(name) < times:
                self._more.clear()
                await self._more.wait()
        return [facts for each, facts in self.events if each == name][times - 1]


@dataclass(slots=True, kw_only=True)
class Side:
    """A bridge that runs, what it told, and whom it rang for."""

    bridge: MqttBridge
    told: Told
    rings: "asyncio.Queue[Look]"
    leave: asyncio.Event
    running: "asyncio.Task[None]"

    async def rung(self) -> frozenset[Sku]:
        async with asyncio.timeout(PATIENCE):
            return (await self.rings.get()).skus

    async def left(self) -> None:
        """Stop it and return when it has stopped."""
        self.leave.set()
        async with asyncio.timeout(PATIENCE):
            await self.running


def where(port: int, **other: Any) -> Broker:  # noqa: ANN401 - the fields of Broker
    plain = Broker(
        host="127.0.0.1", port=port, client_id="syncd-test", base=BASE, user=USER, password=PASSWORD
    )
    return replace(plain, **other)


@asynccontextmanager
async def side(broker: Broker) -> AsyncIterator[Side]:
    """Yield a bridge to `broker` that runs until the block ends."""
    told, leave = Told(), asyncio.Event()
    rings: asyncio.Queue[Look] = asyncio.Queue()
    bridge = MqttBridge(
        broker, dial, ring=rings.put_nowait, events=told, clock=SystemClock(), jitter=lambda: 0.0
    )
    async with AsyncExitStack() as stack:
        running = asyncio.create_task(bridge.run(leave))
        stack.push_async_callback(_ended, running, leave)
        yield Side(bridge=bridge, told=told, rings=rings, leave=leave, running=running)


async def _ended(running: "asyncio.Task[None]", leave: asyncio.Event) -> None:
    leave.set()
    await asyncio.wait({running})
