"""The channel `pdd`: shops on Pinduoduo, by its open platform."""

from syncd.adapters.channels.pdd.channel import ADAPTER, PddChannel
from syncd.adapters.channels.pdd.settings import PddSettings

__all__ = ["ADAPTER", "PddChannel", "PddSettings"]
