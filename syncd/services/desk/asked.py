"""What is asked of a list, and how its pages are told apart."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from syncd.domain.model import PoolName, ShopName, Sku
from syncd.domain.said import say
from syncd.errors import NotThere, UsageError

Json = dict[str, Any]
RowT = TypeVar("RowT")
Key = Sequence[str | int]

MOST = 200
"""So many entries are a page at most."""

_LONGEST_CURSOR = 4_000
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which entries of a list; it takes what it knows of this, and leaves the rest aside.

    `search` is part of a code, a title or a SKU. `what` is a kind of rows in the ledger, and a level of
    alerts. `cursor` is the `next` of the page before, asked with the same words.
    """

    search: str = ""
    shop: ShopName | None = None
    sku: Sku | None = None
    pool: PoolName | None = None
    what: str = ""
    open_only: bool = False
    unbound: bool = False
    ended: bool = False
    since: datetime | None = None
    limit: int = 50
    cursor: str = ""

    @property
    def page(self) -> int:
        """Return how many entries a page has.

        Raises:
            UsageError: a page cannot have so many.
        """
        if not 1 <= self.limit <= MOST:
            raise UsageError(
                say("limit: a page has 1 to %(most)s entries, not %(limit)s", most=MOST, limit=self.limit)
            )
        return self.limit


def cursor_of(kind: str, key: Key) -> str:
    """Return the words for a place in a list; they tell nothing that the list does not show."""
    text = json.dumps([kind, *key], ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode().rstrip("=")


def key_of(kind: str, cursor: str, *types: type[str] | type[int]) -> tuple[Any, ...] | None:
    """Return the place that a cursor of this kind of list names, None for the beginning.

    Raises:
        NotThere: it is none, or one of another list; whatever somebody made up names a place at best.
    """
    if not cursor:
        return None
    if len(cursor) > _LONGEST_CURSOR:
        raise _no_cursor()
    try:
        text = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
        name, *key = json.loads(text)
        # Half a surrogate pair is in no state.
        json.dumps(key, ensure_ascii=False).encode()
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise _no_cursor() from error
    fits = name == kind and [type(part) for part in key] == list(types)
    if not fits or any(isinstance(part, int) and abs(part) > _LARGEST for part in key):
        raise _no_cursor()
    return tuple(key)


def _no_cursor() -> NotThere:
    return NotThere(say("cursor: this is not the `next` of a page of this list; begin again without it"))


def paged(
    kind: str, rows: Sequence[RowT], limit: int, key: Callable[[RowT], Key]
) -> tuple[Sequence[RowT], str | None]:
    """Return the rows of a page, and the cursor of the next; one row more than `limit` was asked for."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], cursor_of(kind, key(rows[limit - 1]))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Return a moment as a cursor has it."""
    return (at - EPOCH) // timedelta(microseconds=1)
