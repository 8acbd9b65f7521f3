"""MQTT: a broker hears what happened, and may say *look now*.

Topics below the base: `erp/stock` is heard; `bridge/state` (retained), `event/plan`, `event/outage` and
`event/recovery` are published. A broker that is lost or hangs delays nothing but these messages.
"""

from syncd.adapters.events.mqtt.bridge import MqttBridge
from syncd.adapters.events.mqtt.session import Broker, Dial, Message, Session, SessionError

__all__ = ["Broker", "Dial", "Message", "MqttBridge", "Session", "SessionError"]
