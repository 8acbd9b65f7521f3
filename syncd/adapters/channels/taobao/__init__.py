"""The channel `taobao`: shops on Taobao and Tmall, by their open platform TOP."""

from syncd.adapters.channels.taobao.channel import ADAPTER, TaobaoChannel
from syncd.adapters.channels.taobao.settings import TaobaoSettings

__all__ = ["ADAPTER", "TaobaoChannel", "TaobaoSettings"]
