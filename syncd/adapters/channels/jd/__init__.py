"""The channel `jd`: shops on JD, by the gateway `routerjson` of its open platform."""

from syncd.adapters.channels.jd.channel import ADAPTER, JdChannel
from syncd.adapters.channels.jd.settings import JdSettings

__all__ = ["ADAPTER", "JdChannel", "JdSettings"]
