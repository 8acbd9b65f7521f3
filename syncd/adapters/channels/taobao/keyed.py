"""The call for one quantity that carries a key, which Tmall has beside those of TOP."""

import json
import re
from collections.abc import Mapping
from typing import Any

from syncd.adapters.channels.taobao.keys import ListingKey
from syncd.adapters.wire.values import id_text
from syncd.domain.model import Action, Outcome, Write
from syncd.errors import Kind

KEYED = "tmall.item.quantity.update"

_HEX = re.compile(r"[0-9a-fA-F]+")


def keyed_form(write: Write, key: ListingKey) -> dict[str, str]:
    """Return what asks for one quantity, absolute or a difference, under the key of the write."""
    # The key may hold nothing but hexadecimal digits.
    plain = write.key if _HEX.fullmatch(write.key) else write.key.encode().hex()
    options = {"type": 1 if write.action is Action.SET else 2, "outer_biz_key": plain}
    form = {"item_id": key.item, "options": json.dumps(options)}
    if not key.sku:
        return form | {"item_quantity": str(write.value)}
    return form | {"sku_quantities": json.dumps([{"sku_id": int(key.sku), "quantity": write.value}])}


def keyed_outcome(body: Mapping[str, Any], key: ListingKey) -> Outcome:
    """Return the outcome of a write that was accepted; no counter is told, nor whether the key was known.

    Raises:
        ValueError: the answer speaks of another item.
        LookupError: it names none.
    """
    if id_text(body["quantity_update_result"]) != key.item:
        raise ValueError("the answer speaks of another item")
    return Outcome(kind=Kind.DONE)
