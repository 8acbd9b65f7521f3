"""A shop, a state and a clock in memory that tell what happened in which order."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import count

from syncd.adapters.memory import FakeClock, Fault, MemoryChannel, MemoryStore
from syncd.domain.model import (
    Cause,
    Change,
    ChangeKind,
    ItemId,
    ListingId,
    ListingRow,
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


def shown(listing: str, quantity: int = 5, *, on_sale: bool = True) -> ObservedListing:
    item = ItemId(f"item-{listing}")
    return ObservedListing(id=ListingId(listing), code="", item=item, quantity=quantity, on_sale=on_sale)


def fails(kind: Kind, *, sent: bool = True, applied: bool = False, retry_after: float | None = None) -> Fault:
    error = PortError(kind, f"the shop said {kind}", sent=sent, retry_after=retry_after)
    return Fault(error=error, applied=applied)


def says(**kinds: Kind) -> Fault:
    """Answer lines by kind; they are not applied."""
    return Fault(
        outcomes={
            ListingId(listing): Outcome(kind=kind, message=f"line {kind}") for listing, kind in kinds.items()
        }
    )


class Shop(MemoryChannel):
    """A shop that knows every listing it is asked for: 5 units on sale unless `put` said otherwise.

    It refuses a call whole that contains one of `refuses_whole`, and leaves the last `drops` lines out of its
    answer. Counters are returned only where `returns_counters` says so.
    """

    def __init__(self, traits: ChannelTraits, log: list[str]) -> None:
        super().__init__(traits=traits)
        self._log = log
        self.hook: Callable[[], Awaitable[None]] | None = None
        self.refuses_whole: set[str] = set()
        self.returns_counters = False
        self.drops = 0

    @property
    def counters(self) -> dict[str, int | None]:
        return {listing.id: listing.quantity for listing in self._counters.shown.values()}

    @property
    def off(self) -> set[str]:
        return {listing.id for listing in self._counters.shown.values() if not listing.on_sale}

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        self._log.append("call")
        known = self._counters.shown
        self.put(*(shown(write.listing) for write in writes if write.listing not in known))
        if self.refuses_whole & {write.listing for write in writes}:
            self.fail_push(PortError(Kind.REJECTED, "one line is bad, all are refused"))
        outcomes = await super().push(writes)
        if self.hook is not None:
            await self.hook()
        if not self.returns_counters:
            outcomes = [o._replace(counter=None) if o.kind is Kind.DONE else o for o in outcomes]
        return outcomes[: len(outcomes) - self.drops]


class State(MemoryStore):
    """A state that remembers the proofs it was given, and knows every listing of an intent."""

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self._log = log
        self.proofs: dict[str, Proof] = {}
        self.hook: Callable[[str], Awaitable[None]] | None = None

    @property
    def intents(self) -> list[IntentRow]:
        return list(self._intents.values())

    @property
    def entries(self) -> list[LedgerRow]:
        return self._ledger.rows

    async def open_intents(self, rows: Sequence[IntentRow]) -> None:
        if self.hook is not None:
            await self.hook("open")
        await self.save_listings([_row(row) for row in rows if (SHOP, row.listing) not in self._listings])
        await super().open_intents(rows)
        self._log.append("open")

    async def resolve(
        self, intents: Sequence[IntentRow], proofs: Sequence[Proof], ledger: Sequence[LedgerRow]
    ) -> None:
        if self.hook is not None:
            await self.hook("resolve")
        await super().resolve(intents, proofs, ledger)
        self.proofs |= {proof.listing: proof for proof in proofs}
        self._log.append("resolve")

    def resolutions(self, listing: str) -> list[Resolution]:
        return [row.resolution for row in self.intents if row.listing == listing]

    def interval(self, listing: str) -> tuple[int | None, int | None] | None:
        """Return what was proven of a counter, None if nothing was."""
        proof = self.proofs.get(listing)
        return None if proof is None else (proof.expected_lo, proof.expected_hi)


class Time(FakeClock):
    """A clock that jumps over every wait and remembers it."""

    def __init__(self) -> None:
        super().__init__(auto=True)
        self.waits: list[float] = []
        self.nap: Callable[[float], Awaitable[None]] = super().sleep

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await self.nap(seconds)


class World:
    """One shop to push, with everything around it; `faults` meet its first calls, None is a good one."""

    def __init__(self, *faults: Fault | None, **traits: object) -> None:
        usual: dict[str, object] = {"max_batch": 50, "max_batch_listing": 50, "can_unlist": True}
        self.log: list[str] = []
        self.shop = Shop(ChannelTraits(**(usual | traits)), self.log)  # type: ignore[arg-type]
        self.shop.fail_push(*(fault or Fault() for fault in faults))
        self.state = State(self.log)
        self.time = Time()
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
            " ".join([call[0].action, *(f"{write.listing}={write.value}" for write in call)])
            for call in self.shop.pushed
        ]


def _row(intent: IntentRow) -> ListingRow:
    return ListingRow(
        shop=intent.shop,
        id=intent.listing,
        code="",
        item=intent.item,
        location="",
        title="",
        sku=Sku(""),
        units=1,
        unbound_because="",
        desired=None,
        want_off=False,
        expected_lo=None,
        expected_hi=None,
        observed=None,
        observed_at=None,
        withheld=0,
        on_sale=None,
        delisted_by="",
        gone=False,
    )
