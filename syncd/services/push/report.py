"""What pushing is told and what it tells, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from syncd.domain.circuit import Said
from syncd.domain.model import Change, ListingId, ShopName
from syncd.domain.retry import Patience
from syncd.domain.urgency import LONGEST_AGE
from syncd.errors import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """How hard one shop is pushed.

    `in_flight` calls may run at once. After `stop_after` whole calls in a row that failed, the shop is left
    alone for `rest` seconds. A line is tried `max_attempts` times, waits begin at `first_wait` and none is
    longer than `longest_wait`. After `longest_push` seconds what is left is not tried, because a plan grows
    old; 0 sets no limit. A change that waited longer than `longest_age` seconds goes before everything but
    zeros and delistings.
    """

    calls_per_second: float = 5.0
    burst: int = 5
    in_flight: int = 4
    max_attempts: int = 5
    first_wait: float = 1.0
    longest_wait: float = 60.0
    stop_after: int = 5
    rest: float = 60.0
    longest_push: float = 0.0
    longest_age: float = LONGEST_AGE

    @property
    def patience(self) -> Patience:
        """Return the part that decides retries."""
        return Patience(base=self.first_wait, longest=self.longest_wait, max_attempts=self.max_attempts)


class Remark(NamedTuple):
    """A change and what people should know of it, with shop and listing."""

    change: Change
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushEvent:
    """How far a push is after one more call; `said` tells an outage or a recovery of the shop, once each.

    `settled` counts the changes that have an end, of `total`.
    """

    shop: ShopName
    calls: int
    lines: int
    settled: int
    total: int
    said: Said = Said.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReport:
    """How every change of a push ended: each stands in exactly one of the first four.

    `refused` is what the platform, or its traits, said no to. `unknown` may have been applied and must be
    observed before it is planned again. `not_tried` had no verdict and is safe to plan again. `notes` are
    about changes that were done, but not as planned (cut to the platform's highest quantity). `blind` are the
    listings of which a write that went well does not prove what was sold until then. `lowered` says of what
    could only take units off sale when the shop accepted the first write of it. `stopped_by` is why the
    rest was not tried, None if nothing stopped it or if only time ran out; `message` says it in words.
    `again_after` is how many seconds the shop asked for. `made_way` says that some was not tried only because
    the next cycle was asked for, which wants it still or knows better.
    """

    shop: ShopName
    done: tuple[Change, ...] = ()
    blind: frozenset[ListingId] = frozenset()
    lowered: Mapping[ListingId, datetime] = field(default_factory=dict)
    refused: tuple[Remark, ...] = ()
    unknown: tuple[Remark, ...] = ()
    not_tried: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()
    calls: int = 0
    throttled: int = 0
    stopped_by: Kind | None = None
    message: str = ""
    again_after: float = 0.0
    made_way: bool = False

    def then(self, second: "PushReport") -> "PushReport":
        """Return this round of a shop and the `second` one as one report."""
        return replace(
            self,
            done=self.done + second.done,
            blind=self.blind | second.blind,
            lowered={**self.lowered, **second.lowered},
            refused=self.refused + second.refused,
            unknown=self.unknown + second.unknown,
            not_tried=self.not_tried + second.not_tried,
            notes=self.notes + second.notes,
            calls=self.calls + second.calls,
            throttled=self.throttled + second.throttled,
            stopped_by=second.stopped_by or self.stopped_by,
            message=second.message or self.message,
            again_after=max(self.again_after, second.again_after),
            made_way=self.made_way or second.made_way,
        )
