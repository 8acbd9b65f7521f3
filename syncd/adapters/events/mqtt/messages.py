"""What messages say, both ways, as pure functions."""

import json
import re
from collections.abc import Mapping
from datetime import datetime

from syncd.domain.look import Look
from syncd.domain.model import ShopName, Sku

LARGEST = 64 * 1024
"""Bytes of the longest *look now* that is read."""

_LONGEST_CODE = 200
_LONGEST_ORDER = 64
_MOST_ORDERS = 100
_SHOP = re.compile(r"[a-z0-9_]{1,100}")
_EXAMPLE = '{"skus": ["A", "B"]} or {"shop": "NAME", "orders": ["1"]}'
_LONGEST_TEXT = 500

KINDS: Mapping[str, str] = {
    "planned": "plan",
    "held": "held",
    "source_failing": "outage",
    "shop_failing": "outage",
    "circuit_opened": "outage",
    "orders_failing": "outage",
    "cycle_stuck": "outage",
    "source_recovered": "recovery",
    "shop_recovered": "recovery",
    "circuit_closed": "recovery",
    "orders_recovered": "recovery",
    "low_stock": "low_stock",
    "low_stock_over": "low_stock",
    "oversold": "oversold",
    "oversold_over": "oversold",
    "locks_cut": "locks",
    "locks_cut_over": "locks",
    "drift": "drift",
    "foreign_writer": "drift",
    "put_back": "drift",
    "listing_unbound": "binding",
    "binding_held": "binding",
    "listing_failing": "listing",
    "tokens_expiring": "tokens",
    "tokens_failing": "tokens",
    "tokens_renewed": "tokens",
    "stock_missing": "stock",
    "stock_refused": "stock",
    "stock_whole": "stock",
    "obeyed": "operator",
    "shop_retired": "operator",
    "reloaded": "operator",
}
"""The events that are published, each with the last part of its topic."""

CHANGES: Mapping[str, str] = {"off": "delisted", "relist": "relisted"}
"""The kinds of changes of listings that are published; all others would be too many."""

_STIRRING = frozenset({"cycle_ended", "lowered", "pushed", "source_collected", "obeyed", "shop_retired"})
_STIRRING_ENDS = ("_failing", "_recovered", "_renewed")


def event_kind(name: str, facts: Mapping[str, object]) -> str:
    """Return the last part of an event's topic, empty where it is not published."""
    if name == "changed":
        return CHANGES.get(str(facts.get("kind")), "")
    return KINDS.get(name, "")


def alert_topic(facts: Mapping[str, object]) -> str:
    """Return the topic of an alert, whose facts are a document of its own."""
    kind = facts.get("kind")
    return f"alert/{kind}" if isinstance(kind, str) and _SHOP.fullmatch(kind) else "alert/other"


def stirs(name: str) -> bool:
    """Return whether an event may change how a shop or a source is."""
    return name in _STIRRING or name.endswith(_STIRRING_ENDS)


def read_look(payload: bytes) -> Look:
    """Return what a *look now* names: some SKUs, some orders of a shop, or nothing for all there is.

    Raises:
        ValueError: it says something else; the error names what is wrong and never quotes it.
    """
    if len(payload) > LARGEST:
        raise ValueError(f"it has {len(payload)} bytes, more than {LARGEST}")
    if not payload.strip():
        return Look()
    document = _parsed(payload)
    if not isinstance(document, dict):
        raise ValueError(f"it is not a JSON object such as {_EXAMPLE}")  # noqa: TRY004 - one kind
    if not document:
        return Look()
    if set(document) == {"skus"}:
        return Look(skus=_codes(document["skus"]))
    if set(document) == {"shop", "orders"}:
        return Look(shop=_shop(document["shop"]), orders=_orders(document["orders"]))
    raise ValueError("it has other keys than skus, or than shop and orders")


def _parsed(payload: bytes) -> object:
    try:
        return json.loads(payload.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None


def _codes(skus: object) -> frozenset[Sku]:
    if not isinstance(skus, list):
        raise ValueError("skus is not a list")  # noqa: TRY004 - one kind
    if not skus:
        # What a script sends that found nothing; it must not mean everything.
        raise ValueError("skus is empty; send {} for all")
    for at, code in enumerate(skus, 1):
        if not isinstance(code, str) or not code.strip() or len(code) > _LONGEST_CODE:
            raise ValueError(f"number {at} of skus is not a text of 1 to {_LONGEST_CODE} characters")
    return frozenset(Sku(code) for code in skus)


def _shop(name: object) -> ShopName:
    if not isinstance(name, str) or not _SHOP.fullmatch(name):
        raise ValueError("shop is not the name of a shop")
    return ShopName(name)


def _orders(orders: object) -> frozenset[str]:
    if not isinstance(orders, list) or not 0 < len(orders) <= _MOST_ORDERS:
        raise ValueError(f"orders is not a list of 1 to {_MOST_ORDERS}")
    for at, order in enumerate(orders, 1):
        # No number: the ids have 64 bits, and who wrote one as a float would name another order.
        if not isinstance(order, str) or not 0 < len(order) <= _LONGEST_ORDER or not _is_plain(order):
            raise ValueError(f"number {at} of orders is not a text of 1 to {_LONGEST_ORDER} plain characters")
    return frozenset(orders)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def event_text(name: str, facts: Mapping[str, object], *, at: datetime) -> bytes:
    """Return an event as JSON; long texts are cut, empty facts left out."""
    shown = {key: _short(value) for key, value in facts.items() if value not in ("", None)}
    return _json({"at": at.isoformat(), "event": name, **shown})


def document_text(document: Mapping[str, object] | None) -> bytes:
    """Return a document as JSON, long texts cut; nothing for None."""
    if document is None:
        return b""
    return _json({key: _short(value) for key, value in document.items()})


def _json(document: object) -> bytes:
    # Half a character, as platforms leave that cut texts too short, goes as JSON escapes it.
    return json.dumps(document, ensure_ascii=False, default=str).encode(errors="backslashreplace")


def _short(value: object) -> object:
    if not isinstance(value, str) or len(value) <= _LONGEST_TEXT:
        return value
    return value[: _LONGEST_TEXT - 1] + "…"
