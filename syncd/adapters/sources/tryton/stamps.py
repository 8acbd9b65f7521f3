"""When moves and products changed by Tryton's own clock, and the cursor that remembers how far we saw."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.sources.tryton.values import stamp

BEGINNING = datetime(1970, 1, 1)  # noqa: DTZ001 - Tryton's times name no zone

_VERSION = "1"
_MARK = 6
_MOST_MARKS = 5000
"""Beyond it the next delta reads all of them again, rather than that a cursor becomes a book."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """The newest times of the moves and products that changed since some moment, by their ids."""

    moves: Mapping[int, tuple[int, datetime]] = field(repr=False)
    products: Mapping[int, datetime] = field(repr=False)

    @classmethod
    def of(cls, moves: Iterable[Mapping[str, Any]], products: Iterable[Mapping[str, Any]]) -> "Stamps":
        """Return the stamps of the rows that Tryton answers.

        Raises:
            ValueError: a row has no time.
        """
        return cls(
            moves={row["id"]: (row["product"], newest(row)) for row in moves},
            products={row["id"]: newest(row, row.get("template.")) for row in products},
        )

    @property
    def latest(self) -> datetime:
        """Return the newest time; the beginning of all times if there is none."""
        times = [time for _, time in self.moves.values()]
        return max([BEGINNING, *times, *self.products.values()])

    def touched(self, seen: frozenset[bytes] = frozenset()) -> set[int]:
        """Return the products that changed or moved, but for what is in `seen`."""
        moved = {product for key, (product, time) in self.moves.items() if _mark("m", key, time) not in seen}
        changed = {key for key, time in self.products.items() if _mark("p", key, time) not in seen}
        return moved | changed

    def moved_since(self, before: "Stamps") -> set[int]:
        """Return the products of moves that were made, written or deleted after `before` was read."""
        ours, theirs = set(self.moves.items()), set(before.moves.items())
        return {product for _, (product, _) in ours ^ theirs}

    def marks(self, since: datetime) -> frozenset[bytes]:
        """Return a mark of every change at `since` or later; none at all where they are very many."""
        marks = {_mark("m", key, time) for key, (_, time) in self.moves.items() if time >= since}
        marks |= {_mark("p", key, time) for key, time in self.products.items() if time >= since}
        return frozenset(marks) if len(marks) <= _MOST_MARKS else frozenset()


def newest(*rows: Mapping[str, Any] | None) -> datetime:
    """Return the newest of the times at which records were made or written.

    Raises:
        ValueError: there is none.
    """
    times = [stamp(row.get(name)) for row in rows if row for name in ("create_date", "write_date")]
    return max(time for time in times if time is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far the last reading saw: the newest time, and marks of what had changed shortly before it.

    `scope` stands for what is read; of another scope a cursor means nothing.
    """

    scope: str
    time: datetime
    seen: frozenset[bytes] = field(repr=False)

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Return the cursor that `text` holds; None if it holds none of ours."""
        parts = text.split(" ")
        if len(parts) != 4 or parts[0] != _VERSION:  # noqa: PLR2004
            return None
        try:
            time = datetime.fromisoformat(parts[2])
            marks = base64.b64decode(parts[3], validate=True)
        except ValueError:
            return None
        if time.tzinfo or len(marks) % _MARK:
            return None
        seen = frozenset(marks[start : start + _MARK] for start in range(0, len(marks), _MARK))
        return cls(scope=parts[1], time=time, seen=seen)

    @classmethod
    def after(cls, stamps: Stamps, *, scope: str, at_least: datetime, overlap: timedelta) -> "Cursor":
        """Return the cursor of a reading that began with `stamps`; it never goes back."""
        time = max(stamps.latest, at_least)
        return cls(scope=scope, time=time, seen=stamps.marks(from_time(time, overlap)))

    def __str__(self) -> str:
        """Return the text that `read` reads."""
        marks = base64.b64encode(b"".join(sorted(self.seen))).decode()
        return f"{_VERSION} {self.scope} {self.time.isoformat(timespec='microseconds')} {marks}"


def from_time(time: datetime, overlap: timedelta) -> datetime:
    """Return from when on changes are looked at: long work is committed with the time at which it began."""
    return max(time, BEGINNING + overlap) - overlap


def scope_of(*parts: object) -> str:
    """Return a short text that differs where what is read differs."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _mark(kind: str, key: int, time: datetime) -> bytes:
    return hashlib.blake2b(f"{kind} {key} {time}".encode(), digest_size=_MARK).digest()
