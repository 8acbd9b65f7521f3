"""A shop, a state and a clock in memory, with the faults that pushing must survive."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from syncd.domain.model import (
    Action,
    Cause,
    Change,
    ChangeKind,
    ItemId,
    ListingId,
    ObservedListing,
    Outcome,
    ShopName,
    Sku,
    Write,
)
from syncd.domain.records import IntentRow, LedgerRow, Resolution
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits
from syncd.ports.store import Proof
from syncd.services.push import Pusher, PushEvent, PushSettings

SHOP = ShopName("tmall")


def change(
    listing: str,
    kind: ChangeKind,
    new: int,
    lo: int | None = 5,
    hi: int | None = 5,
    *,
    on_sale: bool | None = True,
    unlist: bool = True,
    sku: str = "",
) -> Change:
    return Change(
        shop=SHOP,
        listing=ListingId(listing),
        item=ItemId(f"item-{listing}"),
        code=f"1-{listing}",
        location="",
        sku=Sku(sku or f"SKU-{listing}"),
        kind=kind,
        old=lo if lo == hi else None,
        new=new,
        lo=lo,
        hi=hi,
        on_sale=on_sale,
        unlist=unlist,
        cause=Cause.SNAPSHOT,
        rule="pools.main weight",
    )


@dataclass(kw_only=True)
class Fault:
    """What happens to one call: which of its lines are applied, and what the shop says of them.

    `error` fails the call as a whole; `says` replaces the answer for the listings it names; `drop` leaves so
    many lines out of the answer.
    """

    error: PortError | None = None
    says: Mapping[str, Outcome] = field(default_factory=dict)
    applies: bool = False
    drop: int = 0


def fails(kind: Kind, *, sent: bool = True, applies: bool = False, retry_after: float | None = None) -> Fault:
    return Fault(
        error=PortError(kind, f"the shop said {kind}", sent=sent, retry_after=retry_after), applies=applies
    )


def says(applies: bool = False, **kinds: Kind) -> Fault:  # noqa: FBT001, FBT002 - the listings are the keywords
    return Fault(
        says={listing: Outcome(kind=kind, message=f"line {kind}") for listing, kind in kinds.items()},
        applies=applies,
    )


@dataclass(kw_only=True)
class FakeShop:
    """A shop with real arithmetic; `script` holds a fault or None for each coming call."""

    traits: ChannelTraits
    log: list[str]
    counters: dict[str, int] = field(default_factory=dict)
    off: set[str] = field(default_factory=set)
    script: deque[Fault | None] = field(default_factory=deque)
    calls: list[list[Write]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    hook: Callable[[], Awaitable[None]] | None = None
    refuses_whole_with: set[str] = field(default_factory=set)
    returns_counters: bool = False

    def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        raise NotImplementedError

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        self.log.append("call")
        self.calls.append(list(writes))
        fault = self.script.popleft() if self.script else None
        if self.hook is not None:
            await self.hook()
        if any(write.listing in self.refuses_whole_with for write in writes):
            raise PortError(Kind.REJECTED, "one line is bad, all are refused")
        fault = fault or Fault(applies=True)
        outcomes = [self._answer(write, fault) for write in writes]
        if fault.error is not None:
            raise fault.error
        return outcomes[fault.drop :]

    def _answer(self, write: Write, fault: Fault) -> Outcome:
        scripted = fault.says.get(write.listing)
        if (fault.error is not None or scripted is not None) and not fault.applies:
            return scripted or Outcome(kind=Kind.UNKNOWN)
        outcome = self._apply(write)
        return scripted or outcome

    def _apply(self, write: Write) -> Outcome:
        if self.traits.idempotent and write.key in self.keys:
            return Outcome(kind=Kind.DUPLICATE)
        counter = self.counters.setdefault(write.listing, 5)
        if write.action is Action.DELIST:
            self.off.add(write.listing)
        elif write.action is Action.RELIST:
            self.off.discard(write.listing)
        elif write.action is Action.COMPARE_AND_SET and write.base != counter:
            return Outcome(kind=Kind.REJECTED, message="conflict", counter=counter)
        else:
            wanted = counter + write.value if write.action is Action.DELTA else write.value
            if wanted < 0 and not self.traits.delta_clips:
                return Outcome(kind=Kind.REJECTED, message="below zero", counter=counter)
            self.counters[write.listing] = max(wanted, 0)
        self.keys.add(write.key)
        return Outcome(
            kind=Kind.DONE, counter=self.counters[write.listing] if self.returns_counters else None
        )


@dataclass(kw_only=True)
class FakeState:
    """The intents, the intervals and the ledger, atomic as the port promises."""

    log: list[str]
    intents: dict[str, IntentRow] = field(default_factory=dict)
    proofs: dict[str, Proof] = field(default_factory=dict)
    ledger: list[LedgerRow] = field(default_factory=list)
    hook: Callable[[str], Awaitable[None]] | None = None

    async def open_intents(self, rows: Sequence[IntentRow]) -> None:
        if self.hook is not None:
            await self.hook("open")
        assert not any(row.key in self.intents for row in rows)
        self.intents |= {row.key: row for row in rows}
        self.log.append("open")

    async def resolve(
        self, intents: Sequence[IntentRow], proofs: Sequence[Proof], ledger: Sequence[LedgerRow]
    ) -> None:
        if self.hook is not None:
            await self.hook("resolve")
        assert all(row.key in self.intents for row in intents)
        self.intents |= {row.key: row for row in intents}
        self.proofs |= {proof.listing: proof for proof in proofs}
        self.ledger += ledger
        self.log.append("resolve")

    def resolutions(self, listing: str) -> list[Resolution]:
        return [row.resolution for row in self.intents.values() if row.listing == listing]

    def interval(self, listing: str) -> tuple[int | None, int | None] | None:
        proof = self.proofs.get(listing)
        return None if proof is None else (proof.expected_lo, proof.expected_hi)


@dataclass(kw_only=True)
class FakeTime:
    """A clock that jumps over every wait."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += max(0.0, seconds)
        await asyncio.sleep(0)


class World:
    """One shop to push, with everything around it."""

    def __init__(self, **traits: object) -> None:
        usual: dict[str, object] = {"max_batch": 50, "max_batch_listing": 50, "can_unlist": True}
        self.log: list[str] = []
        self.shop = FakeShop(traits=ChannelTraits(**(usual | traits)), log=self.log)  # type: ignore[arg-type]
        self.state = FakeState(log=self.log)
        self.time = FakeTime()
        self.events: list[PushEvent] = []
        self._keys = count(1)

    def pusher(self, **settings: object) -> Pusher:
        usual: dict[str, object] = {"calls_per_second": 1000.0, "burst": 1000, "in_flight": 1}
        return Pusher(
            shop=SHOP,
            channel=self.shop,
            store=self.state,
            clock=self.time,
            settings=PushSettings(**(usual | settings)),  # type: ignore[arg-type]
            on_event=self.events.append,
            new_key=lambda: f"k{next(self._keys)}",
            jitter=lambda: 0.5,
        )

    def sent(self) -> list[str]:
        """Return the calls as `ACTION listing=value ...`."""
        return [
            " ".join([calls[0].action, *(f"{write.listing}={write.value}" for write in calls)])
            for calls in self.shop.calls
        ]
