"""Tells what happens, one plain line each, to stderr: stdout is for the books."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from syncd.cli.demo.world import PERSON, Ware, World
from syncd.cli.output import complain
from syncd.mock import Stage

_WHY: Mapping[str, str] = {
    "claim": "units were sold, and the ERP may not have booked them yet",
    "snapshot": "the ERP has new figures",
    "repair": "the counter was not what it should be",
    "config": "the configuration is new",
}
_WHERE = 9


class Move(NamedTuple):
    """Units that set out from one shop's share to another's, or arrived; the last two say which."""

    at: datetime
    sku: str
    taken_from: str
    given_to: str
    units: int
    is_sent: bool
    is_proven: bool


class Narrator:
    """Says what the story does, and listens to what syncd tells.

    `quiet` counts the looks at the ERP in a row after which syncd found nothing to do; `transfers` the moves
    of units from one shop's share to another's.
    """

    def __init__(self, world: World, *, now: Callable[[], float]) -> None:
        self.quiet = 0
        self.transfers = 0
        self._world = world
        self._now = now
        self._began = now()
        self._filled: set[object] = set()
        self._filling = False
        self._imported = Counter(self._lines_of_orders())
        self._unsold = Counter(self._cancelled())
        self._moves: set[Move] = set()
        self._tellers: Mapping[str, Callable[[Mapping[str, object]], None]] = {
            "source_collected": self._collected,
            "source_failing": self._source_failing,
            "source_recovered": self._source_recovered,
            "shop_failing": self._shop_failing,
            "shop_recovered": self._shop_recovered,
            "orders_failing": self._orders_failing,
            "orders_recovered": self._orders_recovered,
            "order_doubted": self._doubted,
            "drift": self._drift,
            "put_back": self._put_back,
            "listing_unbound": self._unbound,
            "listing_failing": self._listing_failing,
            "planned": self._planned,
            "held": self._held,
            "pushed": self._pushed,
            "changed": self._changed,
        }

    def say(self, who: str, text: str) -> None:
        """Print one line with the seconds since the beginning."""
        complain(f"{self._now() - self._began:6.1f}s  {who:{_WHERE}}{text}")

    def tell(self, name: str, /, **facts: object) -> None:
        """Say what syncd did or found; what a stranger would not understand is left out."""
        teller = self._tellers.get(name)
        if teller is not None:
            teller(facts)

    def look(self) -> None:
        """Say which orders came into the ERP since the last look, and which ended before they were paid."""
        known, unsold = Counter(self._lines_of_orders()), Counter(self._cancelled())
        for shop, lines in sorted((unsold - self._unsold).items()):
            self.say("shop", f"{shop} has {_counted(lines, 'unpaid order')} less: over or cancelled")
        for shop, lines in sorted((known - self._imported).items()):
            self.say("ERP", f"imports {_counted(lines, 'order')} of {shop}")
        self._imported, self._unsold = known, unsold

    def hear_moves(self, moves: Iterable[Move]) -> None:
        """Say which units moved between shares, or are moving; a move that was told is not told again."""
        for move in sorted(set(moves) - self._moves):
            self._moves.add(move)
            self.transfers += move.is_sent
            self.say("transfer", f"{move.units} {move.sku} {_way(move)}")

    def _cancelled(self) -> Mapping[str, int]:
        orders = {shop: rig.state.orders.orders.values() for shop, rig in self._world.shops.items()}
        return {shop: sum(one.stage is Stage.CANCELLED for one in each) for shop, each in orders.items()}

    def _lines_of_orders(self) -> Mapping[str, int]:
        """Return how many lines of orders the ERP has imported of each shop, those of bundles once."""
        imports = self._world.erp.state.imports
        return {
            shop: len({line for name in imports if _shop_of(name) == shop for line in imports[name].promises})
            for shop in self._world.shops
        }

    # --- looking -------------------------------------------------------------------------------------------

    def _collected(self, _: Mapping[str, object]) -> None:
        self.quiet += 1

    def _planned(self, _: Mapping[str, object]) -> None:
        self.quiet = 0

    def _source_failing(self, facts: Mapping[str, object]) -> None:
        self.quiet = 0
        self.say("syncd", f"does not believe the ERP ({facts['error']}): nothing is put to zero, none raised")

    def _source_recovered(self, _: Mapping[str, object]) -> None:
        self.say("syncd", "believes the ERP again")

    def _shop_failing(self, facts: Mapping[str, object]) -> None:
        self.quiet = 0
        self.say("syncd", f"cannot read {facts['shop']}, nothing is raised there ({facts['error']})")

    def _shop_recovered(self, facts: Mapping[str, object]) -> None:
        self.say("syncd", f"can read {facts['shop']} again")

    def _orders_failing(self, facts: Mapping[str, object]) -> None:
        self.quiet = 0
        self.say(
            "syncd", f"cannot read the orders of {facts['shop']}, nothing is raised there ({facts['error']})"
        )

    def _orders_recovered(self, facts: Mapping[str, object]) -> None:
        self.say("syncd", f"knows the orders of {facts['shop']} again")

    def _doubted(self, facts: Mapping[str, object]) -> None:
        self.say(
            "syncd", f"does not understand order {facts['order']} of {facts['shop']}: {facts['because']}"
        )

    def _drift(self, facts: Mapping[str, object]) -> None:
        self.say("syncd", f"finds {facts['by']} {facts['sku']} in {facts['shop']} that no order explains")

    def _put_back(self, facts: Mapping[str, object]) -> None:
        self.say("syncd", f"sees that a person put {self._name(facts)} in {facts['shop']} back on sale")

    def _unbound(self, facts: Mapping[str, object]) -> None:
        # What follows the colon is advice for whoever owns the shop.
        because = str(facts["because"]).partition(":")[0]
        self.say("syncd", f"never touches {facts['shop']} {facts['code']}: {because}")

    # --- writing -------------------------------------------------------------------------------------------

    def _held(self, facts: Mapping[str, object]) -> None:
        self.say("syncd", f"waits for a person: {facts['because']}")

    def _listing_failing(self, facts: Mapping[str, object]) -> None:
        self.say("syncd", f"could not write now, and looks again: {facts['because']}")

    def _pushed(self, facts: Mapping[str, object]) -> None:
        # What was changed follows this at once, so it tells whether that is the first fill.
        self._filling = facts["shop"] not in self._filled
        self._filled.add(facts["shop"])
        if facts["because"]:
            self.say("syncd", f"stopped writing: {facts['because']}")

    def _changed(self, facts: Mapping[str, object]) -> None:
        ware = self._ware(facts)
        name = self._name(facts)
        old = "?" if facts["old"] is None else facts["old"]
        moved = "" if facts["old"] == facts["new"] else f" {old} -> {facts['new']}"
        by_hand = ware and self._world.listing(ware).off_reason == PERSON
        stays = ", stays off sale as a person wants it" if by_hand else ""
        self.say("syncd", f"writes {facts['shop']} {name}{moved}{self._why(facts)}{stays}")

    def _why(self, facts: Mapping[str, object]) -> str:
        if facts["kind"] == "off":
            return f", OFF SALE: fewer are left than the warning level ({facts['rule']})"
        if facts["kind"] == "relist":
            return ", ON SALE again: there are enough since some time"
        if (facts["kind"], facts["cause"]) == ("raise", "claim"):
            return f": they sell sooner here ({facts['rule']})"
        why = "first fill" if self._filling else _WHY.get(str(facts["cause"]), facts["cause"])
        return f": {why} ({facts['rule']})"

    def _ware(self, facts: Mapping[str, object]) -> Ware | None:
        key = (str(facts["shop"]), str(facts["listing"]))
        return next((ware for ware in self._world.listed() if ware.key == key), None)

    def _name(self, facts: Mapping[str, object]) -> str:
        ware = self._ware(facts)
        return f"{ware.code} ({ware.contents})" if ware else str(facts["listing"])


def _shop_of(link: str) -> str:
    return link.partition("-")[0]


def _way(move: Move) -> str:
    if move.is_sent:
        return f"leave {move.taken_from} for {move.given_to}, on sale in neither"
    if move.is_proven:
        return f"of {move.taken_from} are {move.given_to}'s now: their taking is proven"
    return f"do not go to {move.given_to}: they are in the reserve"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
