"""Buyers of a shop in memory: they order, pay, change their minds and are sent what they paid for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from syncd.adapters.memory.counters import Counters
from syncd.domain.model import ListingId
from syncd.domain.orders import OrderLine, Stage
from syncd.ports.channel import ChannelTraits, DeductsAt

_NOT_SENT = frozenset({Stage.UNPAID, Stage.PAID})


class Buyers:
    """The orders of a shop; `lines` holds the newest version of each line, by its id.

    The counter falls with the order, or with the payment where the traits say so; until then the units are
    withheld, and nobody else can order them. Every change is stamped with the time that it is told.
    """

    def __init__(self, counters: Counters, traits: ChannelTraits) -> None:
        self.lines: dict[str, OrderLine] = {}
        self._counters = counters
        self._pays_first = traits.deducts_at is DeductsAt.PAYMENT
        self._count = 0

    def order(
        self, wanted: Mapping[ListingId, int] | Iterable[tuple[ListingId, int]], *, at: datetime
    ) -> str:
        """Order units of listings, a line each; return the order's id, empty if the shop lacks any of it."""
        pairs = list(wanted.items() if isinstance(wanted, Mapping) else wanted)
        taken = 0
        for listing, units in pairs:
            if not self._take(listing, units):
                break
            taken += 1
        if taken < len(pairs):
            for listing, units in pairs[:taken]:
                self._give_back(listing, units, paid=False)
            return ""
        self._count += 1
        for number, (listing, units) in enumerate(pairs, start=1):
            self._open(f"{self._count}", f"{self._count}-{number}", listing, units, at=at)
        return f"{self._count}"

    def pay(self, order: str, *, at: datetime) -> None:
        """Pay what is unpaid of an order."""
        for line in self._of(order, {Stage.UNPAID}):
            if self._pays_first:
                self._counters.withhold(line.listing, -line.units)
                self._counters.move(line.listing, -line.units)
            self._change(line, at=at, stage=Stage.PAID, paid=at)

    def cancel(self, order: str, *, at: datetime, restores: bool = True) -> None:
        """Close what was not sent of an order; its units go back on sale unless `restores` says otherwise."""
        for line in self._of(order, _NOT_SENT):
            self.refund(line.line, at=at, restores=restores)

    def ask_refund(self, line: str, *, at: datetime) -> None:
        """Ask for the money of a line back, which releases nothing yet."""
        self._change(self.lines[line], at=at)

    def refund(self, line: str, *, at: datetime, restores: bool = True) -> None:
        """Close a line; one that was sent already releases nothing, one that is closed stays as it is."""
        found = self.lines[line]
        if found.stage is Stage.CLOSED:
            return
        released = 0
        if found.stage in _NOT_SENT:
            released = found.units
            if restores or (self._pays_first and found.paid is None):
                self._give_back(found.listing, released, paid=found.paid is not None)
        self._change(found, at=at, stage=Stage.CLOSED, released=released, ended=at)

    def ship(self, order: str, *lines: str, at: datetime) -> None:
        """Send what is paid of an order, or only some of its lines."""
        for line in self._of(order, {Stage.PAID}):
            if not lines or line.line in lines:
                self._change(line, at=at, stage=Stage.SHIPPED, shipped=line.units, sent=at)

    def finish(self, order: str, *, at: datetime) -> None:
        """Let what was sent of an order arrive."""
        for line in self._of(order, {Stage.SHIPPED}):
            self._change(line, at=at, stage=Stage.DONE, ended=at)

    def changed(self, since: datetime, until: datetime) -> list[list[OrderLine]]:
        """Return the orders that changed from `since` to `until`, both included, each with all its lines."""
        found = (line.order for line in self.lines.values() if since <= line.modified <= until)
        return [self._all_of(order) for order in dict.fromkeys(found)]

    def told(self, orders: Sequence[str]) -> list[OrderLine]:
        """Return the lines of the named orders; one that there is not is none."""
        return [line for order in dict.fromkeys(orders) for line in self._all_of(order)]

    # --- counters and versions -----------------------------------------------------------------------------

    def _take(self, listing: ListingId, units: int) -> bool:
        if self._counters.orderable(listing) < units:
            return False
        if self._pays_first:
            self._counters.withhold(listing, units)
        else:
            self._counters.move(listing, -units)
        return True

    def _give_back(self, listing: ListingId, units: int, *, paid: bool) -> None:
        if self._pays_first and not paid:
            self._counters.withhold(listing, -units)
        else:
            self._counters.move(listing, units)

    def _open(self, order: str, line: str, listing: ListingId, units: int, *, at: datetime) -> None:
        self.lines[line] = OrderLine(
            order=order,
            line=line,
            listing=listing,
            code=self._counters.shown[listing].code,
            units=units,
            released=0,
            shipped=0,
            stage=Stage.UNPAID,
            created=at,
            paid=None,
            sent=None,
            ended=None,
            modified=at,
        )

    def _change(self, line: OrderLine, *, at: datetime, **fields: Any) -> None:  # noqa: ANN401
        """Keep a new version; the shop stamps all lines of an order when one of them changes."""
        self.lines[line.line] = line._replace(**fields)
        for other in self._all_of(line.order):
            self.lines[other.line] = other._replace(modified=at)

    def _of(self, order: str, stages: Iterable[Stage]) -> list[OrderLine]:
        return [line for line in self._all_of(order) if line.stage in stages]

    def _all_of(self, order: str) -> list[OrderLine]:
        return [line for line in self.lines.values() if line.order == order]
