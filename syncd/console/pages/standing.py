"""What needs a person, and whether a shop is right: judged from the overview, most pressing first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LATE = 60.0
"""A decrease that waits longer, in seconds, is late: buyers see units that are sold."""


class Sign(StrEnum):
    """How something stands; the names of its colour and its icon."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    OFF = "off"
    HELD = "held"
    UNBOUND = "unbound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that waits for a person: what it is, where it is seen to, and its facts for the words."""

    what: str
    sign: Sign
    path: str
    facts: Mapping[str, Any]


def sign_of(shop: Mapping[str, Any]) -> Sign:
    """Return how a shop stands; stopped on purpose is neither right nor wrong."""
    if shop["status"] != "active":
        return Sign.OFF
    if shop["error"]:
        return Sign.BAD
    return Sign.WARN if doubt_of(shop) else Sign.OK


def doubt_of(shop: Mapping[str, Any]) -> str:
    """Return what is not right with a shop that is active and does not fail, empty for nothing."""
    doubts = {
        "held": shop["decreases"]["held"],
        "late": _late(shop),
        "orders": (shop.get("orders") or {}).get("error"),
        "unread": shop["observed_at"] is None,
    }
    return next((name for name, is_so in doubts.items() if is_so), "")


def _late(shop: Mapping[str, Any]) -> bool:
    decreases = shop["decreases"]
    return decreases["waiting"] > decreases["held"] and (decreases["oldest_seconds"] or 0) > LATE


def needs(overview: Mapping[str, Any]) -> list[Need]:
    """Return what waits for a person: what can sell too much first, what only hides units last."""
    return [
        *_failing(overview),
        *_held(overview),
        *_alerts(overview),
        *_slow(overview),
        *_stopped(overview),
        *_unbound(overview),
    ]


def _failing(overview: Mapping[str, Any]) -> Iterator[Need]:
    for shop in overview["shops"]:
        path = f"/shops/{shop['shop']}"
        if shop["error"]:
            yield Need(what="shop_failing", sign=Sign.BAD, path=path, facts=shop)
        orders = shop.get("orders") or {}
        if orders.get("error"):
            facts = {"shop": shop["shop"], "error": orders["error"], "since": orders["since"]}
            yield Need(what="orders_failing", sign=Sign.BAD, path=path, facts=facts)
    for source in overview["sources"]:
        if source["error"]:
            yield Need(what="source_failing", sign=Sign.BAD, path="/#sources", facts=source)


def _held(overview: Mapping[str, Any]) -> Iterator[Need]:
    for plan in overview["held"]:
        if plan["stands"] and plan["waiting"]:
            path = f"/plans/{plan['digest']}"
            names = [shop["shop"] for shop in plan["shops"]]
            facts = {"waiting": plan["waiting"], "digest": plan["digest"], "shops": names}
            yield Need(what="plan_held", sign=Sign.HELD, path=path, facts=facts)


def _alerts(overview: Mapping[str, Any]) -> Iterator[Need]:
    count = overview["alerts"].get("critical", 0)
    if count:
        yield Need(what="alerts", sign=Sign.BAD, path="/alerts?what=critical", facts={"count": count})


def _slow(overview: Mapping[str, Any]) -> Iterator[Need]:
    for shop in overview["shops"]:
        if shop["status"] == "active" and not shop["error"] and _late(shop):
            yield Need(what="late", sign=Sign.WARN, path=f"/shops/{shop['shop']}", facts=shop)


def _stopped(overview: Mapping[str, Any]) -> Iterator[Need]:
    for shop in overview["shops"]:
        if shop["status"] in {"paused", "frozen"}:
            yield Need(what="stopped", sign=Sign.OFF, path=f"/shops/{shop['shop']}", facts=shop)


def _unbound(overview: Mapping[str, Any]) -> Iterator[Need]:
    if overview["unbound"]:
        facts = {"count": overview["unbound"]}
        yield Need(what="unbound", sign=Sign.UNBOUND, path="/listings?unbound=1", facts=facts)
