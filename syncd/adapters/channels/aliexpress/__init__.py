"""The channel `aliexpress`: shops on AliExpress, by their open platform IOP."""

from syncd.adapters.channels.aliexpress.channel import ADAPTER, AliexpressChannel
from syncd.adapters.channels.aliexpress.settings import AliexpressSettings

__all__ = ["ADAPTER", "AliexpressChannel", "AliexpressSettings"]
