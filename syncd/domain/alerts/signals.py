"""Read from events what begins and what is over."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from syncd.domain.alerts.kinds import TRAITS, AlertKind
from syncd.domain.alerts.records import Key, facts_text, plain
from syncd.domain.model import ChangeKind
from syncd.errors import Kind

Told: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Raise:
    """Something is the matter, or still is; `facts` is an object of JSON.

    One that is `urgent` is critical whatever its kind is, unless the settings say how bad the kind is.
    """

    key: Key
    facts: str = "{}"
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Clear:
    """It is over; `instead` is raised where it was not known that it was on."""

    key: Key
    instead: Raise | None = None


@dataclass(frozen=True, slots=True)
class Confirm:
    """All that is on of these kinds was told since the program started: what was not is over."""

    kinds: frozenset[AlertKind]


Signal: TypeAlias = Raise | Clear | Confirm

NOTICED = frozenset(
    {
        AlertKind.LOW_STOCK,
        AlertKind.OVERSOLD,
        AlertKind.BACKORDERED,
        AlertKind.OVERLOCKED,
        AlertKind.OVERTRANSFERRED,
        AlertKind.LOCKS_CUT,
    }
)
"""The kinds whose end is not told of what was on before the program started."""

_LAST_DAYS = 1
_REPEATED = "replayed"
NEEDS_A_PERSON = frozenset({Kind.AUTH_EXPIRED, Kind.AUTH_REVOKED, Kind.SIGNATURE, Kind.PERMISSION})
"""What a shop says that does not end by waiting."""


def raised(kind: AlertKind, told: Told) -> Raise:
    """Return the signal that a `kind` of alert is on, with what may be kept of the facts."""
    return Raise(_key(kind, told), facts_text(told, TRAITS[kind].facts))


def cleared(kind: AlertKind, told: Told) -> Clear:
    """Return the signal that a `kind` of alert is over."""
    return Clear(_key(kind, told))


def signals_of(name: str, told: Told) -> Iterator[Signal]:
    """Yield what an event means; most mean nothing."""
    if name in _BEGINS:
        yield raised(_BEGINS[name], told)
    elif name in _ENDS:
        for kind in _ENDS[name]:
            yield cleared(kind, told)
    elif name in _SPECIAL:
        yield from _SPECIAL[name](told)


def _key(kind: AlertKind, told: Told) -> Key:
    traits = TRAITS[kind]
    place = str(plain(told.get(traits.place) or "")) if traits.place else ""
    return Key(kind, place, str(plain(told.get(traits.thing) or "")) if traits.thing else "")


_BEGINS: Mapping[str, AlertKind] = {
    **{kind.value: kind for kind in NOTICED},
    "put_back": AlertKind.PUT_BACK,
    "drift": AlertKind.DRIFT,
    "foreign_writer": AlertKind.FOREIGN_WRITER,
    "listing_failing": AlertKind.LISTING_FAILING,
    "listing_unbound": AlertKind.LISTING_UNBOUND,
    "binding_held": AlertKind.BINDING_HELD,
    "circuit_opened": AlertKind.CIRCUIT_OPEN,
    "orders_failing": AlertKind.ORDERS_FAILING,
    "order_doubted": AlertKind.ORDER_DOUBTED,
    "tokens_failing": AlertKind.TOKENS_FAILING,
    "held": AlertKind.PLAN_HELD,
    "cycle_stuck": AlertKind.CYCLE_STUCK,
    "reload_refused": AlertKind.RELOAD_REFUSED,
    "mqtt_lost": AlertKind.MQTT_LOST,
    "mqtt_refused": AlertKind.MQTT_LOST,
}

_ENDS: Mapping[str, tuple[AlertKind, ...]] = {
    **{f"{kind.value}_over": (kind,) for kind in NOTICED},
    "shop_recovered": (AlertKind.SHOP_FAILING, AlertKind.SHOP_BLOCKED),
    "circuit_closed": (AlertKind.CIRCUIT_OPEN,),
    "orders_recovered": (AlertKind.ORDERS_FAILING,),
    "source_recovered": (AlertKind.SOURCE_FAILING, AlertKind.SOURCE_EMPTIED),
    "tokens_renewed": (AlertKind.TOKENS_FAILING, AlertKind.TOKENS_EXPIRING),
    "mqtt_connected": (AlertKind.MQTT_LOST,),
    "started": (AlertKind.CYCLE_STUCK, AlertKind.RELOAD_REFUSED),
    "reloaded": (AlertKind.RELOAD_REFUSED,),
}


def _changed(told: Told) -> Iterator[Signal]:
    """Yield what a change of a listing means: off sale, or on sale again."""
    if told.get("kind") == ChangeKind.OFF.value:
        yield raised(AlertKind.DELISTED, told)
    elif told.get("kind") == ChangeKind.RELIST.value:
        yield Clear(_key(AlertKind.DELISTED, told), instead=raised(AlertKind.RELISTED, told))


def _shop_failing(told: Told) -> Iterator[Signal]:
    """Yield that a shop cannot be read, or that it needs a person before it can."""
    if told.get("kind") in NEEDS_A_PERSON:
        yield raised(AlertKind.SHOP_BLOCKED, {**told, "because": told.get("error")})
    else:
        yield raised(AlertKind.SHOP_FAILING, told)


def _pushed(told: Told) -> Iterator[Signal]:
    """Yield whether a shop needs a person before it can be written."""
    if told.get("stopped_by") in NEEDS_A_PERSON:
        yield raised(AlertKind.SHOP_BLOCKED, told)
    elif told.get("done"):
        yield cleared(AlertKind.SHOP_BLOCKED, told)


def _tokens_expiring(told: Told) -> Iterator[Signal]:
    """Yield that tokens end soon; on the last day nobody must oversleep it."""
    days = told.get("days")
    is_urgent = isinstance(days, int) and days <= _LAST_DAYS
    yield replace(raised(AlertKind.TOKENS_EXPIRING, told), urgent=is_urgent)


def _hook_refused(told: Told) -> Iterator[Signal]:
    """Yield that a shop refuses messages; platforms repeat some, and anybody may call what is no shop."""
    if told.get("shop") and told.get("because") != _REPEATED:
        yield raised(AlertKind.HOOK_REFUSED, told)


def _source_failing(told: Told) -> Iterator[Signal]:
    yield raised(AlertKind.SOURCE_EMPTIED if told.get("emptied") else AlertKind.SOURCE_FAILING, told)


def _cycle_ended(told: Told) -> Iterator[Signal]:
    """Yield what a whole cycle proves: it turns, what was noticed was told, and what it does not hold."""
    yield cleared(AlertKind.CYCLE_STUCK, told)
    if told.get("scope") != "whole":
        return
    yield Confirm(NOTICED)
    held = told.get("held")
    for shop, changes in held.items() if isinstance(held, Mapping) else ():
        if not changes:
            yield cleared(AlertKind.PLAN_HELD, {"shop": shop})


_SPECIAL: Mapping[str, Callable[[Told], Iterator[Signal]]] = {
    "changed": _changed,
    "pushed": _pushed,
    "source_failing": _source_failing,
    "shop_failing": _shop_failing,
    "tokens_expiring": _tokens_expiring,
    "cycle_ended": _cycle_ended,
    "hook_refused": _hook_refused,
}

EVENTS = frozenset((*_BEGINS, *_ENDS, *_SPECIAL))
"""The events that mean something here."""
