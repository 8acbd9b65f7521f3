"""What a publisher says of its stock, read without a guess; `stock.schema.json` says it to machines."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from syncd.adapters.sources.times import MOST_AHEAD, moment
from syncd.domain.figures import Unbelievable, shown
from syncd.domain.model import Part, Sku, SnapshotKind

LARGEST_NUMBER = 2**53 - 1
"""Beyond this JSON of other programs rounds."""

LONGEST_NAME = 100
MOST_PARTS = 10_000

_KEYS = {"id", "publisher", "seq", "as_of", "kind", "lines"}
_MAY = {"part", "parts"}
_LINE_KEYS = {"sku", "warehouse", *(part.word for part in Part)}
_NAME = re.compile(r"[!-~]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StockMessage:
    """One message: what changed, or one part of all there is.

    `publisher` is who counts `seq`, one by one and without gaps. `as_of` is when the figures were read: all
    that changed until then is in this message and those before it. `lines` are rows by the words of `Part`.
    One that the broker kept for who comes later, `retained`, may be of any age.
    """

    id: str
    publisher: str
    seq: int
    as_of: datetime
    kind: SnapshotKind
    lines: tuple[Mapping[str, object], ...]
    part: int = 1
    parts: int = 1
    retained: bool = False

    @property
    def skus(self) -> frozenset[Sku]:
        """Return the SKUs that it names; one that is a number is a name, too."""
        return frozenset(Sku(str(sku)) for line in self.lines if (sku := line.get("sku")) not in ("", None))


def read_stock(payload: bytes, *, now: datetime, retained: bool = False) -> StockMessage:
    """Return what a message says.

    A line that is an object may hold figures that cannot be believed; they are judged row by row, later.

    Raises:
        ValueError: it is no such message; the error names what is wrong and never quotes it.
    """
    document = _parsed(payload)
    keys = document.keys()
    if missing := sorted(_KEYS - keys):
        raise ValueError(f"it has no {', '.join(missing)}")
    if keys - _KEYS - _MAY:
        raise ValueError("it has keys that are none of a stock message")
    kind = document["kind"]
    if not isinstance(kind, str) or kind not in {"delta", "full"}:
        raise ValueError("kind is neither delta nor full")
    part, parts = _number(document, "part", most=MOST_PARTS), _number(document, "parts", most=MOST_PARTS)
    if part > parts or (kind == "delta" and parts > 1):
        raise ValueError("part and parts do not fit each other, or a delta is in parts")
    return StockMessage(
        id=_name(document, "id"),
        publisher=_name(document, "publisher"),
        seq=_number(document, "seq", most=LARGEST_NUMBER),
        as_of=_as_of(document["as_of"], now),
        kind=SnapshotKind(kind),
        lines=_lines(document["lines"]),
        part=part,
        parts=parts,
        retained=retained,
    )


def ask_text(because: str, *, publisher: str, since: int | None) -> bytes:
    """Return what asks a publisher for all that it has."""
    document = {"want": "full", "publisher": publisher or None, "since": since, "because": because}
    return json.dumps(document, ensure_ascii=False).encode()


def _parsed(payload: bytes) -> dict[str, Any]:
    try:
        document = json.loads(payload.decode("utf-8"), parse_constant=_no_number, parse_float=str)
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(document, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - one kind
    return document


def _no_number(_: str) -> object:
    raise ValueError("NaN is no JSON")


def _name(document: Mapping[str, Any], key: str) -> str:
    value = document[key]
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError(f"{key} is not a text of 1 to {LONGEST_NAME} plain characters without blanks")
    return value


def _number(document: Mapping[str, Any], key: str, *, most: int) -> int:
    value = document.get(key, 1)
    if type(value) is not int or not 1 <= value <= most:
        raise ValueError(f"{key} is not a whole number from 1 to {most}")
    return value


def _as_of(value: object, now: datetime) -> datetime:
    if not isinstance(value, str) or not re.search(r"(Z|[+-][0-9]{2}:[0-9]{2})$", value):
        raise ValueError("as_of is not a time such as 2026-11-23T08:00:00Z")
    try:
        as_of = moment(value, local=UTC)
    except Unbelievable:
        raise ValueError("as_of is not a time such as 2026-11-23T08:00:00Z") from None
    if as_of - now > MOST_AHEAD:
        raise ValueError("as_of is ahead of this machine's clock: set the clocks right")
    return min(as_of, now)


def _lines(value: object) -> tuple[Mapping[str, object], ...]:
    if not isinstance(value, list):
        raise ValueError("lines is not a list")  # noqa: TRY004 - one kind
    for at, line in enumerate(value, 1):
        if not isinstance(line, dict):
            raise ValueError(f"line {at} is not an object")  # noqa: TRY004 - one kind
        if unknown := sorted(line.keys() - _LINE_KEYS):
            raise ValueError(f"line {at} has a key that is none of a line: {shown(unknown[0])}")
    return tuple(value)
