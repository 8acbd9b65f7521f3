"""How shops, sources and pools stand, as the API answers it."""

from typing import Annotated

from pydantic import Field

from syncd.console.api.plans import Plan
from syncd.console.api.words import Answer, Moment


class Delay(Answer):
    """How long something took, in seconds: half of all, and 99 of 100; counts fade with time."""

    count: float
    half_within: float | None
    within: float | None
    histogram: list[tuple[float | None, float]]


class Delays(Answer):
    """From a sale to our seeing it, from a decision to its acceptance, and from the sale to that."""

    sale_to_seen: Delay
    decision_to_accepted: Delay
    sale_to_accepted: Delay


class Decreases(Answer):
    """Decreases that a shop has not accepted yet."""

    waiting: int
    held: int
    oldest: Moment | None
    oldest_seconds: float


class Feed(Answer):
    """Until when the orders of a shop are known."""

    known_until: Moment | None
    error: str
    since: Moment | None


class Shop(Answer):
    """One shop; figures that are not known are null, never 0."""

    shop: str
    type: str
    status: str
    listings: int | None
    unbound: int | None
    observed_at: Moment | None
    error: str
    since: Moment | None
    delays: Delays
    calls: float
    throttled: float
    written: float
    spared: float
    throttled_share: float | None
    spared_share: float | None
    decreases: Decreases


class Buffer(Answer):
    """The buffer that the stated risk would ask for in a pool."""

    pool: str
    risk: float
    buffer: int | None
    most: int | None
    sku: str | None


class Level(Answer):
    """The warning level that the stated risk would ask for in a pool."""

    pool: str
    risk: float
    warning_level: int | None
    most: int | None
    sku: str | None


class AdvisedShop(Shop):
    """A shop with the buffers that are advised."""

    advice: list[Buffer]


class Shops(Answer):
    """All shops, and the warning levels that are advised."""

    shops: list[AdvisedShop]
    pools: list[Level]


class SellingShop(Shop):
    """A shop with how far its orders are known; null where it tells none."""

    orders: Feed | None


class Guard(Answer):
    """How much one plan may take off sale or raise by itself."""

    max_off_percent: int
    max_off_count: int
    max_raised_percent: int
    max_raised_units: int
    from_listings: int
    window_seconds: float


class WholeShop(SellingShop):
    """One shop with the limits by which it is written; `unanswered` writes have no answer yet."""

    policy: str
    pools: list[str]
    guard: Guard
    advice: list[Buffer]
    unanswered: int


class Source(Answer):
    """How old the figures of a source are."""

    source: str
    seq: int
    kind: str | None
    as_of: Moment | None
    age_seconds: float | None
    error: str
    since: Moment | None


class Pool(Answer):
    """Which warehouses serve which shops."""

    pool: str
    mode: str
    warehouses: list[str]
    shops: list[str]


class Alarms(Answer):
    """How many alerts go on, by level."""

    critical: int
    warning: int
    info: int


class Overview(Answer):
    """Whether everything is right."""

    at: Moment
    shops: list[SellingShop]
    sources: list[Source]
    pools: list[Pool]
    held: list[Plan]
    alerts: Alarms
    unbound: Annotated[
        int | None,
        Field(description="Listings of shops that were read which are bound to no SKU and so never touched."),
    ]
