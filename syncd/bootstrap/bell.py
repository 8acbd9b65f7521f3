"""Who may ring for a look before its time: a broker, hooks, and the sources that are told their figures."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from syncd.adapters.events.mqtt import Broker, MqttBridge, Session
from syncd.config.configuration import Configuration
from syncd.config.mqtt import MqttTable
from syncd.domain.model import SourceName
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.listening import Ears, Listening
from syncd.ports.source import Source
from syncd.ports.store import Store
from syncd.runtime.companions import Companion
from syncd.runtime.haste import Haste
from syncd.runtime.wake import Ear, Wake
from syncd.services.board import Board
from syncd.services.feeds import NamedOrders


@dataclass(frozen=True, slots=True, kw_only=True)
class Bell:
    """Whom somebody outside can wake, and who listens to them; only the daemon does."""

    wake: Wake
    haste: Haste
    ear: Ear
    listeners: tuple[Companion, ...] = ()

    async def listen(self, leave: asyncio.Event) -> None:
        """Run all who listen until `leave` is set."""
        async with asyncio.TaskGroup() as group:
            for listener in self.listeners:
                group.create_task(listener(leave))

    def joined_by(self, sources: Mapping[SourceName, Source], events: Events, clock: Clock) -> "Bell | None":
        """Return the bell with those of the sources that are told their figures; None if nobody listens."""
        ears = Ears(ring=self.ear.hear, events=events, clock=clock)
        listening = [source for source in sources.values() if isinstance(source, Listening)]
        listeners = (*self.listeners, *(_listener(source, ears) for source in listening))
        return replace(self, listeners=listeners) if listeners else None


def _listener(source: Listening, ears: Ears) -> Companion:
    return lambda leave: source.listen(ears, leave)


def make_bell(configuration: Configuration, named: NamedOrders, clock: Clock) -> Bell:
    """Return a bell that nobody rings yet; `named` keeps the orders that are pointed at."""
    wake, haste = Wake(clock), Haste()
    ear = Ear(wake=wake, haste=haste, named=named, shops=configuration.shops)
    is_hooked = any(shop.core.hook is not None for shop in configuration.shops.values())
    # Hooks are heard at the console's door; the daemon only has to know that somebody may ring.
    return Bell(wake=wake, haste=haste, ear=ear, listeners=(_stay,) if is_hooked else ())


async def _stay(leave: asyncio.Event) -> None:
    await leave.wait()


def open_bridge(
    configuration: Configuration, bell: Bell, store: Store, events: Events, clock: Clock
) -> tuple[Bell, tuple[Events, ...]]:
    """Return the bell with a broker that rings it, and who has to hear all events for that.

    Where no broker is configured all stays as it is. Nothing is connected yet.
    """
    mqtt = configuration.settings.mqtt
    if not mqtt.host:
        return bell, ()
    bridge = MqttBridge(broker_of(mqtt), _dial, ring=bell.ear.hear, events=events, clock=clock)
    board = Board(store, clock, shops=configuration.shops, sources=configuration.sources)
    bridge.read_by(board.documents)
    return replace(bell, listeners=(*bell.listeners, bridge.run)), (board, bridge)


def broker_of(mqtt: MqttTable) -> Broker:
    """Return where the broker of `[mqtt]` is."""
    return Broker(
        host=mqtt.host,
        port=mqtt.true_port,
        client_id=mqtt.true_client_id,
        base=mqtt.base,
        tls=mqtt.tls,
        ca=mqtt.ca,
        cert=mqtt.cert,
        key=mqtt.key,
        user=mqtt.user,
        password=mqtt.password.get_secret_value() if mqtt.password else None,
    )


def _dial(broker: Broker) -> AbstractAsyncContextManager[Session]:
    # Here, so that nobody loads the library who does not connect.
    from syncd.adapters.mqtt.link import dial  # noqa: PLC0415

    return dial(broker)
