"""Tells what happens, one plain line each."""

from collections.abc import Callable, Mapping

from syncd.cli.demo.world import PERSON, World
from syncd.cli.output import line

_WHY: Mapping[str, str] = {
    "claim": "units were sold, and the ERP may not have booked them yet",
    "snapshot": "the ERP has new figures",
    "repair": "the counter was not what it should be",
    "config": "the configuration is new",
}
_WHERE = 9


class Narrator:
    """Says what the story does, and listens to what syncd tells.

    `quiet` counts the looks at the ERP in a row after which syncd found nothing to do.
    """

    def __init__(self, world: World, *, now: Callable[[], float]) -> None:
        self.quiet = 0
        self._world = world
        self._now = now
        self._began = now()
        self._filled: set[object] = set()
        self._filling = False
        self._tellers: Mapping[str, Callable[[Mapping[str, object]], None]] = {
            "source_collected": self._collected,
            "source_failing": self._source_failing,
            "source_recovered": self._source_recovered,
            "shop_failing": self._shop_failing,
            "shop_recovered": self._shop_recovered,
            "listing_unbound": self._unbound,
            "listing_failing": self._listing_failing,
            "planned": self._planned,
            "held": self._held,
            "pushed": self._pushed,
            "changed": self._changed,
        }

    def say(self, who: str, text: str) -> None:
        """Print one line with the seconds since the beginning."""
        line(f"{self._now() - self._began:6.1f}s  {who:{_WHERE}}{text}")

    def tell(self, name: str, /, **facts: object) -> None:
        """Say what syncd did or found; what a stranger would not understand is left out."""
        teller = self._tellers.get(name)
        if teller is not None:
            teller(facts)

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
        key = (str(facts["shop"]), str(facts["listing"]))
        ware = next((ware for ware in self._world.listed() if ware.key == key), None)
        name = f"{ware.code} ({ware.contents})" if ware else str(facts["listing"])
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
        why = "first fill" if self._filling else _WHY.get(str(facts["cause"]), facts["cause"])
        return f": {why} ({facts['rule']})"
