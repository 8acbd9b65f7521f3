"""What the messages of a publisher come to: which of them count, in what order, and what is missing.

Pure: who keeps the messages asks again with all of them until the state has what they come to.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import NamedTuple

from syncd.adapters.sources.mqtt.messages import StockMessage
from syncd.domain.model import SnapshotKind

REMEMBERED = 32
"""So many ids of messages are remembered; a number that passed tells an older one."""

_TIMES = ("as_of", "newest", "full_at")

Number = tuple[str, int]
"""A publisher and its number of a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far the state's figures are: all messages of `publisher` up to `seq` are in them, as of `as_of`.

    So are some after a gap, up to `beyond` (0 where there is no gap), of which the `newest` has its time; a
    message from within the gap that comes late is older than they are. `full_at` is the time of the full
    reading that all of it rests on, and `doubt` why another one is wanted though no number is missing.
    """

    publisher: str
    seq: int
    as_of: datetime
    newest: datetime
    full_at: datetime
    beyond: int = 0
    doubt: str = ""
    ids: tuple[str, ...] = ()

    @property
    def lacks(self) -> str:
        """Return why a full reading is wanted, empty where none is."""
        if self.beyond:
            return _gap(self.publisher, self.seq + 1, self.beyond)
        return self.doubt

    def text(self) -> str:
        """Return it as the cursor of a snapshot."""
        return json.dumps(asdict(self) | {name: getattr(self, name).isoformat() for name in _TIMES})

    @classmethod
    def read(cls, cursor: str) -> "Place | None":
        """Return what a cursor says; None where it says nothing, or was another kind of source's."""
        try:
            plain = json.loads(cursor)
            times = {name: datetime.fromisoformat(plain[name]).astimezone(UTC) for name in _TIMES}
            return cls(**{**plain, **times, "ids": tuple(plain["ids"])})
        except (ValueError, TypeError, KeyError):
            return None


class Taken(NamedTuple):
    """The messages that count, oldest first, and the place after them.

    Those that `went_back` were numbered after messages whose time is later: they say what was, not what is.
    """

    messages: tuple[StockMessage, ...]
    kind: SnapshotKind
    place: Place
    went_back: tuple[StockMessage, ...] = ()


def take(place: Place | None, kept: Iterable[StockMessage], doubt: str = "") -> Taken | None:
    """Return what the `kept` messages add to a `place`; None where there is nothing to begin with.

    A whole full reading begins anew. From there every message counts up to the first number that is missing,
    and only up to there is known what changed: the time does not pass a gap. What lies beyond it is newer
    than what the state has, and counts for the cells that it names. A `doubt` lasts until the next full
    reading.
    """
    by_number = {(one.publisher, one.seq): one for one in kept}
    full = _newest(_fulls(by_number), place)
    before = _begun(full) if full else place
    if before is None:
        return None
    run, went_back, end = _followed(before, by_number)
    if end.seq < before.beyond:
        # Something beyond the gap is in the state but not at hand: what comes late must not undo it.
        run, went_back, end = [], (), before
    further = _further(end, by_number)
    beyond = max([end.beyond, *(one.seq for one in further)])
    end = replace(
        end,
        beyond=beyond if beyond > end.seq else 0,
        newest=max([end.newest, *(one.as_of for one in (*run, *further))]),
    )
    return Taken(
        messages=(*full, *run, *further),
        kind=SnapshotKind.FULL if full else SnapshotKind.DELTA,
        place=_doubted(end, doubt, went_back, by_number),
        went_back=went_back,
    )


def is_foreign(message: StockMessage, place: Place | None) -> bool:
    """Return whether a retained message goes on with nothing that is known, so that it may be of any age.

    One that goes on is as good as others: amqtt marks so all that it queued for us.
    """
    return message.retained and (place is None or message.publisher != place.publisher)


def is_done(message: StockMessage, place: Place) -> bool:
    """Return whether all that a message says is in the state, or is overtaken by it."""
    if message.publisher == place.publisher:
        return message.seq <= place.seq
    return message.as_of <= place.full_at


def _fulls(by_number: Mapping[Number, StockMessage]) -> Iterator[tuple[StockMessage, ...]]:
    """Yield every full reading of which all parts are there."""
    for (publisher, seq), one in by_number.items():
        if one.kind is not SnapshotKind.FULL or one.part != 1:
            continue
        parts = (by_number.get((publisher, seq + at)) for at in range(one.parts))
        whole = tuple(
            part
            for at, part in enumerate(parts, 1)
            if part is not None and (part.kind, part.part, part.parts) == (one.kind, at, one.parts)
        )
        if len(whole) == one.parts:
            yield whole


def _newest(fulls: Iterable[tuple[StockMessage, ...]], place: Place | None) -> tuple[StockMessage, ...]:
    """Return the newest reading that is newer than the place; nothing if there is none."""
    fresh = [full for full in fulls if place is None or _is_newer(full[0], place)]
    return max(fresh, key=lambda full: (full[0].as_of, full[0].seq), default=())


def _is_newer(begin: StockMessage, place: Place) -> bool:
    if begin.publisher == place.publisher and begin.seq <= place.seq:
        return False
    return begin.as_of >= place.newest


def _begun(full: Sequence[StockMessage]) -> Place:
    last, as_of = full[-1], min(one.as_of for one in full)
    return Place(
        publisher=last.publisher,
        seq=last.seq,
        as_of=as_of,
        newest=as_of,
        full_at=as_of,
        ids=tuple(one.id for one in full)[-REMEMBERED:],
    )


def _followed(
    place: Place, by_number: Mapping[Number, StockMessage]
) -> tuple[list[StockMessage], tuple[StockMessage, ...], Place]:
    """Return the deltas that follow without a gap, those whose time went back, and the place after them."""
    run: list[StockMessage] = []
    went_back: list[StockMessage] = []
    ids = list(place.ids)
    seq, as_of = place.seq, place.as_of
    while one := by_number.get((place.publisher, seq + 1)):
        if one.kind is SnapshotKind.FULL and one.as_of >= as_of:
            break  # the parts of one that is not whole yet
        seq += 1
        # A message that was sent again under a new number says what was, not what is.
        if one.id in ids:
            continue
        ids.append(one.id)
        if one.as_of < as_of:
            went_back.append(one)
        else:
            run.append(one)
            as_of = one.as_of
    beyond = place.beyond if seq < place.beyond else 0
    end = replace(place, seq=seq, as_of=as_of, beyond=beyond, ids=tuple(ids[-REMEMBERED:]))
    return run, tuple(went_back), end


def _further(place: Place, by_number: Mapping[Number, StockMessage]) -> list[StockMessage]:
    """Return the deltas beyond the gap that are newer than all in the state."""
    floor, as_of = max(place.seq, place.beyond), place.as_of
    counting: list[StockMessage] = []
    for (publisher, seq), one in sorted(by_number.items()):
        is_delta = publisher == place.publisher and seq > floor and one.kind is SnapshotKind.DELTA
        if is_delta and one.as_of >= as_of and one.id not in place.ids:
            counting.append(one)
            as_of = one.as_of
    return counting


def _doubted(
    place: Place, doubt: str, went_back: Sequence[StockMessage], by_number: Mapping[Number, StockMessage]
) -> Place:
    """Return the place with the first reason that there is to want a full reading beside a gap of deltas."""
    doubt = place.doubt or doubt
    if not doubt and went_back:
        doubt = f"the time of number {went_back[0].seq} is before that of the one before it"
    if not doubt and not place.beyond:
        doubt = _hidden_gap(place, by_number)
    strange = {one.publisher for one in by_number.values() if not is_done(one, place)} - {place.publisher}
    if not doubt and strange:
        doubt = f"{min(strange)} counts anew and has not said all that there is"
    return replace(place, doubt=doubt)


def _hidden_gap(place: Place, by_number: Mapping[Number, StockMessage]) -> str:
    """Return which number is missing though nothing beyond it counts: a part alone, or of an earlier time."""
    here = {seq for publisher, seq in by_number if publisher == place.publisher}
    missing = next(seq for seq in count(place.seq + 1) if seq not in here)
    newest = max(here, default=0)
    return _gap(place.publisher, missing, newest) if newest > missing else ""


def _gap(publisher: str, missing: int, here: int) -> str:
    return f"number {missing} of {publisher} is missing, and {here} is here"
