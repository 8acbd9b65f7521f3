"""What events say, as counts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import product
from typing import Any, TypeAlias

from syncd.console.live.published import PUBLISHED, WITHHELD
from syncd.console.metrics import families as f
from syncd.console.metrics.book import Book
from syncd.domain.model import ChangeKind, SnapshotKind
from syncd.domain.notices import WATCHED
from syncd.ports.clock import Clock

Facts: TypeAlias = Mapping[str, Any]

OTHER = "other"
"""The label of what has no name here, so that nobody makes up new ones from outside."""

UNREAD = "unread"
"""The label of an event that says something else than its name promises, which is a bug."""

_DELAYS = {
    "sale_to_seen": f.SALE_TO_SEEN,
    "decision_to_accepted": f.DECISION_TO_ACCEPTED,
    "sale_to_accepted": f.SALE_TO_ACCEPTED,
}
_OUTCOMES = ("done", "refused", "unknown", "not_tried")
_BY_SHOP = {
    "drift": f.DRIFT,
    "foreign_writer": f.FOREIGN,
    "tokens_renewed": f.TOKENS_RENEWED,
    "tokens_failing": f.TOKENS_FAILING,
}
_SCOPES = ("whole", "named", "lowered")
_ALONE: tuple[tuple[str, ...], ...] = ((),)

_EXPECTED: Mapping[str, Sequence[tuple[f.Family, Sequence[tuple[str, ...]]]]] = {
    "shop": [
        (f.CHANGES, [(kind.value,) for kind in ChangeKind]),
        (f.UNITS, [("raised",), ("lowered",)]),
        (f.WRITES, [(outcome,) for outcome in _OUTCOMES]),
        *((one, _ALONE) for one in (f.SPARED, f.HELD, f.CIRCUIT, *_BY_SHOP.values(), *_DELAYS.values())),
    ],
    "source": [(f.SNAPSHOTS, [(kind.value,) for kind in SnapshotKind])],
}
"""What is counted of every shop and source, with the other labels that there are."""


class Listening:
    """Listens to events and counts them in a book."""

    def __init__(self, book: Book, clock: Clock) -> None:
        self._book = book
        self._clock = clock
        self._known = PUBLISHED.keys() | WITHHELD.keys()
        self._takes: Mapping[str, Callable[[Facts], None]] = {
            "changed": self._changed,
            "pushed": self._pushed,
            "measured": self._measured,
            "cycle_ended": self._cycle_ended,
            "lowered": self._lowered,
            "stock_watched": self._stock_watched,
            "source_collected": self._source_collected,
            "circuit_opened": lambda facts: self._book.put(f.CIRCUIT, 1, facts["shop"]),
            "circuit_closed": lambda facts: self._book.put(f.CIRCUIT, 0, facts["shop"]),
            "mqtt_connected": self._mqtt_connected,
            "mqtt_lost": self._mqtt_lost,
            "mqtt_refused": self._mqtt_lost,
            "trigger_refused": self._trigger_refused,
            # The configuration before told of its shops until now.
            "reloaded": lambda _: self._forget(),
        }
        self._kept: Mapping[str, Collection[str]] = {}

    def tell(self, name: str, /, **facts: object) -> None:
        """Count what an event says."""
        self._book.add(f.EVENTS, name if name in self._known else OTHER)
        if (take := self._takes.get(name)) is not None:
            try:
                take(facts)
            except (KeyError, TypeError, ValueError):
                # Whoever tells is in the middle of a push: that counting is wrong must not break it.
                self._book.add(f.EVENTS, UNREAD)
        elif (family := _BY_SHOP.get(name)) is not None:
            self._book.add(family, str(facts.get("shop", "")))

    def expect(self, *, shops: Collection[str], sources: Collection[str], pools: Collection[str]) -> None:
        """Begin all counts of these at 0, so that the first of anything is seen to rise; forget others."""
        self._kept = given = {"shop": shops, "source": sources, "pool": pools}
        self._forget()
        for label, families in _EXPECTED.items():
            for family, rests in families:
                for name, rest in product(given[label], rests):
                    self._expect(family, name, *rest)
        for scope in _SCOPES:
            self._expect(f.CYCLE_SECONDS, scope)
        self._expect(f.CYCLE_FAILURES)

    def _forget(self) -> None:
        for family in f.FAMILIES.values():
            for label in self._kept.keys() & set(family.labels):
                self._book.drop(family, label, self._kept[label])

    def _expect(self, family: f.Family, *labels: str) -> None:
        if family.kind is f.Kind.HISTOGRAM:
            self._book.observe(family, 0, *labels, times=0)
        else:
            self._book.add(family, *labels, amount=0)

    def expect_broker(self) -> None:
        """Begin the counts of the broker, which is not connected yet."""
        for family in (f.MQTT_UP, f.MQTT_LOST, f.TRIGGERS_REFUSED):
            self._expect(family)

    # --- what each says ------------------------------------------------------------------------------------

    def _changed(self, facts: Facts) -> None:
        shop, old, new = facts["shop"], facts["old"], facts["new"]
        self._book.add(f.CHANGES, shop, facts["kind"])
        if old is not None and new != old:
            self._book.add(f.UNITS, shop, "raised" if new > old else "lowered", amount=abs(new - old))

    def _pushed(self, facts: Facts) -> None:
        for outcome in _OUTCOMES:
            self._book.add(f.WRITES, facts["shop"], outcome, amount=facts[outcome])

    def _measured(self, facts: Facts) -> None:
        shop = facts["shop"]
        self._book.add(f.SPARED, shop, amount=facts.get("spared", 0))
        for name, family in _DELAYS.items():
            for seconds, times in facts.get(name, {}).items():
                self._book.observe(family, seconds, shop, times=times)

    def _cycle_ended(self, facts: Facts) -> None:
        self._book.observe(f.CYCLE_SECONDS, facts["seconds"], facts["scope"])
        self._book.add(f.CYCLE_FAILURES, amount=facts["failures"])
        if facts["scope"] == "whole":
            self._book.put(f.LAST_CYCLE, self._clock.now().timestamp())
            for shop, held in facts["held"].items():
                self._book.put(f.HELD, held, shop)

    def _lowered(self, facts: Facts) -> None:
        self._book.observe(f.CYCLE_SECONDS, facts["seconds"], "lowered")

    def _stock_watched(self, facts: Facts) -> None:
        for notice in WATCHED:
            if notice in facts:
                skus, units = facts[notice]
                self._book.put(f.NOTICE_SKUS, skus, facts["pool"], notice)
                self._book.put(f.NOTICE_UNITS, units, facts["pool"], notice)

    def _source_collected(self, facts: Facts) -> None:
        source = facts["source"]
        self._book.add(f.SNAPSHOTS, source, facts["kind"])
        self._book.put(f.SOURCE_ROWS, facts["rows"], source)
        self._book.put(f.SOURCE_BAD, facts["bad"], source)

    def _mqtt_connected(self, facts: Facts) -> None:
        # The broker of a source is that source's: its figures grow old.
        if not facts.get("source"):
            self._book.put(f.MQTT_UP, 1)
            self._book.add(f.MQTT_LOST, amount=facts.get("lost") or 0)

    def _mqtt_lost(self, facts: Facts) -> None:
        if not facts.get("source"):
            self._book.put(f.MQTT_UP, 0)

    def _trigger_refused(self, facts: Facts) -> None:
        self._book.add(f.TRIGGERS_REFUSED, amount=1 + (facts.get("passed_over") or 0))
