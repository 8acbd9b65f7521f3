"""Which alerts there are: how bad each is, what it is about, how it ends and what may be said of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad an alert is, in that order; critical wakes people."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return 0 for the least important."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}


class AlertKind(StrEnum):
    """What may be the matter."""

    LOW_STOCK = "low_stock"
    OVERSOLD = "oversold"
    BACKORDERED = "backordered"
    OVERLOCKED = "overlocked"
    OVERTRANSFERRED = "overtransferred"
    LOCKS_CUT = "locks_cut"
    DELISTED = "delisted"
    RELISTED = "relisted"
    PUT_BACK = "put_back"
    DRIFT = "drift"
    FOREIGN_WRITER = "foreign_writer"
    LISTING_FAILING = "listing_failing"
    LISTING_UNBOUND = "listing_unbound"
    BINDING_HELD = "binding_held"
    SOURCE_FAILING = "source_failing"
    SOURCE_EMPTIED = "source_emptied"
    SOURCE_STALE = "source_stale"
    SHOP_FAILING = "shop_failing"
    SHOP_BLOCKED = "shop_blocked"
    CIRCUIT_OPEN = "circuit_open"
    ORDERS_FAILING = "orders_failing"
    ORDER_DOUBTED = "order_doubted"
    TOKENS_EXPIRING = "tokens_expiring"
    TOKENS_FAILING = "tokens_failing"
    PLAN_HELD = "plan_held"
    BACKLOG = "backlog"
    CYCLE_STUCK = "cycle_stuck"
    RELOAD_REFUSED = "reload_refused"
    MQTT_LOST = "mqtt_lost"
    HOOK_REFUSED = "hook_refused"
    TARGET_FAILING = "target_failing"


class Ends(StrEnum):
    """How an alert ends.

    `told`: an event or the state says so, which is told to those who were told of its begin. `silent`: as
    `told`, and also when nothing was heard of it for a while. `lapses`: it happened, and is not on any more
    when nothing was heard of it for a while; nobody is told of that.
    """

    TOLD = "told"
    SILENT = "silent"
    LAPSES = "lapses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What is known of a kind.

    `place` and `thing` are the facts that tell one alert of the kind from another; alerts of one place are
    told together. Of all other facts only `facts` are kept: nothing else can get into a message. `quiet_for`
    are the seconds after which silence ends it. `worst` is the fact by which the worst come first, the
    smallest, or with `worst_is_most` the largest.
    """

    level: Level
    place: str = ""
    thing: str = ""
    facts: tuple[str, ...] = ()
    ends: Ends = Ends.TOLD
    quiet_for: float = 0.0
    worst: str = ""
    worst_is_most: bool = True


_HOUR = 3600.0
_EXPIRING_FOR = 36 * _HOUR


def _of_pool(level: Level, *, worst_is_most: bool = True) -> Traits:
    return Traits(
        level=level,
        place="pool",
        thing="sku",
        facts=("units",),
        worst="units",
        worst_is_most=worst_is_most,
    )


def _happens(place: str, thing: str, *facts: str, level: Level = Level.WARNING) -> Traits:
    return Traits(level=level, place=place, thing=thing, facts=facts, ends=Ends.LAPSES, quiet_for=_HOUR)


def _outage(place: str, *facts: str, level: Level = Level.WARNING) -> Traits:
    return Traits(level=level, place=place, facts=facts)


TRAITS: Mapping[AlertKind, Traits] = {
    AlertKind.LOW_STOCK: _of_pool(Level.WARNING, worst_is_most=False),
    AlertKind.OVERSOLD: _of_pool(Level.CRITICAL),
    AlertKind.BACKORDERED: _of_pool(Level.INFO),
    AlertKind.OVERLOCKED: _of_pool(Level.WARNING),
    AlertKind.OVERTRANSFERRED: _of_pool(Level.WARNING),
    AlertKind.LOCKS_CUT: _of_pool(Level.WARNING),
    AlertKind.DELISTED: Traits(
        level=Level.INFO, place="shop", thing="listing", facts=("sku", "cause", "rule")
    ),
    AlertKind.RELISTED: _happens("shop", "listing", "sku", "cause", "rule", level=Level.INFO),
    AlertKind.PUT_BACK: _happens("shop", "listing", "because"),
    # Of one shop: where sales are presumed from counters that fall, every sale is one.
    AlertKind.DRIFT: _happens("shop", "", "listing", "sku", "by", level=Level.INFO),
    AlertKind.FOREIGN_WRITER: _happens("shop", "listing", "because"),
    AlertKind.LISTING_FAILING: _happens("shop", "listing", "because"),
    AlertKind.LISTING_UNBOUND: _happens("shop", "listing", "code", "because"),
    AlertKind.BINDING_HELD: _happens("shop", "listing", "code", "because"),
    AlertKind.SOURCE_FAILING: _outage("source", "error"),
    AlertKind.SOURCE_EMPTIED: _outage("source", "error", level=Level.CRITICAL),
    AlertKind.SOURCE_STALE: _outage("source", "minutes", "limit", level=Level.CRITICAL),
    AlertKind.SHOP_FAILING: _outage("shop", "error"),
    AlertKind.SHOP_BLOCKED: _outage("shop", "because", level=Level.CRITICAL),
    AlertKind.CIRCUIT_OPEN: _outage("shop"),
    AlertKind.ORDERS_FAILING: _outage("shop", "error"),
    AlertKind.ORDER_DOUBTED: _happens("shop", "line", "order", "because"),
    AlertKind.TOKENS_EXPIRING: Traits(
        level=Level.WARNING,
        place="shop",
        facts=("expires", "days", "hint"),
        ends=Ends.SILENT,
        quiet_for=_EXPIRING_FOR,
    ),
    AlertKind.TOKENS_FAILING: _outage("shop", "error", level=Level.CRITICAL),
    AlertKind.PLAN_HELD: _outage("shop", "because"),
    AlertKind.BACKLOG: _outage("shop", "minutes", "limit", "count", level=Level.CRITICAL),
    AlertKind.CYCLE_STUCK: _outage("", "seconds", "hint", level=Level.CRITICAL),
    AlertKind.RELOAD_REFUSED: Traits(level=Level.WARNING, facts=("hint",)),
    AlertKind.MQTT_LOST: _outage("broker", "error", "hint"),
    AlertKind.HOOK_REFUSED: _happens("shop", "", "because", "count"),
    AlertKind.TARGET_FAILING: _outage("target", "because"),
}
"""What is known of every kind."""
