"""Hooks: what a platform sends us by itself, judged by its own rules.

A delivery only says where to look, such as at some orders; what is there is always asked of the shop itself.
So nothing is lost with one that does not come, and nothing is gained by one that comes twice, late or forged.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias


class Reason(StrEnum):
    """Why a delivery has no effect; operators see it, whoever sent it does not."""

    UNSIGNED = "unsigned"
    SIGNATURE = "signature"
    KEY = "key"
    FOREIGN = "foreign"
    STALE = "stale"
    EARLY = "early"
    REPLAYED = "replayed"
    MALFORMED = "malformed"
    METHOD = "method"
    NO_HOOK = "no_hook"
    PACKED = "packed"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Named texts as they came, such as headers; names of headers are the same in any case."""

    rows: tuple[tuple[str, str], ...] = ()
    any_case: bool = field(default=False, kw_only=True)

    @classmethod
    def of_headers(cls, rows: Iterable[tuple[str, str]]) -> "Pairs":
        """Return headers."""
        return cls(tuple(rows), any_case=True)

    def one(self, name: str) -> str:
        """Return the text of that name; empty where there is none, or more than one.

        Two texts of one name are an old trick: who verifies reads the first of them, who believes the last.
        """
        wanted = self._folded(name)
        found = [text for key, text in self.rows if self._folded(key) == wanted]
        return found[0] if len(found) == 1 else ""

    def has(self, name: str) -> bool:
        """Return whether there is at least one text of that name."""
        wanted = self._folded(name)
        return any(self._folded(key) == wanted for key, _ in self.rows)

    def _folded(self, name: str) -> str:
        return name.casefold() if self.any_case else name


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRequest:
    """A request as it came in; `body` has the very bytes that were signed, `received_at` is in UTC."""

    method: str
    path: str = ""
    query: Pairs = Pairs()
    headers: Pairs = Pairs(any_case=True)
    body: bytes = field(default=b"", repr=False)
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the platform wants to hear; most of them look at the status alone."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing that happened: the `orders` that it names, none where it names none that we could ask for.

    It was here before if any of its `ids` was. One of them is of what was signed: an id in a header that
    nobody signed keeps away a platform that repeats itself, not a thief who writes another one there.
    """

    ids: tuple[str, ...]
    orders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A delivery that comes from the platform, with the time `at` that was signed, None where none was."""

    messages: tuple[Message, ...]
    at: datetime | None = None
    answer: Answer = Answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The platform asks whether we listen; it gets its answer and nothing else happens."""

    answer: Answer = Answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A delivery that has no effect."""

    reason: Reason


Verdict: TypeAlias = Signed | Probe | Refused


class Hook(Protocol):
    """The rules of one platform for one shop, pure: the same request gets the same verdict.

    It compares signatures over the raw bytes and in constant time, raises nothing whatever comes in, and
    judges no time and no repetition: these are for who has a clock and a memory.
    """

    def read(self, request: HookRequest) -> Verdict:
        """Return what a request is."""
        ...
