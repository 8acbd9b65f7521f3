"""When moves and products changed by Tryton's own clock, and the cursor that remembers how far we saw."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.sources.tryton.values import stamp

BEGINNING = datetime(1970, 1, 1)  # noqa: DTZ001 - Tryton's times name no zone

_VERSION = "1"


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

    def touched(self) -> set[int]:
        """Return the products that changed or moved."""
        return {*self.products, *(product for product, _ in self.moves.values())}

    def moved_since(self, before: "Stamps") -> set[int]:
        """Return the products of moves that were made, written or deleted after `before` was read."""
        ours, theirs = set(self.moves.items()), set(before.moves.items())
        return {product for _, (product, _) in ours ^ theirs}

    def digest(self, since: datetime) -> str:
        """Return a short text that differs where anything newer than `since` differs."""
        moves = [(key, time) for key, (_, time) in self.moves.items() if time >= since]
        products = [(key, time) for key, time in self.products.items() if time >= since]
        return hashlib.sha256(repr((sorted(moves), sorted(products))).encode()).hexdigest()[:16]


def newest(*rows: Mapping[str, Any] | None) -> datetime:
    """Return the newest of the times at which records were made or written.

    Raises:
        ValueError: there is none.
    """
    times = [stamp(row.get(name)) for row in rows if row for name in ("create_date", "write_date")]
    return max(time for time in times if time is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far the last reading saw: the newest time, and what had changed shortly before it.

    `scope` stands for what is read; of another scope a cursor means nothing.
    """

    scope: str
    time: datetime
    digest: str

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Return the cursor that `text` holds; None if it holds none of ours."""
        parts = text.split(" ")
        if len(parts) != 4 or parts[0] != _VERSION:  # noqa: PLR2004
            return None
        try:
            time = datetime.fromisoformat(parts[2])
        except ValueError:
            return None
        return None if time.tzinfo else cls(scope=parts[1], time=time, digest=parts[3])

    @classmethod
    def after(cls, stamps: Stamps, *, scope: str, at_least: datetime, overlap: timedelta) -> "Cursor":
        """Return the cursor of a reading that began with `stamps`; it never goes back."""
        time = max(stamps.latest, at_least)
        return cls(scope=scope, time=time, digest=stamps.digest(from_time(time, overlap)))

    def __str__(self) -> str:
        """Return the text that `read` reads."""
        return f"{_VERSION} {self.scope} {self.time.isoformat(timespec='microseconds')} {self.digest}"


def from_time(time: datetime, overlap: timedelta) -> datetime:
    """Return from when on changes are looked at: long work is committed with the time at which it began."""
    return max(time, BEGINNING + overlap) - overlap


def scope_of(*parts: object) -> str:
    """Return a short text that differs where what is read differs."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]
