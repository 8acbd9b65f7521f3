"""A shop without HTTP: listings with counters, buyers, writes, and a person's hand.

Buyers who leave orders act through `orders`; `sell` of a plain shop moves units without an order.
"""

import random
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Protocol

from syncd.mock.core.listing import (
    Line,
    Listing,
    ShopSettings,
    read_listing,
    read_pending,
    read_shop_settings,
)
from syncd.mock.core.orders import OrderSettings, read_order, read_order_settings, settings_as_json
from syncd.mock.core.orders_book import OrderBook
from syncd.mock.fields import Fields, show_time

STEPS = ("buy", "hold", "pay", "release")
_KEPT_KEYS = 100_000

Result = dict[str, Any]


class Visitors(Protocol):
    """Whoever comes to a shop by themselves, each at a time of their own."""

    def advance(self, now: datetime) -> None:
        """Let everyone act whose time has come, in the order of their times."""
        ...


class ShopState:
    """The whole shop as a state machine; the time comes in from outside.

    Writes that were accepted but not applied yet wait in `pending` until `settle` reaches their time; one
    that has become impossible by then is dropped without a word, as platforms do (`dropped` counts them).
    `visitors` act as `settle` comes past their times, between those writes and the closing of unpaid orders.
    """

    def __init__(
        self,
        *,
        settings: ShopSettings | None = None,
        listings: Iterable[Listing] = (),
        order_settings: OrderSettings | None = None,
    ) -> None:
        self.settings = settings or ShopSettings()
        self.listings = {listing.id: listing for listing in listings}
        self.pending: list[tuple[datetime, Line]] = []
        self.dropped = 0
        self.orders = OrderBook(self, order_settings)
        self.visitors: Visitors | None = None
        self.reached = datetime.min.replace(tzinfo=UTC)
        self._moment: datetime | None = None
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._items: dict[str, list[Listing]] = {}
        self.order: list[Listing] = []
        self._index()

    # --- what the shop's API does --------------------------------------------------------------------------

    def settle(self, now: datetime) -> None:
        """Let everything happen whose time has come, oldest first: visitors, accepted writes, closings."""
        if self.visitors is not None:
            self.visitors.advance(now)
        self.catch_up(now)
        self._moment = None

    def catch_up(self, now: datetime) -> None:
        """Apply the accepted writes and close the unpaid orders whose time has come; visitors ask for it."""
        while self.pending and (due := min(due for due, _ in self.pending)) <= now:
            self._close_unpaid(due)
            self._moment = due
            ready = [line for when, line in self.pending if when == due]
            self.pending = [entry for entry in self.pending if entry[0] != due]
            for line in ready:
                if self._obstacle(line) is None:
                    self._apply(line)
                else:
                    self.dropped += 1
        self._close_unpaid(now)
        self._moment = now
        self.reached = max(self.reached, now)

    def write(self, line: Line) -> Result:
        """Apply one change and return its result; a refused one changes nothing."""
        if refusal := self._refusal(line):
            return refusal
        self._remember(line)
        return {"id": line.id, "ok": True, "quantity": self._apply(line)}

    def write_later(self, line: Line, due: datetime) -> Result:
        """Accept one change that shows only from `due` on; its result names no quantity."""
        if refusal := self._refusal(line):
            return refusal
        self._remember(line)
        self.pending.append((due, line))
        return {"id": line.id, "ok": True}

    def refuse(self, line_id: str, error: str, message: str) -> Result:
        """Return a refusal, with the counter where the listing exists."""
        result: Result = {"id": line_id, "ok": False, "error": error, "message": message}
        listing = self.listings.get(line_id)
        return result if listing is None else result | {"quantity": listing.quantity}

    def delist(self, listing_id: str) -> Result:
        """Take a listing (or its item) off sale, naming no reason; one that is off already stays as it is."""
        if listing_id not in self.listings:
            return self.refuse(listing_id, "not_found", "no such listing")
        for listing in self._together(listing_id):
            if listing.on_sale:
                listing.on_sale, listing.off_reason = False, None
        return {"id": listing_id, "ok": True}

    def relist(self, listing_id: str) -> Result:
        """Put a listing (or its item) on sale; refused after a violation, and at 0 where 0 delists."""
        if listing_id not in self.listings:
            return self.refuse(listing_id, "not_found", "no such listing")
        together = self._together(listing_id)
        if any(listing.off_reason == "violation" for listing in together):
            return self.refuse(listing_id, "permission", "taken off for a violation")
        if self.settings.auto_delists_at_zero and not any(listing.quantity for listing in together):
            return self.refuse(listing_id, "rejected", "nothing to sell, set a quantity first")
        for listing in together:
            if listing.quantity or not self.settings.auto_delists_at_zero:
                listing.on_sale, listing.off_reason = True, None
        return {"id": listing_id, "ok": True}

    # --- buyers --------------------------------------------------------------------------------------------

    def sell(self, listing_id: str, units: int, step: str = "buy") -> str:
        """Let a buyer buy, hold (order unpaid), pay or release held units; return why not, empty if done."""
        listing = self.listings.get(listing_id)
        if listing is None:
            return "not_found"
        if step in ("pay", "release"):
            return self._end_hold(listing, units, paid=step == "pay")
        if refusal := self.unbuyable(listing_id, units):
            return refusal
        if step == "hold":
            listing.withheld += units
            return ""
        self.take(listing, units)
        return ""

    def unbuyable(self, listing_id: str, units: int) -> str:
        """Return why nobody can buy so many units now, empty where they can."""
        listing = self.listings.get(listing_id)
        if listing is None:
            return "not_found"
        if not listing.on_sale:
            return "not_on_sale"
        return "not_enough" if listing.quantity - listing.withheld < units else ""

    def takes_on_order(self, listing: Listing) -> bool:  # noqa: ARG002 - platforms that differ by item need it
        """Return True where the counter falls as an order is placed, not only as it is paid."""
        return self.settings.takes_on_order

    def take(self, listing: Listing, units: int) -> None:
        """Take sold units from the counter; one that was set below what is withheld ends at 0."""
        listing.quantity = max(listing.quantity - units, 0)
        listing.sold += units
        if not listing.quantity:
            self._sold_out(listing)

    def sell_some(self, rng: random.Random, count: int) -> list[tuple[str, int]]:
        """Let `count` buyers take one unit each of what they can see; fewer where little is left."""
        sales = []
        for _ in range(count):
            open_ = [x for x in self.order if x.on_sale and x.quantity > x.withheld]
            if not open_:
                break
            listing = rng.choice(open_)
            self.take(listing, 1)
            sales.append((listing.id, 1))
        return sales

    # --- a person's hand -----------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        """Return the whole state, in a form that `merge` takes."""
        return {
            "settings": asdict(self.settings),
            "listings": [listing.wire() | {"sold": listing.sold} for listing in self.order],
            "pending": [{"due": show_time(due), "line": list(line)} for due, line in self.pending],
            "keys": list(self._keys),
            "order_settings": settings_as_json(self.orders.settings),
            "orders": [order.as_json() for order in self.orders.orders.values()],
        }

    def merge(self, fields: Fields) -> None:
        """Merge what a person set; nothing of it where a part is wrong.

        Listings are found by id and keep what is not named; an unknown id is added. `replace` true forgets
        everything else first. Orders are found by id; those that are added move no counter.
        """
        fresh = fields.flag("replace", default=False)
        settings = read_shop_settings(fields, self.settings)
        known = {} if fresh else self.listings
        listings = [read_listing(entry, known) for entry in fields.objects("listings")]
        removed = set(fields.texts("remove"))
        pending = [read_pending(entry) for entry in fields.objects("pending")]
        keys = fields.texts("keys")
        order_settings = read_order_settings(fields, self.orders.settings)
        orders = [read_order(entry) for entry in fields.objects("orders")]
        fields.done()
        if fresh:
            self.listings, self._keys = {}, OrderedDict()
            self.orders.forget()
        self.orders.settings = order_settings
        self.orders.put(orders)
        if fresh or fields.has("pending"):
            self.pending = pending
        self.settings = settings
        self.listings |= {listing.id: listing for listing in listings}
        self.listings = {key: listing for key, listing in self.listings.items() if key not in removed}
        self._keys |= dict.fromkeys(keys)
        self._index()

    # --- inside --------------------------------------------------------------------------------------------

    def _index(self) -> None:
        self.order = list(self.listings.values())
        self._items = {}
        for listing in self.order:
            self._items.setdefault(listing.item, []).append(listing)

    def _close_unpaid(self, now: datetime) -> None:
        while self.orders.next_close <= now:
            self._moment = self.orders.next_close
            self.orders.close_unpaid(self._moment)

    def _together(self, listing_id: str) -> Sequence[Listing]:
        listing = self.listings[listing_id]
        return self._items[listing.item] if self.settings.unlists_items else [listing]

    def _remember(self, line: Line) -> None:
        if not line.key:
            return
        self._keys[line.key] = None
        if len(self._keys) > _KEPT_KEYS:
            self._keys.popitem(last=False)

    def _refusal(self, line: Line) -> Result | None:
        if line.id not in self.listings:
            return self.refuse(line.id, "not_found", "no such listing")
        if self.settings.idempotent and line.key and line.key in self._keys:
            return self.refuse(line.id, "duplicate", "this key was applied already")
        obstacle = self._obstacle(line)
        return self.refuse(line.id, *obstacle) if obstacle else None

    def _obstacle(self, line: Line) -> tuple[str, str] | None:
        listing = self.listings.get(line.id)
        if line.problem or listing is None:
            return "rejected", line.problem or "the listing is gone"
        if line.mode == "compare_and_set" and listing.quantity != line.base:
            return "conflict", f"the quantity is {listing.quantity}, not {line.base}"
        return self._out_of_range(listing, self._target(listing, line))

    def _out_of_range(self, listing: Listing, target: int) -> tuple[str, str] | None:
        if target < 0:
            return "rejected", f"the quantity would be {target}"
        if target == 0 and not self.settings.zero_allowed:
            return "rejected", "the quantity must be at least 1, delist instead"
        if target > self.settings.max_quantity:
            return "rejected", f"the quantity must be at most {self.settings.max_quantity}"
        if target < listing.withheld:
            return "rejected", f"{listing.withheld} units are withheld for unpaid orders"
        return None

    def _target(self, listing: Listing, line: Line) -> int:
        if line.mode != "delta":
            return line.value
        target = listing.quantity + line.value
        return max(target, 0) if self.settings.clips_deltas else target

    def _apply(self, line: Line) -> int:
        listing = self.listings[line.id]
        listing.quantity = self._target(listing, line)
        self._sold_out(listing)
        return listing.quantity

    def _end_hold(self, listing: Listing, units: int, *, paid: bool) -> str:
        if listing.withheld < units:
            return "not_withheld"
        listing.withheld -= units
        if paid:
            self.take(listing, units)
        return ""

    def _sold_out(self, listing: Listing) -> None:
        if not self.settings.auto_delists_at_zero or listing.quantity or not listing.on_sale:
            return
        together = self._together(listing.id)
        # A platform that unlists whole items keeps one on sale as long as anything of it can be bought.
        if not any(other.quantity for other in together):
            for other in together:
                if other.on_sale:
                    other.on_sale, other.off_reason = False, "sold_out"
