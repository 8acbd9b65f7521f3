"""Writing counters: what each call carries, and what its answer means for each write."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from syncd.adapters.channels.douyin.client import Said
from syncd.adapters.channels.douyin.keys import ListingKey
from syncd.adapters.channels.douyin.settings import Calls
from syncd.adapters.wire.douyin import Family, code_of, row_kind
from syncd.adapters.wire.values import objects, plain
from syncd.domain.model import Action, Outcome, Write
from syncd.errors import Kind

PATHS: Mapping[Calls, tuple[str, Family]] = {
    Calls.ROWS: ("/sku/syncStockBatchMultiProducts", Family.ROWS),
    Calls.PRODUCT: ("/sku/syncStockBatch", Family.PRODUCT),
    Calls.SKU: ("/sku/syncStock", Family.SKU),
}
"""The call of each way to write, and whose numbers its refusals are."""

_NORMAL = 0
_LONGEST_MESSAGE = 200


def request(calls: Calls, writes: Sequence[Write], keys: Sequence[ListingKey]) -> dict[str, Any]:
    """Return the parameters of one call; `keys` are those of the writes."""
    common = {"idempotent_id": call_key(writes), "incremental": writes[0].action is Action.DELTA}
    pairs = list(zip(writes, keys, strict=True))
    if calls is Calls.ROWS:
        items = [
            {
                "product_id": int(key.product),
                "sku_id": int(key.sku),
                "stock_num": write.value,
                "uniq_id": key.sku,
            }
            for write, key in pairs
        ]
        return {**common, "items": items}
    if calls is Calls.PRODUCT:
        skus = [
            {"sku_id": int(key.sku), "sku_type": _NORMAL, "stock_num": write.value} for write, key in pairs
        ]
        return {**common, "product_id": int(keys[0].product), "sku_sync_list": skus}
    (write, key), *_ = pairs
    return {
        **common,
        "product_id": int(key.product),
        "sku_id": int(key.sku),
        "stock_num": write.value,
    }


def call_key(writes: Sequence[Write]) -> str:
    """Return the key of a call: one that these writes together always have, and no others.

    What a key may hold, and how long it may be, no document says; hexadecimal digits pass everywhere.
    """
    text = "\n".join(sorted(f"{write.listing} {write.key}" for write in writes))
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def outcomes(
    calls: Calls, said: Said, keys: Sequence[ListingKey], overrides: Mapping[str, Kind]
) -> list[Outcome]:
    """Return the outcome of each write of an accepted call.

    Raises:
        TypeError, LookupError: the answer has no rows that can be read.
    """
    if calls is not Calls.ROWS:
        # It is all or nothing; that a part of it was done must not be.
        message = "" if said.is_whole else "the platform says that a part of it was done, not which"
        kind = Kind.DONE if said.is_whole else Kind.UNKNOWN
        return [Outcome(kind=kind, message=message)] * len(keys)
    found: dict[str, list[Mapping[str, Any]]] = {key.sku: [] for key in keys}
    for row in objects(said.object["results"]):
        named = plain(row.get("uniq_id"))
        # It says of which row it is by what we sent, or else by the SKU's id.
        found.get(named if named in found else plain(row.get("sku_id")), []).append(row)
    return [_outcome(found[key.sku], overrides) for key in keys]


def _outcome(found: Sequence[Mapping[str, Any]], overrides: Mapping[str, Kind]) -> Outcome:
    if not found:
        return Outcome(kind=Kind.UNKNOWN, message="the answer does not speak of it")
    codes = {code_of(row.get("status_code")) for row in found}
    if codes == {0}:
        return Outcome(kind=Kind.DONE)
    if len(codes) > 1 or None in codes:
        return Outcome(kind=Kind.UNKNOWN, message="the answer does not say plainly whether it was done")
    code = codes.pop()
    message = " ".join((f"status_code {code}", plain(found[0].get("status_message"))[:_LONGEST_MESSAGE]))
    return Outcome(kind=row_kind(code, overrides=overrides), message=message.strip())
