"""Orders, claims, locks and units on their way, as the API answers it."""

from pydantic import Field

from syncd.console.api.shops import Feed
from syncd.console.api.words import Answer, Moment, Page


class OrderLine(Answer):
    """One line of an order; nothing about buyers is known."""

    shop: str
    order: str
    line: str
    listing: str
    code: str
    skus: dict[str, int]
    stage: str
    units: int
    released: int
    shipped: int
    open: int | None
    contained: int | None
    created: Moment
    paid: Moment | None
    modified: Moment
    doubt: str
    waits_for: list[str]


class Orders(Page):
    """A page of order lines, the newest first, and until when the orders of shops are known."""

    items: list[OrderLine]
    feeds: dict[str, Feed]


class Claim(Answer):
    """Units that a shop sold and that no snapshot contains yet; `presumed` where only a counter fell."""

    shop: str
    presumed: bool
    order: str
    line: str
    listing: str
    units: int
    since: Moment
    warehouse: str
    waits_for: list[str]


class SkuClaim(Claim):
    """A claim with the SKU that it is of."""

    sku: str


class Claims(Page):
    """A page of open claims."""

    items: list[SkuClaim]


class Batch(Answer):
    """Units of a lock that are released at a time."""

    units: int
    at: Moment


class Lock(Answer):
    """Units that are locked for a shop (`only`, `plus`) or for nobody."""

    lock: int
    sku: str
    pool: str
    shop: str
    mode: str
    units: int
    released: int
    used: int
    holds: int
    schedule: list[Batch]
    created_by: str
    created_at: Moment
    ended_at: Moment | None
    note: str


class Locks(Page):
    """All locks."""

    items: list[Lock]


class Way(Answer):
    """Units that go from the share of one shop to that of another."""

    pool: str
    sku: str
    taken_from: str = Field(alias="from")
    given_to: str = Field(alias="to")
    units: int


class Moving(Way):
    """Units on their way, and what they wait for."""

    since: Moment
    expires: Moment
    waits_for: list[str]


class Finished(Way):
    """Units that arrived, or came back."""

    at: Moment
    cause: str
    because: str


class Transfers(Page):
    """Units on their way, the oldest first; `finished` only where it was asked for."""

    items: list[Moving]
    finished: list[Finished] | None
    left_out: int
