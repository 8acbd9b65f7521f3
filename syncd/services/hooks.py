"""Take in what platforms send: believe what is signed, new and in time, and ring for a look at it.

A delivery that was here before is refused like a forged one: it is counted and rings for nothing. Only its
answer is that of the first time, because a platform repeats itself until it hears that answer, and then
gives up.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.domain.look import Look
from syncd.domain.model import ShopName
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.hooks import Answer, Hook, HookRequest, Message, Probe, Reason, Refused, Signed, Verdict

REMEMBERED = 10_000
"""So many messages of a shop are known again, the newest of them."""

UNTIMED = timedelta(days=1)
"""How long a message is known again whose time nobody signs; platforms repeat for up to some hours."""

QUIET = 300.0
"""Seconds in which a shop's refusals for one reason are told once."""

REFUSAL = Answer(status=401, body=b'{"error":"refused"}', content_type="application/json")
"""What every refused delivery hears, also of a shop that is not there: it says nothing of why."""

TAKEN, PROBED = "taken", "probed"

Ring = Callable[[Look], None]
"""Asks for a look, and returns at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookJob:
    """The rules of a shop; `window` is how far a signed time may be from ours.

    `names_orders` says whether the shop can be asked for single orders; if not, all of it is looked at.
    """

    hook: Hook
    window: timedelta = timedelta(minutes=5)
    names_orders: bool = True


class Memory:
    """What came by now; it outlives a reload, which otherwise would let a delivery count once more."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self._seen: dict[ShopName, _Seen] = {}
        self._told: dict[tuple[str, Reason], float] = {}
        self._untold: Counter[tuple[str, Reason]] = Counter()

    def new(
        self, shop: ShopName, messages: Collection[Message], now: float, lifetime: float
    ) -> list[Message]:
        """Return the messages of a shop that have not been here, and know all of them for so many seconds."""
        return self._seen.setdefault(shop, _Seen()).new(messages, now, lifetime)

    def refused(self, shop: str, reason: Reason, now: float) -> int:
        """Count a refusal; return how many of them are to be told now, 0 while it is too soon."""
        key = (shop, reason)
        self.counts[key] += 1
        self._untold[key] += 1
        if now - self._told.get(key, float("-inf")) < QUIET:
            return 0
        self._told[key] = now
        return self._untold.pop(key)


class Hooks:
    """The hooks of all shops."""

    def __init__(
        self,
        jobs: Mapping[ShopName, HookJob],
        *,
        ring: Ring,
        clock: Clock,
        events: Events,
        memory: Memory | None = None,
    ) -> None:
        self._jobs = jobs
        self._ring = ring
        self._clock = clock
        self._events = events
        self._memory = memory or Memory()

    @property
    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return how many deliveries came by shop and what became of them.

        That is `taken`, `probed` or a `Reason`; the shop is empty for all that have no hook.
        """
        return self._memory.counts

    def take(self, shop: str, request: HookRequest) -> Answer:
        """Judge a delivery, ring for what it points at, and return what to answer; never waits or raises."""
        name = ShopName(shop)
        job = self._jobs.get(name)
        if job is None:
            return self.refuse(shop, Reason.NO_HOOK)
        verdict = _timely(job.hook.read(request), job.window, request.received_at)
        if isinstance(verdict, Refused):
            return self.refuse(shop, verdict.reason)
        if isinstance(verdict, Probe):
            self._memory.counts[shop, PROBED] += 1
            return verdict.answer
        now = self._clock.monotonic()
        news = self._memory.new(name, verdict.messages, now, _lifetime(verdict, job.window))
        if not news:
            self.refuse(shop, Reason.REPLAYED)
            return verdict.answer
        self._memory.counts[shop, TAKEN] += 1
        self._look(name, job, news)
        return verdict.answer

    def refuse(self, shop: str, reason: Reason) -> Answer:
        """Count a delivery that has no effect, tell of it now and then, and return what to answer."""
        # Names that nobody has are one: whoever makes them up fills no memory and no log.
        known = shop if ShopName(shop) in self._jobs else ""
        if count := self._memory.refused(known, reason, self._clock.monotonic()):
            self._events.tell("hook_refused", shop=known, because=reason.value, count=count)
        return REFUSAL

    def _look(self, shop: ShopName, job: HookJob, news: Collection[Message]) -> None:
        orders = frozenset[str]().union(*(message.orders for message in news))
        whole = not job.names_orders or any(not message.orders for message in news)
        self._events.tell("hook_taken", shop=shop, messages=len(news), orders=len(orders))
        if orders and job.names_orders:
            self._ring(Look(shop=shop, orders=orders))
        if whole:
            self._ring(Look(shop=shop))


class _Seen:
    """The ids of messages that came, the newest of them, each for a while."""

    def __init__(self) -> None:
        self._until: OrderedDict[str, float] = OrderedDict()

    def new(self, messages: Collection[Message], now: float, lifetime: float) -> list[Message]:
        """Return the messages that have not been here, and remember all of them."""
        found = []
        for message in messages:
            if not any(self._until.get(one, now) > now for one in message.ids):
                found.append(message)
            for one in message.ids:
                self._until[one] = max(now + lifetime, self._until.pop(one, now))
        while self._until and (len(self._until) > REMEMBERED or next(iter(self._until.values())) <= now):
            self._until.popitem(last=False)
        return found


def _timely(verdict: Verdict, window: timedelta, now: datetime) -> Verdict:
    """Return the verdict, or a refusal where what was signed is of another time."""
    if not isinstance(verdict, Signed) or verdict.at is None:
        return verdict
    if verdict.at < now - window:
        return Refused(reason=Reason.STALE)
    return Refused(reason=Reason.EARLY) if verdict.at > now + window else verdict


def _lifetime(verdict: Signed, window: timedelta) -> float:
    """Return for how many seconds the ids are kept: until the signed time is stale, wherever it lies."""
    return (UNTIMED if verdict.at is None else 2 * window).total_seconds()
