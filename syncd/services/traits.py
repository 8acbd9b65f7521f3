"""What the domain must know of a channel, from its traits."""

from syncd.domain.model import Action
from syncd.domain.ordering import Deducts
from syncd.domain.plan import ShopTraits
from syncd.ports.channel import ChannelTraits, Counter, Unlists


def deducts(traits: ChannelTraits) -> Deducts:
    """Return when a shop's counters fall: with the shipping where they include open orders.

    Where units are withheld they include unpaid orders only, as what is paid has left them; a platform that
    withholds paid ones too says so of each listing.
    """
    if traits.counter is Counter.GROSS and not traits.withholds:
        return Deducts.SHIPPING
    return Deducts(traits.deducts_at.value)


def shop_traits(traits: ChannelTraits) -> ShopTraits:
    """Return what planning must know of a channel."""
    return ShopTraits(
        # Where no 0 can be written there is no barrier either, and the next cycle must do.
        proves_takes=traits.write_modes[:1] != (Action.SET,) or not traits.zero_allowed,
        can_unlist=traits.can_unlist,
        unlists_items=traits.unlists is Unlists.ITEM,
        gross=traits.counter is Counter.GROSS,
        max_quantity=traits.max_quantity,
    )
