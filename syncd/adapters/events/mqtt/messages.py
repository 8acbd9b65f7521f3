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
    "source_failing": "outage",
    "shop_failing": "outage",
    "orders_failing": "outage",
    "source_recovered": "recovery",
    "shop_recovered": "recovery",
    "orders_recovered": "recovery",
}
"""The events that are published, each with the last part of its topic."""


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


def event_text(facts: Mapping[str, object], *, at: datetime) -> bytes:
    """Return an event as JSON; long texts are cut, empty facts left out."""
    shown = {key: _short(value) for key, value in facts.items() if value not in ("", None)}
    return json.dumps({"at": at.isoformat(), **shown}, ensure_ascii=False, default=str).encode()


def _short(value: object) -> object:
    if not isinstance(value, str) or len(value) <= _LONGEST_TEXT:
        return value
    return value[: _LONGEST_TEXT - 1] + "…"
