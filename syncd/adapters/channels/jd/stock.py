"""The call that writes counters, and what its answer says of each row."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncd.adapters.channels.jd.reading import Named, results_of
from syncd.adapters.channels.jd.settings import JdSettings
from syncd.domain.model import Action, Outcome, Write
from syncd.errors import Kind

SET = "jingdong.ware.stock.sku.set"

_MODELS: Mapping[Action, tuple[str, str]] = {
    Action.SET: ("fullStockIn", "stockNum"),
    Action.DELTA: ("incrStockIn", "incrStockNum"),
}

_SILENT = Outcome(kind=Kind.UNKNOWN, message="the answer leaves it out")


def request(writes: Sequence[Write], settings: JdSettings) -> dict[str, Any]:
    """Return what asks for the writes, all absolute or all differences.

    The code of a call is the key of its only write, or made of the keys of all: the same lines sent again
    have the same code, and JD then skips the rows that it wrote before.
    """
    model, column = _MODELS[writes[0].action]
    store = {"storeId": settings.store_id} if settings.store_id else {}
    rows = [{"skuId": int(write.listing), column: write.value, **store} for write in writes]
    return {"req": {"updateModel": model, "stockRfId": _code(writes), "skuStocks": rows}}


def outcomes(
    writes: Sequence[Write], body: Mapping[str, Any], settings: JdSettings
) -> list[tuple[Outcome, str]]:
    """Return an outcome for each write, and the platform's words about it, which may quote anything.

    An answer that says success may hold rows that failed. A row that is not named is unknown, unless the
    settings say otherwise; an answer that names rows which were written names all of them.

    Raises:
        ValueError, TypeError, LookupError: the answer cannot be read.
    """
    success, reason, named = results_of(body)
    rows = _by_sku(named)
    lists_all = any(done for done, _ in rows.values())
    unnamed = _unnamed(success, alone=len(writes) == 1, lists_all=lists_all, settings=settings)
    found: list[tuple[Outcome, str]] = []
    for write in writes:
        if write.listing not in rows:
            found.append((unnamed, "" if unnamed.kind is Kind.DONE else reason))
            continue
        done, message = rows[write.listing]
        if done is None:
            found.append((Outcome(kind=Kind.UNKNOWN, message="the answer is of two minds about it"), ""))
        elif done:
            found.append((Outcome(kind=Kind.DONE), ""))
        else:
            kind = settings.errors.get(message, Kind.REJECTED)
            found.append((Outcome(kind=kind), message or "refused without a reason"))
    return found


def _unnamed(success: bool | None, *, alone: bool, lists_all: bool, settings: JdSettings) -> Outcome:  # noqa: FBT001
    """Return what became of a row that the answer does not name."""
    if success is None or (success and (lists_all or not settings.unlisted_is_done)):
        return _SILENT
    if success:
        return Outcome(kind=Kind.DONE)
    if alone:
        return Outcome(kind=Kind.REJECTED, message="refused without a reason")
    return Outcome(kind=Kind.UNKNOWN, message="the call failed; it may have been written before that")


def _by_sku(named: Iterable[Named]) -> dict[str, tuple[bool | None, str]]:
    """Return each row that is named, once; one that is named twice and differently says nothing."""
    rows: dict[str, tuple[bool | None, str]] = {}
    for sku, done, message in named:
        before = rows.get(sku)
        rows[sku] = (done if before is None or before[0] is done else None, message)
    return rows


def _code(writes: Sequence[Write]) -> str:
    if len(writes) == 1:
        return writes[0].key
    return hashlib.sha256("\n".join(write.key for write in writes).encode()).hexdigest()[:32]
