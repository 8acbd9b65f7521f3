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
_REFUSED = frozenset({Kind.REJECTED, Kind.NOT_FOUND})


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
    part: `meaning` says what its error means. One that both lists name is unknown, and so is one that only
    `update_success` speaks of.

    Raises:
        ValueError, TypeError, LookupError: the answer cannot be read, or is none to such a call.
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


def refused_whole(outcomes: Mapping[str, Outcome], sizes: Mapping[str, int]) -> Outcome | None:
    """Return how a call was refused that changed nothing at all, though less of it may be taken; else None.

    `sizes` are the SKUs of each product of the call. A product fails with all of them and does not say for
    which: where one has several, only a call with fewer can tell.
    """
    told = [outcomes.get(product) for product in sizes]
    refused = [outcome for outcome in told if outcome is not None and outcome.kind in _REFUSED]
    if len(refused) < len(sizes) or max(sizes.values()) == 1:
        return None
    kinds = {outcome.kind for outcome in refused}
    return Outcome(kind=kinds.pop() if len(kinds) == 1 else Kind.REJECTED, message=refused[0].message)


def told_of_line(outcome: Outcome, size: int) -> Outcome:
    """Return what the outcome of a product says of one of the `size` SKUs that were written to it.

    Which of several is the cause is not told, so none of them is taken for gone: that would be final.
    """
    if outcome.kind not in _REFUSED or size == 1:
        return outcome
    message = f"refused with all {size} SKUs of its product in the call: {outcome.message}"
    return Outcome(kind=Kind.REJECTED, message=message)
