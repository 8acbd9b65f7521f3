"""What goes wrong while buyers buy: one call in five is struck by something that can befall it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from syncd.mock import Fault, FaultKind

SHARE = 0.2
"""The share of all calls that something befalls."""

LATE = 40.0
"""Seconds by which a feed of orders may be behind; syncd reads each of them for longer than that."""

_ANY = (
    Fault(kind=FaultKind.LOST_REPLY),
    Fault(kind=FaultKind.RESET),
    Fault(kind=FaultKind.RESET, applied=True),
    Fault(kind=FaultKind.THROTTLE),
    Fault(kind=FaultKind.THROTTLE, retry_after=2.0),
    Fault(kind=FaultKind.SERVER_ERROR, status=502),
    Fault(kind=FaultKind.SERVER_ERROR),
    Fault(kind=FaultKind.SERVER_ERROR, applied=True),
    Fault(kind=FaultKind.CUT_BODY),
    Fault(kind=FaultKind.GARBAGE),
    Fault(kind=FaultKind.GARBAGE, body="{}"),
)
_READS = (
    Fault(kind=FaultKind.HALF_PAGE),
    Fault(kind=FaultKind.DUPLICATE_ROWS, lines=2, differ=True),
    Fault(kind=FaultKind.BAD_NUMBERS, lines=2),
)
_WRITES = (
    Fault(kind=FaultKind.PARTIAL, lines=1),
    Fault(kind=FaultKind.PARTIAL, lines=1, error=""),
    Fault(kind=FaultKind.PARTIAL, lines=1, error="", applied=True),
)
_LIES = (
    Fault(kind=FaultKind.EMPTY),
    Fault(kind=FaultKind.DROP_SKUS, share=0.3),
)
_ORDERS = (
    *_LIES,
    Fault(kind=FaultKind.LATE_ORDERS, seconds=LATE),
    Fault(kind=FaultKind.OLD_ORDERS, lines=2),
)


def weather(
    share: float = SHARE, *, writes: Sequence[str] = (), orders: Sequence[str] = ()
) -> Sequence[Fault]:
    """Return every kind of fault, each so often that together they strike this share of the calls.

    Two thirds of it befall any call: its answer is lost, cut, damaged, late or a refusal. The last third is
    what can befall only its kind: pages cut short, rows that come twice or with wrong figures where it reads,
    lines that are refused or passed over where it is one of the `writes`, orders left out, old versions and
    late news where it is one of the `orders`.

    Two things are left out. Tokens stay good: one that buys the next only once would be lost with its answer,
    and then a person must help. And no shop says of what it sells that there is no such thing: what a
    platform itself says is gone is taken for gone, and its units go to other shops.
    """
    any_, special = 1 - (1 - share) ** (2 / 3), 1 - (1 - share) ** (1 / 3)
    return [
        *_together(_ANY, any_),
        *_together(_READS, special),
        *_on(_WRITES, writes, special),
        *_on(_ORDERS, orders, special),
    ]


def _on(faults: Sequence[Fault], paths: Sequence[str], share: float) -> Iterator[Fault]:
    for path in paths:
        yield from _together([replace(fault, path=path) for fault in faults], share)


def _together(faults: Sequence[Fault], share: float) -> Iterable[Fault]:
    """Return the faults, each so often that any of them strikes this share of the calls."""
    each = 1 - (1 - share) ** (1 / len(faults))
    return [replace(fault, times=0, probability=each) for fault in faults]
