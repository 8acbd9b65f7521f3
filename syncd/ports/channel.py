"""A shop as syncd sees it: counters that can be read and written."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from syncd.domain.model import Action, ListingId, ObservedListing, Outcome, Write
from syncd.domain.ordering.rules import Restores


class Counter(StrEnum):
    """Whether the platform's counter already excludes units of open orders (net) or not (gross)."""

    NET = "net"
    GROSS = "gross"


class Unlists(StrEnum):
    """What a delisting takes away: one listing, or a whole item with all its listings."""

    LISTING = "listing"
    ITEM = "item"


class DeductsAt(StrEnum):
    """When the platform lowers its own counter for a buyer."""

    ORDER = "order"
    PAYMENT = "payment"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTraits:
    """What one shop's channel can do and what its calls prove.

    `write_modes` are the quantity actions it offers, best first (`COMPARE_AND_SET`, `DELTA`, `SET`). A call
    carries writes of one action only: at most `max_batch` for quantities and `max_batch_listing` for
    delisting and relisting, and of one item only where `one_item_per_call`. Of several items it carries at
    most `max_items` (`max_items_listing` where it delists or relists), and of one of them at most
    `max_per_item` quantities; 0 stands for no such limit. `idempotent` means that a
    repeated key is never applied twice, but answered as `DUPLICATE`, or as done where the platform does not
    tell; of absolute writes that is said only where `keyed_sets`. `delta_clips` means that a delta
    below zero is cut to 0 and reported as done. `max_apply_delay` is how many seconds an accepted write may
    take to show. `observes_some` is False where only the whole shop can be read. `restores_unpaid` and
    `restores_paid` say whether the counter rises again for units of an order that is closed before it was
    paid, or cancelled or refunded after that and before it was shipped.
    """

    max_batch: int = 1
    max_batch_listing: int = 1
    one_item_per_call: bool = False
    max_items: int = 0
    max_items_listing: int = 0
    max_per_item: int = 0
    write_modes: tuple[Action, ...] = (Action.SET,)
    idempotent: bool = False
    keyed_sets: bool = True
    delta_clips: bool = False
    counter: Counter = Counter.NET
    deducts_at: DeductsAt = DeductsAt.UNKNOWN
    withholds: bool = False
    zero_allowed: bool = True
    can_unlist: bool = False
    unlists: Unlists = Unlists.LISTING
    auto_delists_at_zero: bool = False
    max_apply_delay: float = 0.0
    max_quantity: int = 999_999_999
    observes_some: bool = False
    has_locations: bool = False
    order_feed: bool = False
    restores_unpaid: Restores = Restores.UNKNOWN
    restores_paid: Restores = Restores.UNKNOWN

    def knows_keys_of(self, action: Action) -> bool:
        """Return whether a write that is sent twice with its key is applied once."""
        return self.idempotent and (self.keyed_sets or action is not Action.SET)


class Channel(Protocol):
    """One shop on one platform.

    An implementation translates and does nothing else: no business rule, retry, wait or state. Every lower
    failure becomes a `PortError`; only a refused or timed-out connect has `sent=False`. No secret occurs in a
    message or a repr.
    """

    @property
    def traits(self) -> ChannelTraits:
        """Return what this shop's channel can do; constant for its life."""
        ...

    def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the shop shows, a page at a time: all of it, or at least `listings` where given.

        With `listings`, one that the platform says does not exist is left out. A page that cannot be read
        raises; a listing that cannot be read keeps its place with `quantity=None`.

        Raises:
            PortError: the call failed; pages already yielded stay true, the rest is unknown.
        """
        ...

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call and return one outcome per write, in the same order.

        The caller keeps to the batch rule of `traits`. A line that the answer leaves out is `UNKNOWN`, never
        `DONE`; a line answered in a way that was not understood likewise.

        Raises:
            PortError: the call failed as a whole; with `sent` True its writes may have been applied.
        """
        ...
