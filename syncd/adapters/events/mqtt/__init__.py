"""MQTT: a broker hears what happens and how everything is, and may say *look now*.

Topics below the base: `erp/stock` is heard; `bridge/state`, `shop/NAME/state` and `source/NAME/state` are
published and retained, `event/KIND` is published. A broker that is lost or hangs delays nothing but these.
"""

from syncd.adapters.events.mqtt.bridge import MqttBridge, Read
from syncd.adapters.mqtt import Broker, Dial, Message, Session, SessionError

__all__ = ["Broker", "Dial", "Message", "MqttBridge", "Read", "Session", "SessionError"]
