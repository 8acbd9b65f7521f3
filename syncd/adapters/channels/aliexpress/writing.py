"""What asks for new counters, and what the answer says of each product."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from syncd.adapters.channels.aliexpress.keys import ListingKey
from syncd.adapters.wire.values import id_text, plain, rows
from syncd.domain.model import Outcome, Write
from syncd.errors import Kind

UPDATE = "aliexpress.solution.batch.product.inventory.update"

_ROWS = "synchronize_product_response_dto"
_FLAGS = frozenset({"true", "false"})


def update_params(writes: Sequence[Write], keys: Sequence[ListingKey]) -> dict[str, str]:
    """Return what asks for absolute counters, by product and the seller's code."""
    products: dict[str, list[dict[str, Any]]] = {}
    for write, key in zip(writes, keys, strict=True):
        products.setdefault(key.product, []).append({"sku_code": key.code, "inventory": write.value})
    document = [
        {"product_id": int(product), "multiple_sku_update_list": skus} for product, skus in products.items()
    ]
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return {"mutiple_product_update_list": text}


def outcomes_of(
    body: Mapping[str, Any], meaning: Callable[[Mapping[str, Any]], tuple[Kind, str]]
) -> dict[str, Outcome]:
    """Return the outcome of each product that the answer names; the others are unknown.

    A product fails as a whole, inside an answer that is no error. One that failed may have been written in
    part: `meaning` says what its error means. One that both lists name is
    unknown, and so is one that only `update_success` speaks of.

    Raises:
        ValueError, TypeError, LookupError: the answer cannot be read.
    """
    if plain(body["update_success"]) not in _FLAGS and not isinstance(body["update_success"], bool):
        raise ValueError("update_success says neither")
    found: dict[str, Outcome] = {}
    for row in rows(body, "update_successful_list", _ROWS):
        found[id_text(row["product_id"])] = Outcome(kind=Kind.DONE)
    for row in rows(body, "update_failed_list", _ROWS):
        product = id_text(row["product_id"])
        if product in found:
            found[product] = Outcome(kind=Kind.UNKNOWN, message="the answer says both done and failed")
            continue
        kind, reason = meaning(row)
        found[product] = Outcome(kind=kind, message=reason)
    return found
