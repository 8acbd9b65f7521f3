"""Which events go out to whoever watches, and with which facts: what is not named here stays inside.

No fact here is a secret or of a buyer; a test holds this list against every event that is told anywhere.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

_HINTED = ("error", "hint")

PUBLISHED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # The life of the program.
        "started": (),
        "stopped": (),
        "reloaded": (),
        "reload_refused": _HINTED,
        "configuration_note": ("about",),
        "cycle_stuck": ("seconds", "hint"),
        "obeyed": ("verb", "by", "answer"),
        "http_listening": ("url",),
        # Cycles.
        "cycle_ended": ("scope", "seconds", "planned", "done", "failures", "held"),
        "lowered": ("seconds", "done", "left"),
        "planned": ("digest", "changes", "going", "held"),
        "held": ("shop", "because"),
        "pushed": (
            "shop",
            "done",
            "refused",
            "unknown",
            "not_tried",
            "calls",
            "throttled",
            "stopped_by",
            "because",
        ),
        "changed": ("shop", "listing", "sku", "kind", "old", "new", "cause", "rule"),
        "listing_failing": ("shop", "listing", "because"),
        # Sources.
        "source_collected": ("source", "kind", "rows", "changed", "missing", "bad", "floored"),
        "source_failing": ("source", "error", "emptied"),
        "source_recovered": ("source",),
        "row_refused": ("source", "row", "message"),
        "stock_refused": ("source", "because", "passed_over"),
        "stock_missing": ("source", "because", "hint"),
        "stock_whole": ("source",),
        # Shops.
        "shop_failing": ("shop", "error", "kind"),
        "shop_recovered": ("shop",),
        "shop_retired": ("shop",),
        "circuit_opened": ("shop",),
        "circuit_closed": ("shop",),
        "orders_failing": ("shop", "error"),
        "orders_recovered": ("shop",),
        "order_doubted": ("shop", "because"),
        "tokens_renewed": ("shop", "expires"),
        "tokens_failing": ("shop", "error"),
        "tokens_expiring": ("shop", "expires", "days", "hint"),
        # Listings and stock.
        "drift": ("shop", "listing", "sku", "by"),
        "put_back": ("shop", "listing", "because"),
        "foreign_writer": ("shop", "listing", "because"),
        "listing_unbound": ("shop", "listing", "code", "because"),
        "binding_held": ("shop", "listing", "code", "because"),
        "low_stock": ("pool", "sku", "units"),
        "low_stock_over": ("pool", "sku"),
        "oversold": ("pool", "sku", "units"),
        "oversold_over": ("pool", "sku"),
        "backordered": ("pool", "sku", "units"),
        "backordered_over": ("pool", "sku"),
        "overlocked": ("pool", "sku", "units"),
        "overlocked_over": ("pool", "sku"),
        "overtransferred": ("pool", "sku", "units"),
        "overtransferred_over": ("pool", "sku"),
        "locks_cut": ("pool", "sku", "units"),
        "locks_cut_over": ("pool", "sku"),
        "stock_watched": (
            "pool",
            "low_stock",
            "oversold",
            "backordered",
            "overlocked",
            "overtransferred",
            "locks_cut",
        ),
        "sku_unknown": ("skus", "count", "hint"),
        # Alerts and webhooks.
        "alert": (
            "id",
            "kind",
            "level",
            "open",
            "subject",
            "since",
            "until",
            "times",
            "flapping",
            "acknowledged",
            "title",
            "text",
            "advice",
        ),
        "alerts_lost": ("count",),
        "hook_taken": ("shop", "messages", "orders"),
        "hook_refused": ("shop", "because", "count"),
        # The broker.
        "mqtt_connected": ("broker", "lost"),
        "mqtt_lost": ("broker", *_HINTED),
        "mqtt_refused": ("broker", *_HINTED),
        "trigger_refused": ("topic", "because", "passed_over"),
    }
)
"""The events that go out, each with the facts of it that do."""

WITHHELD: Mapping[str, str] = MappingProxyType(
    {
        "measured": "a table of delays for those who count; the pages read it from the state",
        "signed_in": "who signs in from where is for who keeps the log",
        "signed_out": "the same",
        "login_refused": "the same",
        "purged": "care of the state, for the log",
        "purge_failing": "the same",
        "http_failed": "a fault of the program; whoever met it has its number, and the log tells more",
        "companion_failed": "a fault of the program, for the log",
        "library_failed": "the same of a library",
    }
)
"""The events that stay inside, each with the reason."""

WITHHELD_FACTS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("order_doubted", "order"): "the numbers of orders are on the page of orders, for who asks for it",
        ("order_doubted", "line"): "the same",
    }
)
"""The facts of published events that stay inside, each with the reason."""

LONGEST_TEXT = 500
"""Characters of the longest text that goes out."""

MOST_PARTS = 100
"""Parts of the longest list or table that goes out."""

_PLAIN = frozenset({int, bool, type(None)})


def published(name: str, facts: Mapping[str, object]) -> dict[str, object] | None:
    """Return the facts of an event that go out, as plain JSON; None of an event that does not."""
    names = PUBLISHED.get(name)
    if names is None:
        return None
    return {key: plain(facts[key]) for key in names if key in facts}


def plain(value: object) -> object:
    """Return a fact as JSON has it; what is too long is cut, and what JSON does not know becomes text."""
    # Nearly all facts are these, and of a long push there are a million.
    if isinstance(value, str):
        return _cut(value)
    if type(value) in _PLAIN:
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in list(value.items())[:MOST_PARTS]}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value[:MOST_PARTS]]
    return _cut(value.isoformat() if isinstance(value, datetime) else str(value))


def _cut(text: str) -> str:
    # As a bare text: an enum would drag its class along.
    bare = text if type(text) is str else str(text)
    return bare if len(bare) <= LONGEST_TEXT else bare[: LONGEST_TEXT - 1] + "…"
