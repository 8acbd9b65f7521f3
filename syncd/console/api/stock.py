"""Stock, listings and why figures are what they are, as the API answers it."""

from typing import Annotated, Literal

from pydantic import Field

from syncd.console.api.sales import Claim, Moving
from syncd.console.api.words import Answer, Moment, Page

Span = tuple[int, int]
"""Between which figures a counter reads."""


class StockPool(Answer):
    """What a pool has of a SKU."""

    pool: str
    known: bool
    available: int | None
    claims: int | None
    locked: int | None
    oversold: int | None
    low: bool


class StockShop(Answer):
    """What a shop should and can show of a SKU, in units of it."""

    shop: str
    listings: int
    quantity: int | None
    desired: int | None
    expected: Span | None
    off_sale: bool
    on_sale: bool | None
    held_because: str | None


class StockItem(Answer):
    """A SKU or bundle; `flags` are any of low, off, oversold, unknown, held, moving and locked."""

    sku: str
    bundle: bool
    available: int | None
    claims: int | None
    pools: list[StockPool]
    shops: list[StockShop]
    flags: list[str]


class Stock(Page):
    """A page of SKUs and bundles."""

    items: list[StockItem]


class Listing(Answer):
    """A listing: what it is bound to, and what it should and can read."""

    shop: str
    listing: str
    code: str
    title: str
    sku: str
    units: int
    desired: int | None
    expected: Span | None
    observed: int | None
    observed_at: Moment | None
    on_sale: bool | None
    delisted_by: str
    unbound_because: str
    holds: int | None
    gone: bool


class Listings(Page):
    """A page of listings."""

    items: list[Listing]


class Series(Answer):
    """One figure over time, as steps: each point is when it became what it was."""

    shop: str
    listing: str
    what: str
    points: list[tuple[Moment, int]]


class History(Answer):
    """What the figures of a SKU were."""

    sku: str
    series: list[Series]


# --- why -------------------------------------------------------------------------------------------------


class Cell(Answer):
    """What a source says of a SKU in one warehouse."""

    on_hand: int
    allocated: int
    unsellable: int
    locked: int
    virtual: int
    transfer_out: int
    in_air: int
    net: int
    source: str
    as_of: Moment | None
    note: str


class Step(Answer):
    """One step to a figure, and the rule that decided it."""

    name: str
    value: int
    rule: str


class Move(Answer):
    """What moved a counter since it was read."""

    at: Moment
    what: str
    text: str


class ExplainedListing(Answer):
    """What one listing should and can read, and why it is not written."""

    listing: str
    code: str
    units: int
    desired: int | None
    off_sale: bool
    expected: tuple[int | None, int | None] | None
    observed: int | None
    observed_at: Moment | None
    on_sale: bool | None
    delisted_by: str
    rule: str
    open_intents: list[str]
    held_because: str | None
    moved_by: list[Move]


class Counters(Answer):
    """What the listings of a shop should and can read, in units of the SKU."""

    desired: int | None
    expected: Span | None
    as_of: Moment | None
    held_because: str | None
    listings: list[ExplainedListing]


class ShareChange(Answer):
    """A share that became another."""

    at: Moment
    old: int | None
    new: int | None
    cause: str
    because: str
    rule: str


class PoolAdvice(Answer):
    """The buffer that the stated risk would ask for."""

    pool: str
    risk: float
    buffer: int | None


class ExplainedShop(Counters):
    """How the quantity of a shop came to be."""

    steps: list[Step]
    quantity: int | None
    shares: dict[str, int | None]
    history: list[ShareChange]
    sold_per_day: float | None
    seen_within: float | None
    lowered_within: float | None
    advice: list[PoolAdvice]


class LedgerRow(Answer):
    """One change of a figure, or what a person did, and why."""

    at: Moment
    shop: str
    listing: str
    sku: str
    what: str
    old: int | None
    new: int | None
    cause: str
    rule: str
    who: str


class UnknownPool(Answer):
    """A pool of whose SKU nothing is known."""

    known: Literal[False]


class KnownPool(Answer):
    """What a pool has of a SKU, from the warehouses to what is left of it.

    `unassigned` and `deficit` are of split pools, `advised_level` of shared ones.
    """

    known: Literal[True]
    on_hand: int
    virtual: int
    unrouted: int
    claims: int
    figure: int
    available: int
    held: int
    reserve: int
    rest: int
    oversold: int
    on_extra: int
    backordered: int
    overlocked: int
    overtransferred: int
    locked: int
    locks_cut: int
    unassigned: int | None = None
    deficit: int | None = None
    advised_level: int | None = None


ExplainedPool = Annotated[KnownPool | UnknownPool, Field(discriminator="known")]


class Chain(Answer):
    """Why the figures of a SKU are what they are, from the warehouses to every listing."""

    sku: str
    warehouses: dict[str, Cell]
    pools: dict[str, ExplainedPool]
    claims: int
    available: int
    shops: dict[str, ExplainedShop]
    ledger: list[LedgerRow]
    open_claims: list[Claim]
    moving: list[Moving]


class Component(Chain):
    """A SKU of a bundle, and how many units of it are in one."""

    units: int


class Explained(Chain):
    """Why the figures of a SKU are what they are; `problems` could not be read the last time."""

    problems: list[str]


class ExplainedBundle(Answer):
    """Why the figures of a bundle are what they are; a component that nobody knows is null."""

    sku: str
    components: dict[str, Component | None]
    shops: dict[str, Counters]
    problems: list[str]
