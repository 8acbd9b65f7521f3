"""The channel `http`: any shop with a JSON API that its settings can describe."""

from syncd.adapters.channels.http.channel import ADAPTER, HttpChannel
from syncd.adapters.channels.http.settings import HttpSettings

__all__ = ["ADAPTER", "HttpChannel", "HttpSettings"]
