"""The counters of a shop in memory, and what each write does to them."""

from collections.abc import Iterable
from dataclasses import replace

from syncd.domain.model import Action, ListingId, ObservedListing, OffReason, Outcome, Write
from syncd.errors import Kind
from syncd.ports.channel import ChannelTraits, Unlists

_QUANTITIES = (Action.SET, Action.DELTA, Action.COMPARE_AND_SET)


def _refused(message: str, listing: ObservedListing) -> Outcome:
    return Outcome(kind=Kind.REJECTED, message=message, counter=listing.quantity)


class Counters:
    """What a shop with these traits shows; `shown` is in the order in which listings were added."""

    def __init__(self, traits: ChannelTraits) -> None:
        self.shown: dict[ListingId, ObservedListing] = {}
        self._traits = traits
        self._keys: set[str] = set()

    def put(self, listings: Iterable[ObservedListing]) -> None:
        """Add listings, or replace them whole."""
        for listing in listings:
            self.shown[listing.id] = listing

    def drop(self, ids: Iterable[ListingId]) -> None:
        """Delete listings."""
        for listing in ids:
            del self.shown[listing]

    def sell(self, listing: ListingId, units: int) -> int:
        """Take up to `units` off a counter that is on sale; return how many went."""
        found = self.shown[listing]
        if not found.on_sale:
            return 0
        sold = min(units, found.quantity or 0)
        self._show(found, (found.quantity or 0) - sold)
        return sold

    def orderable(self, listing: ListingId) -> int:
        """Return how many units a buyer could order now: none while off sale, and none that are withheld."""
        found = self.shown.get(listing)
        if found is None or not found.on_sale:
            return 0
        return max((found.quantity or 0) - found.withheld, 0)

    def move(self, listing: ListingId, units: int) -> None:
        """Add `units` to a counter, never below 0; one that is gone is passed over."""
        found = self.shown.get(listing)
        if found is not None:
            self._show(found, max((found.quantity or 0) + units, 0))

    def withhold(self, listing: ListingId, units: int) -> None:
        """Add `units` to what is withheld for unpaid orders; a listing that is gone is passed over."""
        found = self.shown.get(listing)
        if found is not None:
            self.shown[listing] = replace(found, withheld=max(found.withheld + units, 0))

    def apply(self, write: Write) -> Outcome:
        """Carry out a write, or refuse it; return the outcome with the counter that follows."""
        refusal = self.accept(write)
        if refusal is not None:
            return refusal
        self.carry_out(write)
        return Outcome(kind=Kind.DONE, counter=self.shown[write.listing].quantity)

    def accept(self, write: Write) -> Outcome | None:
        """Take a write and remember its key; return why the shop does not take it, None if it does."""
        refusal = self._refusal(write)
        if refusal is None:
            self._keys.add(write.key)
        return refusal

    def carry_out(self, write: Write) -> None:
        """Do what an accepted write says; a listing that is gone by now is passed over."""
        listing = self.shown.get(write.listing)
        if listing is None:
            return
        if write.action in _QUANTITIES:
            self._show(listing, self._target(write, listing))
        else:
            self._list(listing, on_sale=write.action is Action.RELIST)

    def _refusal(self, write: Write) -> Outcome | None:
        listing = self.shown.get(write.listing)
        if listing is None:
            return Outcome(kind=Kind.NOT_FOUND, message=f"there is no listing {write.listing}")
        if self._traits.idempotent and write.key in self._keys:
            return Outcome(kind=Kind.DUPLICATE, message="done before", counter=listing.quantity)
        if write.action in _QUANTITIES:
            why = self._refused_quantity(write, listing)
        else:
            why = self._refused_listing(write, listing)
        return _refused(why, listing) if why else None

    def _target(self, write: Write, listing: ObservedListing) -> int:
        if write.action is not Action.DELTA:
            return write.value
        target = (listing.quantity or 0) + write.value
        return max(target, 0) if self._traits.delta_clips else target

    def _refused_quantity(self, write: Write, listing: ObservedListing) -> str:
        traits = self._traits
        target = self._target(write, listing)
        if write.action not in traits.write_modes:
            return f"this shop does not offer {write.action}"
        if write.action is Action.COMPARE_AND_SET and write.base != listing.quantity:
            return f"the counter is {listing.quantity}, not {write.base}"
        if not 0 <= target <= traits.max_quantity:
            return f"{target} is not between 0 and {traits.max_quantity}"
        if target == 0 and not traits.zero_allowed:
            return "this shop does not take 0"
        if traits.withholds and target < listing.withheld:
            return f"{listing.withheld} units are withheld for unpaid orders"
        return ""

    def _refused_listing(self, write: Write, listing: ObservedListing) -> str:
        traits = self._traits
        if not traits.can_unlist:
            return "this shop cannot take listings off sale"
        if write.action is Action.DELIST:
            return ""
        if listing.off_reason is OffReason.VIOLATION:
            return "taken off sale for a violation"
        if traits.auto_delists_at_zero and not listing.quantity:
            return "nothing to sell"
        return ""

    def _show(self, listing: ObservedListing, quantity: int) -> None:
        shown = replace(listing, quantity=quantity)
        if quantity == 0 and self._traits.auto_delists_at_zero and listing.on_sale:
            shown = replace(shown, on_sale=False, off_reason=OffReason.SOLD_OUT)
        self.shown[listing.id] = shown

    def _list(self, listing: ObservedListing, *, on_sale: bool) -> None:
        whole_item = self._traits.unlists is Unlists.ITEM
        for other in list(self.shown.values()):
            if other.id == listing.id or (whole_item and other.item == listing.item):
                self.shown[other.id] = replace(other, on_sale=on_sale, off_reason=None)
