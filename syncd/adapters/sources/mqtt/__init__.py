"""The source `mqtt`: an ERP or WMS that publishes its figures as they change."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from syncd.adapters.mqtt import Broker, Session
from syncd.adapters.sources.mqtt.settings import MqttSourceSettings
from syncd.adapters.sources.mqtt.source import MqttSource
from syncd.ports.plugin import Adapter
from syncd.ports.source import Source

__all__ = ["ADAPTER", "MqttSource", "MqttSourceSettings"]


def _dial(broker: Broker) -> AbstractAsyncContextManager[Session]:
    # Here, so that nobody loads the library who does not connect.
    from syncd.adapters.mqtt.link import dial  # noqa: PLC0415

    return dial(broker)


@asynccontextmanager
async def _open(settings: MqttSourceSettings, name: str, _http: object) -> AsyncIterator[Source]:
    yield MqttSource(settings, name, _dial)


ADAPTER: Adapter[Source] = Adapter(
    settings=MqttSourceSettings, open=_open, summary="An ERP or WMS that publishes its figures over MQTT."
)
