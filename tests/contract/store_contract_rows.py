"""Rows for the contract of the stores, by hand and at random."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from syncd.domain.held import ApprovalRow, Direction, HeldRow, RejectionRow
from syncd.domain.model import (
    Action,
    Cause,
    Containment,
    IdsOf,
    ItemId,
    ListingId,
    ListingRow,
    PoolName,
    ShopName,
    Sku,
    SnapshotKind,
    SourceName,
    StockRow,
    TransferConvention,
    WarehouseName,
    WatermarkEvent,
)
from syncd.domain.records import (
    ClaimRow,
    IntentRow,
    LedgerRow,
    LevelRow,
    Resolution,
    ShopState,
    ShopStatus,
    SourceState,
)
from syncd.ports.store import Desired, Proof, Store

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SHOP = ShopName("tmall")
ERP = SourceName("erp")
DIGEST = "0123456789abcdef"

RowT = TypeVar("RowT")


class PowerCut(Exception):  # noqa: N818 - it is one
    """What ends a method in its middle."""


class Cut(list[RowT]):
    """Rows that end in a power cut after the last of them."""

    def __iter__(self) -> Iterator[RowT]:
        yield from super().__iter__()
        raise PowerCut


# --- rows ------------------------------------------------------------------------------------------------


def stock_row(sku: str = "A", *, on_hand: int = 5, source: str = "erp", warehouse: str = "main") -> StockRow:
    return StockRow(
        source=SourceName(source),
        sku=Sku(sku),
        warehouse=WarehouseName(warehouse),
        as_of=NOW,
        missed=0,
        bad=False,
        on_hand=on_hand,
        allocated=1,
        unsellable=2,
        locked=3,
        virtual=4,
        transfer_out=6,
        in_air=7,
    )


def listing_row(listing: str = "1", *, shop: str = "tmall") -> ListingRow:
    return ListingRow(
        shop=ShopName(shop),
        id=ListingId(listing),
        code="1-A",
        item=ItemId("9"),
        location="",
        title="Shirt",
        sku=Sku("A"),
        units=1,
        unbound_because="",
        desired=None,
        want_off=False,
        expected_lo=None,
        expected_hi=None,
        observed=3,
        observed_at=NOW,
        withheld=0,
        on_sale=True,
        delisted_by="",
        gone=False,
    )


def intent_row(key: str = "k1", *, listing: str = "1", created_at: datetime = NOW) -> IntentRow:
    return IntentRow(
        key=key,
        shop=SHOP,
        listing=ListingId(listing),
        item=ItemId("9"),
        action=Action.SET,
        value=2,
        base=None,
        target=2,
        cause=Cause.CLAIM,
        rule="pools.main",
        created_at=created_at,
        sent_at=None,
        resolution=Resolution.OPEN,
        message="",
    )


def ledger_row(
    listing: str = "1",
    *,
    what: str = "counter",
    old: int | None = 5,
    new: int | None = 0,
    cause: str = Cause.SNAPSHOT,
    shop: str = "tmall",
    sku: str = "A",
    at: datetime = NOW,
) -> LedgerRow:
    return LedgerRow(
        at=at,
        shop=ShopName(shop),
        listing=ListingId(listing),
        sku=Sku(sku),
        what=what,
        old=old,
        new=new,
        cause=cause,
        rule="pools.main",
        who="syncd",
    )


def level_row(sku: str = "A", *, agree: int = 0) -> LevelRow:
    return LevelRow(PoolName("main"), SHOP, Sku(sku), NOW, agree, 7)


def held_row(
    listing: str = "1", *, digest: str = DIGEST, bound: int = 0, shop: str = "tmall", setting: str = "guard.x"
) -> HeldRow:
    return HeldRow(
        digest=digest,
        shop=ShopName(shop),
        listing=ListingId(listing),
        direction=Direction.OFF,
        bound=bound,
        sku=Sku("A"),
        kind="zero",
        old=None,
        cause="snapshot",
        rule="pools.main",
        setting=setting,
        limit=30,
        value=42,
        unit="%",
    )


def rejection_row(listing: str = "1", *, bound: int = 0) -> RejectionRow:
    return RejectionRow(SHOP, ListingId(listing), Direction.OFF, bound, NOW, "ann")


def approval_row(listing: str = "1", *, until: datetime = NOW) -> ApprovalRow:
    return ApprovalRow(SHOP, ListingId(listing), Direction.RAISE, 10, until)


def claim_row(line: str = "1", *, units: int = 1) -> ClaimRow:
    return ClaimRow(SHOP, line, Sku("A"), "", units, NOW)


def proof(
    listing: str = "1", *, lo: int | None = 2, hi: int | None = 3, on_sale: bool | None = True
) -> Proof:
    return Proof(
        shop=SHOP, listing=ListingId(listing), expected_lo=lo, expected_hi=hi, on_sale=on_sale, delisted_by=""
    )


def desired(listing: str = "1", *, units: int | None = 4, want_off: bool = False) -> Desired:
    return Desired(shop=SHOP, listing=ListingId(listing), desired=units, want_off=want_off)


async def save_plan(store: Store, *, at: datetime = NOW, **parts: Any) -> None:  # noqa: ANN401
    """Save a plan of which only `parts` are not empty."""
    empty: dict[str, Any] = {"desired": [], "levels": [], "dropped_levels": [], "held": [], "ledger": []}
    await store.save_plan(**(empty | parts), at=at)


# --- any rows --------------------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8"), max_size=12)
ODD = ('"', "'", "\\u0041", "货号", "[]", "x\0y", "x", "%", "")
"""Texts that a careless reading takes for another, or for none."""
wholes = st.integers(-(2**63), 2**63 - 1)
times = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
flags = st.booleans()


def rows_of(kind: type[RowT], **columns: st.SearchStrategy[Any]) -> st.SearchStrategy[RowT]:
    """Return rows of a type from a strategy for each column, in the order of the columns."""
    return st.builds(kind, **columns)


stock_rows = rows_of(
    StockRow,
    **dict.fromkeys(("source", "sku", "warehouse"), texts),
    as_of=times,
    bad=flags,
    **dict.fromkeys(
        ("missed", "on_hand", "allocated", "unsellable", "locked", "virtual", "transfer_out", "in_air"),
        wholes,
    ),
)
listing_rows = rows_of(
    ListingRow,
    **dict.fromkeys(
        ("shop", "id", "code", "item", "location", "title", "sku", "unbound_because", "delisted_by"), texts
    ),
    **dict.fromkeys(("units", "withheld"), wholes),
    **dict.fromkeys(("desired", "expected_lo", "expected_hi", "observed"), st.none() | wholes),
    **dict.fromkeys(("want_off", "gone"), flags),
    observed_at=st.none() | times,
    on_sale=st.none() | flags,
)
intent_rows = rows_of(
    IntentRow,
    **dict.fromkeys(("key", "shop", "listing", "item", "cause", "rule", "message"), texts),
    action=st.sampled_from(Action),
    **dict.fromkeys(("value", "target"), wholes),
    base=st.none() | wholes,
    created_at=times,
    sent_at=st.none() | times,
    resolution=st.sampled_from(Resolution),
)
ledger_rows = rows_of(
    LedgerRow,
    at=times,
    **dict.fromkeys(("shop", "listing", "sku", "what", "cause", "rule", "who"), texts),
    **dict.fromkeys(("old", "new"), st.none() | wholes),
)
source_states = st.builds(
    SourceState,
    name=texts,
    seq=wholes,
    as_of=st.none() | times,
    full_at=st.none() | times,
    kind=st.sampled_from(SnapshotKind),
    transfer_convention=st.sampled_from(TransferConvention),
    contains=st.sampled_from(Containment),
    cursor=texts,
    error=texts,
    failing_since=st.none() | times,
    watermarks=st.dictionaries(texts, times, max_size=3),
    counts=st.sampled_from(WatermarkEvent),
    included=st.dictionaries(texts, st.frozensets(texts, max_size=3), max_size=3),
    ids_of=st.sampled_from(IdsOf),
)
shop_states = st.builds(
    ShopState,
    name=texts,
    status=st.sampled_from(ShopStatus),
    observed_at=st.none() | times,
    accepted_at=st.none() | times,
    fingerprint=texts,
    error=texts,
    failing_since=st.none() | times,
    blocked=texts,
)


def exactly(row: Sequence[Any]) -> list[tuple[type, Any]]:
    """Return the values with their types: 0, False and None must not pass for each other."""
    return [(type(value), value) for value in row]


# The store of a test serves all its examples: each looks only at the keys it wrote.
SHARED = settings(
    suppress_health_check=(
        HealthCheck.function_scoped_fixture,
        HealthCheck.differing_executors,
        HealthCheck.too_slow,
    )
)
