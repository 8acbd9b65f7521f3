"""What the state refuses to keep; a fake that took it would hide the mistake until the first real file."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from math import isfinite
from typing import Any, TypeVar

from syncd.domain.held import HeldRow
from syncd.domain.model import Cause, ListingRow, Sku, StockRow
from syncd.domain.records import (
    DemandRow,
    GuardedCount,
    IntentRow,
    LedgerRow,
    LevelRow,
    MeasureRow,
    Resolution,
    ShareRow,
)
from syncd.errors import StateError
from syncd.ports.store import Proof

RowT = TypeVar("RowT")
SkuRowT = TypeVar("SkuRowT", StockRow, ListingRow, LevelRow, ShareRow, DemandRow)

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_LEAST_BEGINNING = 8
_GUARDED = frozenset((Cause.SNAPSHOT, Cause.CONFIG))
_COUNTED = frozenset(("counter", "on_sale"))


def storable(rows: Sequence[RowT]) -> list[RowT]:
    """Return the rows as a list.

    Raises:
        StateError: a value is of no type that the state knows, half a surrogate pair, over 64 bits or a time
            without a zone; the row is named.
    """
    kept = []
    for row in rows:
        for value in _values(row):
            if value is None or (type(value) is str and value.isascii()):
                continue
            if isinstance(value, float) and isinstance(row, (DemandRow, MeasureRow)) and isfinite(value):
                continue
            if why := _unstorable(value):
                raise StateError(f"nothing was written, this row cannot be stored ({why}): {row!r:.400}")
        kept.append(row)
    return kept


def of_skus(rows: Iterable[SkuRowT], skus: Collection[Sku] | None) -> list[SkuRowT]:
    """Return the rows of these SKUs, all for None."""
    wanted = None if skus is None else frozenset(skus)
    return [row for row in rows if wanted is None or row.sku in wanted]


def _values(row: Any) -> Iterable[Any]:  # noqa: ANN401 - a NamedTuple or a dataclass
    if is_dataclass(row):
        return [getattr(row, field.name) for field in fields(row)]
    values: tuple[Any, ...] = row
    return values


def _unstorable(value: object) -> str:
    if isinstance(value, str):
        return "" if value.isascii() or _encodes(value) else "half a surrogate pair"
    if isinstance(value, datetime):
        return "" if value.tzinfo else "a time without a zone"
    if isinstance(value, int):
        return "" if _SMALLEST <= value <= _LARGEST else "an integer over 64 bits"
    if isinstance(value, Mapping):
        return next((why for part in (*value, *value.values()) if (why := _unstorable(part))), "")
    if isinstance(value, frozenset):
        return next((why for part in value if (why := _unstorable(part))), "")
    return "" if value is None else f"type {type(value).__name__}"


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def ended(intents: Mapping[str, IntentRow], row: IntentRow) -> IntentRow:
    """Return the intent as it was opened, with the ending of `row`; one that never was is an error."""
    opened = intents.get(row.key)
    if opened is None:
        raise StateError(f"shop {row.shop}: intent {row.key} for listing {row.listing} was never opened")
    return opened._replace(sent_at=row.sent_at, resolution=row.resolution, message=row.message)


def still_open(intents: Mapping[str, IntentRow]) -> dict[str, IntentRow]:
    """Return the intents that nothing has settled."""
    return {key: row for key, row in intents.items() if row.resolution is Resolution.OPEN}


def is_guarded(row: LedgerRow) -> bool:
    """Return whether the guard counts a row of the ledger."""
    return row.cause in _GUARDED and row.what in _COUNTED


def guarded(rows: Iterable[LedgerRow]) -> list[GuardedCount]:
    """Return what the guard has let through, of rows that it counts, per shop that has any, sorted by shop.

    A counter that was not known before counts as if it had been above 0 and as raised from 0: the guard then
    holds too early, never too late.
    """
    off: dict[Any, set[str]] = {}
    raised: dict[Any, int] = {}
    for row in rows:
        gone = off.setdefault(row.shop, set())
        raised.setdefault(row.shop, 0)
        if row.new == 0 and row.old != 0:
            gone.add(row.listing)
        if row.what == "counter" and row.new is not None:
            raised[row.shop] += max(row.new - (row.old or 0), 0)
    return [GuardedCount(shop, len(off[shop]), raised[shop]) for shop in sorted(off)]


def proven_by(row: ListingRow, proof: Proof) -> ListingRow:
    """Return `row` as `proof` leaves it; what a proof says nothing about stays."""
    row = row._replace(expected_lo=proof.expected_lo, expected_hi=proof.expected_hi)
    if proof.on_sale is None and not proof.delisted_by:
        return row
    on_sale = row.on_sale if proof.on_sale is None else proof.on_sale
    return row._replace(on_sale=on_sale, delisted_by=proof.delisted_by)


def by_digest(held: Sequence[HeldRow], at: datetime) -> dict[str, tuple[datetime, list[HeldRow]]]:
    """Return what is held, of equal rows the last, with the time, by digest."""
    rows = {row[:4]: row for row in held}
    found: dict[str, tuple[datetime, list[HeldRow]]] = {}
    for row in rows.values():
        found.setdefault(row.digest, (at, []))[1].append(row)
    return found


def held_under(held: Mapping[str, tuple[datetime, list[HeldRow]]], digest: str) -> list[HeldRow]:
    """Return what is held under `digest`, or under the only digest that begins with so much of it."""
    fitting = [key for key in held if key.startswith(digest) and len(digest) >= _LEAST_BEGINNING]
    if digest in held:
        fitting = [digest]
    return sorted(held[fitting[0]][1]) if len(fitting) == 1 else []
