"""A connection to an MQTT broker that is kept: for what happens, and for the figures of a source.

Nobody loads the library by this: `syncd.adapters.mqtt.link` does, once somebody connects.
"""

from syncd.adapters.mqtt.hush import Hush
from syncd.adapters.mqtt.keeping import Keeper, first
from syncd.adapters.mqtt.session import Broker, Dial, Message, Session, SessionError

__all__ = ["Broker", "Dial", "Hush", "Keeper", "Message", "Session", "SessionError", "first"]
