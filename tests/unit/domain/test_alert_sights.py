"""What is seen in the state that no event tells."""

from datetime import timedelta

import pytest

from syncd.domain.alerts.kinds import AlertKind
from syncd.domain.alerts.sights import Late, Sight, over, relooked, seen
from syncd.domain.alerts.signals import Raise
from syncd.domain.model import ListingRow, ShopName, SourceName
from syncd.domain.records import FeedState, ShopState, SourceState
from tests.contract.store_contract_rows import listing_row
from tests.unit.domain.alert_desk import NOON, row_of, with_rules

ERP, WEB = SourceName("erp"), ShopName("web")
RULES = with_rules(max_ages={ERP: 3600.0}, oldest_decrease=timedelta(minutes=10))
STARTED = NOON + timedelta(minutes=1)


def source(minutes: float, error: str = "") -> dict[SourceName, SourceState]:
    return {ERP: SourceState(name=ERP, as_of=NOON - timedelta(minutes=minutes), error=error)}


@pytest.mark.parametrize(("minutes", "is_stale"), [(59, False), (60, False), (61, True)])
def test_figures_older_than_their_limit_are_stale(minutes: float, *, is_stale: bool) -> None:
    found = seen(Sight(at=NOON, sources=source(minutes)), RULES)
    assert [signal.key.kind for signal in found] == [AlertKind.SOURCE_STALE] * is_stale


def test_a_source_that_never_answered_or_is_not_configured_is_not_stale() -> None:
    never = {ERP: SourceState(name=ERP), SourceName("old"): source(900)[ERP]}
    assert seen(Sight(at=NOON, sources=never), RULES) == []


@pytest.mark.parametrize(("minutes", "facts"), [(10, []), (25, ['{"minutes": 25, "limit": 10, "count": 2}'])])
def test_a_decrease_that_waits_too_long_is_a_backlog(minutes: float, facts: list[str]) -> None:
    late = {WEB: Late(NOON - timedelta(minutes=minutes), 2)}
    assert [signal.facts for signal in seen(Sight(at=NOON, late=late), RULES)] == facts


SHOP_WELL = Sight(at=STARTED, shops={WEB: ShopState(name=WEB, observed_at=STARTED)})
SHOP_ILL = Sight(at=STARTED, shops={WEB: ShopState(name=WEB, observed_at=STARTED, error="down")})
NOT_READ = Sight(at=STARTED, shops={WEB: ShopState(name=WEB, observed_at=NOON)})
FEED_WELL, FEED_ILL = (
    Sight(at=STARTED, feeds={WEB: FeedState(shop=WEB, error=error)}) for error in ("", "down")
)
SOURCE_WELL, SOURCE_ILL = (Sight(at=STARTED, sources=source(1, error)) for error in ("", "down"))


@pytest.mark.parametrize(
    ("kind", "sight", "is_over"),
    [
        (AlertKind.SHOP_FAILING, SHOP_WELL, True),
        (AlertKind.SHOP_FAILING, SHOP_ILL, False),
        (AlertKind.SHOP_FAILING, NOT_READ, False),
        (AlertKind.SHOP_FAILING, SOURCE_WELL, True),
        (AlertKind.TOKENS_FAILING, SHOP_WELL, True),
        (AlertKind.CIRCUIT_OPEN, SHOP_ILL, False),
        (AlertKind.SHOP_BLOCKED, SHOP_WELL, False),
        (AlertKind.SHOP_BLOCKED, SOURCE_WELL, True),
        (AlertKind.ORDERS_FAILING, FEED_WELL, True),
        (AlertKind.ORDERS_FAILING, FEED_ILL, False),
        (AlertKind.SOURCE_FAILING, SOURCE_WELL, True),
        (AlertKind.SOURCE_EMPTIED, SOURCE_ILL, False),
        (AlertKind.LOW_STOCK, SHOP_WELL, False),
    ],
)
def test_what_an_earlier_process_left_is_over_when_the_state_says_so(
    kind: AlertKind, sight: Sight, *, is_over: bool
) -> None:
    row = row_of(kind)._replace(place="erp" if sight in (SOURCE_WELL, SOURCE_ILL) else "web")
    if kind in (AlertKind.SHOP_FAILING, AlertKind.SHOP_BLOCKED):
        row = row._replace(place="web")
    assert bool(over(sight, [row], STARTED)) is is_over


@pytest.mark.parametrize(("minutes", "is_over"), [(4, False), (5, True)])
def test_a_broker_of_which_nobody_tells_any_more_is_none_of_ours(minutes: float, *, is_over: bool) -> None:
    row = row_of(AlertKind.MQTT_LOST)._replace(place="old.example:1883")
    sight = Sight(at=STARTED + timedelta(minutes=minutes))
    assert bool(over(sight, [row], STARTED)) is is_over


LISTING = listing_row()


@pytest.mark.parametrize(
    ("listing", "goes_on"),
    [
        (LISTING._replace(on_sale=False), True),
        (LISTING._replace(on_sale=None), True),
        (LISTING._replace(on_sale=True), False),
        (LISTING._replace(on_sale=False, gone=True), False),
        (None, False),
    ],
)
def test_a_delisting_goes_on_while_its_listing_is_there_and_off_sale(
    listing: ListingRow | None, *, goes_on: bool
) -> None:
    row = row_of(AlertKind.DELISTED, thing="1")._replace(place="tmall")
    listings = {("tmall", "1"): listing} if listing else {}
    (signal,) = relooked(Sight(at=NOON, asked=[row], listings=listings))
    assert (signal.key, isinstance(signal, Raise)) == (row.key, goes_on)  # type: ignore[union-attr]


def test_what_this_process_heard_of_ends_by_an_event() -> None:
    row = row_of(AlertKind.SHOP_FAILING)._replace(place="web", seen_at=STARTED)
    assert over(SHOP_WELL, [row], STARTED) == []
