"""The channel `douyin`: shops on Douyin (抖店), by their open platform."""

from syncd.adapters.channels.douyin.channel import ADAPTER, DouyinChannel
from syncd.adapters.channels.douyin.settings import Calls, DouyinSettings

__all__ = ["ADAPTER", "Calls", "DouyinChannel", "DouyinSettings"]
