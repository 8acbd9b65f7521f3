"""The platform behind a channel as the suite moves and reads it, and what a factory hands over.

A rig subclasses `Rig`, and `Buyers` and `Gate` where its platform has orders and credentials. A method whose
docstring names an ability is called only where the bench has it.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NoReturn, Protocol

from syncd.domain.model import ItemId, ListingId
from syncd.domain.orders import OrderLine
from syncd.errors import Kind
from syncd.ports.channel import Channel
from syncd.ports.orders import OrderFeed
from syncd.ports.tokens import Renewing


class Fault(StrEnum):
    """How the platform's next call goes wrong."""

    RESET = "the connection breaks before anything is applied"
    LOST_REPLY = "all is applied, but the answer never comes"
    HANGING = "the platform says nothing at all"
    SERVER_ERROR = "a gateway answers for the platform"
    BUSY = "the platform says that it is in trouble itself, and has applied nothing"
    TIMED_OUT = "the platform says that it is in trouble itself, and has applied all"
    THROTTLED = "too many calls, without a hint"
    THROTTLED_FOR_7_SECONDS = "too many calls, come back in 7 seconds"
    TOKEN_EXPIRED = "the token is over"  # noqa: S105 - the name of a fault
    TOKEN_REVOKED = "the owner withdrew the token"  # noqa: S105 - the name of a fault
    FORBIDDEN = "the credentials do not allow it"
    HTML = "a page for people"
    MALFORMED = "JSON of another shape"
    EMPTY = "an empty object"
    BLANK = "an answer without a body"
    TRUNCATED = "the answer is cut short"
    HUGE = "the answer is larger than the channel reads"


class Ability(StrEnum):
    """What a platform, or the rig that stands for it, can do; a test that needs another one is skipped."""

    WIRE = "there is a wire: calls can hang, break and be cancelled"
    DOOR = "the platform can stop listening altogether"
    LINE_REFUSALS = "a call goes on beside a refused line, which is that line's outcome"
    SILENT_LINES = "an answer to a write can leave a line out"
    SILENT_ITEMS = "an answer to a read can leave out a listing that is there"
    STEADY_LISTS = "a listing that nobody touches stays in sight while others leave the pages being read"
    DELETES = "a listing can cease to exist"
    TELLS_GONE = "the platform says plainly that a listing or an order does not exist"
    LEAST_CALLS = "the rig knows the least number of calls by the platform's own rule"
    WITHHOLDING = "the platform tells the units of unpaid orders that are still in the counter"
    FLOOR = "a counter below the withheld units is refused"
    SALE_REASONS = "the platform tells that a listing is off sale because it was sold out"
    SIGNATURES = "calls are signed with a secret"
    SKEW = "the platform compares the time of a call with its own clock"
    PERMISSIONS = "single tasks can be forbidden to the app"
    REVOCATION = "a withdrawn token is told apart from one that is over"
    RENEWAL = "the channel renews a token that is over (the port Renewing)"
    UNPAID = "orders are told before they are paid"
    MANY_LINES = "one order may hold several listings"
    TWINS = "one order may hold the same listing twice"
    PART_SHIPMENTS = "lines of an order can be sent apart"
    REFUNDS = "refunds are told"
    LINE_REFUNDS = "the refund of one line is told apart from that of its order"
    LATE_REFUNDS = "refunds after shipping are told"
    SENT_TIMES = "the exact time of shipping is told"
    END_TIMES = "the exact time at which an order ended is told"
    EXACT_TIMES = "times are told without doubt, also in the hour that a clock change repeats"
    OLD_VERSIONS = "a page can show an order as it was before its newest change"
    TIMES_TWICE = "an order can change twice in a second, and the second change is told"


class Task(StrEnum):
    """What an app can be forbidden to do."""

    READ = "read listings"
    WRITE = "write counters"
    SWITCH = "put listings on and off sale"
    ORDERS = "read orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Something to list: `key` names it within a test, and may be any text at all.

    Stocks with the same `item` (also any text) are SKUs of one item; without it each is an item of its own.
    `quantity` is the counter as the channel shows it, `withheld` the part of it that unpaid orders hold.
    """

    key: str
    quantity: int = 5
    code: str = "ABC"
    item: str = ""
    on_sale: bool = True
    withheld: int = 0


def _lacking(rig: object, ability: Ability) -> NoReturn:
    """Say what an author forgot. A plain raise would make every rig without the ability an abstract one."""
    name = type(rig).__name__
    raise NotImplementedError(f"{name} does not have what {ability.name} needs: write it, or leave it out")


class Rig(Protocol):
    """The platform's listings and calls."""

    # --- listings ------------------------------------------------------------------------------------------

    def put(self, stock: Stock) -> ListingId:
        """List something; return the id under which the channel must show it.

        A platform with text ids takes the key as it is. One with ids of its own gives the key one, beyond
        what a float holds exactly (above 2**53). The same key names the same listing.
        """
        ...

    def item_of(self, listing: ListingId) -> ItemId:
        """Return the item under which the channel must show a listing."""
        ...

    def code_of(self, listing: ListingId) -> str:
        """Return the merchant code of a listing."""
        ...

    def drop(self, listing: ListingId) -> None:
        """Delete a listing, and its item with it. Ability: DELETES."""
        _lacking(self, Ability.DELETES)

    def counter(self, listing: ListingId) -> int:
        """Return the counter as the platform has it."""
        ...

    def is_on_sale(self, listing: ListingId) -> bool:
        """Return whether it can be bought."""
        ...

    # --- calls ---------------------------------------------------------------------------------------------

    def calls(self) -> int:
        """Return how many calls have come in, whatever became of them."""
        ...

    def writes(self) -> int:
        """Return how many of the calls were made to change counters."""
        ...

    def least_calls(self, sizes: tuple[int, ...]) -> int:
        """Return how many calls the platform's documents need at least for so many SKUs of each item.

        It is the author's own reading of the platform's batch rule. Ability: LEAST_CALLS.
        """
        _lacking(self, Ability.LEAST_CALLS)

    def before_call(self, number: int, act: Callable[[], object]) -> None:
        """Do something just before call `number` from now on is carried out. Ability: WIRE."""
        _lacking(self, Ability.WIRE)

    # --- trouble -------------------------------------------------------------------------------------------

    def fail(self, fault: Fault, *, after: int = 0) -> None:
        """Let the next call go wrong, or the one that comes `after` so many good ones."""
        ...

    async def arrived(self) -> None:
        """Return once a call with the fault `HANGING` has come in. Ability: WIRE."""
        _lacking(self, Ability.WIRE)

    async def shut(self) -> None:
        """Stop listening: every later connection is refused. Ability: DOOR."""
        _lacking(self, Ability.DOOR)

    def refuse(self, listing: ListingId, kind: Kind) -> None:
        """Let the next write to this listing be refused in the platform's way of saying `kind`."""
        ...

    def silence(self, listing: ListingId) -> None:
        """Let the next answer to a write leave out the line of this listing. Ability: SILENT_LINES."""
        _lacking(self, Ability.SILENT_LINES)

    def hide(self, listing: ListingId) -> None:
        """Let the next answer that should tell this listing's counter leave it out. Ability: SILENT_ITEMS."""
        _lacking(self, Ability.SILENT_ITEMS)


class Gate(Protocol):
    """What the platform checks before it lets a call in."""

    def skew(self, seconds: float) -> None:
        """Set the platform's clock ahead of ours, behind it where negative. Ability: SKEW."""
        _lacking(self, Ability.SKEW)

    def change_secret(self) -> None:
        """Let the platform know another secret than the channel, for good. Ability: SIGNATURES."""
        _lacking(self, Ability.SIGNATURES)

    def forbid(self, task: Task) -> None:
        """Take the permission for a task from the app, for good. Ability: PERMISSIONS."""
        _lacking(self, Ability.PERMISSIONS)

    def expire_token(self) -> None:
        """Let the token in use be over, for good; what renews it stays. Ability: RENEWAL."""
        _lacking(self, Ability.RENEWAL)

    def revoke_token(self) -> None:
        """Let the token in use and what renews it be over, for good. Ability: RENEWAL."""
        _lacking(self, Ability.RENEWAL)

    def renewals(self) -> int:
        """Return how many calls that renew tokens have come in. Ability: RENEWAL."""
        _lacking(self, Ability.RENEWAL)


class Buyers(Protocol):
    """The platform's orders as buyers and the seller move them; `at` is always whole seconds.

    A line is given as the feed told it, because only some platforms give lines ids of their own.
    """

    def order(self, *wanted: tuple[ListingId, int], at: datetime) -> str:
        """Order units of listings, a line each; return the order's id as the feed tells it."""
        ...

    def pay(self, order: str, *, at: datetime) -> None:
        """Pay an order."""
        ...

    def cancel(self, order: str, *, at: datetime) -> None:
        """Close an order that is not sent, paid or not."""
        ...

    def ship(self, order: str, *lines: OrderLine, at: datetime) -> None:
        """Send a paid order, or only some of its lines (ability: PART_SHIPMENTS)."""
        ...

    def finish(self, order: str, *, at: datetime) -> None:
        """Let an order arrive that was sent whole."""
        ...

    def show_old(self) -> None:
        """Let the next page show an order as it was before its newest change. Ability: OLD_VERSIONS."""
        _lacking(self, Ability.OLD_VERSIONS)

    def ask_refund(self, line: OrderLine, *, at: datetime) -> None:
        """Ask for the money of a line back. Ability: REFUNDS."""
        _lacking(self, Ability.REFUNDS)

    def refund(self, line: OrderLine, *, at: datetime) -> None:
        """Give the money of a line back, which ends it. Ability: REFUNDS."""
        _lacking(self, Ability.REFUNDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One opened channel, the platform behind it, and what the suite must know of both.

    `secrets` are all that must never be shown. `faults` are those that the rig can cause. `line_kinds` are
    the reasons for which a line alone can be refused. `never` says of each kind of error that this platform
    cannot say why it cannot; every other kind must be reached. `advice` names, for a kind of refused
    credentials, a word that its message must hold: the setting to look at. `many` listings and `many_orders`
    are more than two pages of the channel. `begins` is the time around which orders are made. `renewing` is
    the channel itself where it can renew its tokens; the suite sets it.
    """

    channel: Channel
    rig: Rig
    gate: Gate | None = None
    buyers: Buyers | None = None
    abilities: frozenset[Ability] = frozenset()
    secrets: tuple[str, ...] = field(default=(), repr=False)
    faults: frozenset[Fault] = frozenset(Fault)
    line_kinds: frozenset[Kind] = frozenset({Kind.REJECTED, Kind.NOT_FOUND})
    never: Mapping[Kind, str] = field(default_factory=dict)
    advice: Mapping[Kind, str] = field(default_factory=dict)
    many: int = 250
    many_orders: int = 12
    renewing: Renewing | None = None
    # Half a minute before midnight in Beijing: a feed that mistakes the time zone loses a day.
    begins: datetime = datetime(2026, 11, 20, 15, 59, 30, tzinfo=UTC)

    @property
    def feed(self) -> OrderFeed | None:
        """Return the channel's feed of orders, None where its traits offer none."""
        channel = self.channel
        return channel if self.channel.traits.order_feed and isinstance(channel, OrderFeed) else None


Factory = Callable[[], AbstractAsyncContextManager[Bench]]
"""What `--syncd-channel` names: each call opens a platform of its own, empty and without a fault."""
