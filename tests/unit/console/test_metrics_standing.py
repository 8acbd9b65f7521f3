"""What stands at the moment of a scrape comes from the last survey and from what the program holds."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from syncd.adapters.memory import FakeClock
from syncd.console.metrics import Metrics, Watched
from syncd.console.metrics.lag import EVERY, sample_lag
from syncd.domain.alerts.kinds import Level
from syncd.domain.allotment import Use
from syncd.domain.model import ShopName, SourceName
from syncd.domain.records import FeedState, ShopState, ShopStatus, SourceState
from syncd.ports.tallies import Backlog, ListingState, Tally
from syncd.ports.tokens import Tokens
from syncd.services.gate import open_gate
from syncd.services.surveying import Survey
from tests.unit.console.scrape import page_of, samples, value, values

JD, TMALL = ShopName("jd"), ShopName("tmall")
ERP = SourceName("erp")
NOW = FakeClock().now()
BASE = Watched(shops=(JD, TMALL), sources=(ERP,))


def page(survey: Survey | None = None, watched: Watched = BASE, *, after: float = 0.0) -> bytes:
    clock = FakeClock()
    metrics = Metrics(clock)
    metrics.show(replace(watched, survey=lambda: survey))
    clock.advance(after)
    return page_of(metrics)


def test_before_the_first_survey_nothing_is_said_of_the_state() -> None:
    names = {sample.name for sample in samples(page())}
    assert names & {"syncd_shop_up", "syncd_source_up", "syncd_listings", "syncd_ledger_rows"} == set()


def test_a_shop_is_up_unless_it_fails_or_is_blocked() -> None:
    shops = {JD: ShopState(name=JD, error="down"), TMALL: ShopState(name=TMALL, blocked="revoked")}
    found = page(Survey(at=NOW, shops=shops))
    assert values(found, "syncd_shop_up") == {("jd",): 0, ("tmall",): 0}
    assert values(found, "syncd_shop_blocked") == {("jd",): 0, ("tmall",): 1}
    assert values(page(Survey(at=NOW)), "syncd_shop_up") == {("jd",): 1, ("tmall",): 1}


def test_a_shop_has_one_status() -> None:
    found = page(Survey(at=NOW, shops={JD: ShopState(name=JD, status=ShopStatus.FROZEN)}))
    on = [labels for labels, is_on in values(found, "syncd_shop_status").items() if is_on]
    assert on == [("jd", "frozen"), ("tmall", "active")]


def test_a_shop_that_was_never_read_has_no_time() -> None:
    shops = {JD: ShopState(name=JD, observed_at=NOW)}
    found = page(Survey(at=NOW, shops=shops))
    assert values(found, "syncd_shop_observed_timestamp_seconds") == {("jd",): NOW.timestamp()}


def test_orders_are_shown_of_the_shops_that_tell_them() -> None:
    feeds = {JD: FeedState(shop=JD, cursor=NOW, error="403")}
    found = page(Survey(at=NOW, feeds=feeds))
    assert values(found, "syncd_orders_up") == {("jd",): 0}
    assert values(found, "syncd_orders_read_timestamp_seconds") == {("jd",): NOW.timestamp()}


def test_the_oldest_decrease_ages_between_two_surveys() -> None:
    backlog = {JD: Backlog(JD, 5, 2, NOW - timedelta(seconds=40))}
    found = page(Survey(at=NOW, backlog=backlog), after=10)
    assert values(found, "syncd_oldest_pending_decrease_age_seconds") == {("jd",): 50, ("tmall",): 0}
    assert values(found, "syncd_pending_decreases") == {("jd",): 5, ("tmall",): 0}
    assert values(found, "syncd_pending_decreases_held") == {("jd",): 2, ("tmall",): 0}


def test_a_source_is_up_once_it_was_collected_and_does_not_fail() -> None:
    state = SourceState(name=ERP, as_of=NOW)
    assert values(page(Survey(at=NOW, sources={ERP: state})), "syncd_source_up") == {("erp",): 1}
    failing = page(Survey(at=NOW, sources={ERP: replace(state, error="timeout")}))
    assert values(failing, "syncd_source_up") == {("erp",): 0}
    assert values(failing, "syncd_source_snapshot_timestamp_seconds") == {("erp",): NOW.timestamp()}
    assert values(page(Survey(at=NOW)), "syncd_source_up") == {("erp",): 0}


def test_what_was_counted_says_when() -> None:
    tally = Tally(
        listings={(JD, ListingState.ON_SALE): 7}, claims={JD: 2}, unresolved={TMALL: 1}, ledger=90, size=4096
    )
    earlier = NOW - timedelta(seconds=30)
    found = page(Survey(at=NOW, tally=tally, tallied_at=earlier))
    assert value(found, "syncd_tally_timestamp_seconds") == earlier.timestamp()
    assert value(found, "syncd_survey_timestamp_seconds") == NOW.timestamp()
    assert value(found, "syncd_listings", shop="jd", state="on_sale") == 7
    assert value(found, "syncd_listings", shop="tmall", state="unbound") == 0
    assert values(found, "syncd_open_claims") == {("jd",): 2, ("tmall",): 0}
    assert values(found, "syncd_unresolved_writes") == {("jd",): 0, ("tmall",): 1}
    assert (value(found, "syncd_ledger_rows"), value(found, "syncd_state_bytes")) == (90, 4096)


def test_what_was_not_counted_yet_is_left_out() -> None:
    assert value(page(Survey(at=NOW)), "syncd_ledger_rows") is None


def test_shops_of_the_state_that_are_not_configured_are_left_out() -> None:
    old = ShopName("old")
    survey = Survey(at=NOW, shops={old: ShopState(name=old)}, backlog={old: Backlog(old, 1, 0, NOW)})
    texts = {text for sample in samples(page(survey)) for text in sample.labels.values()}
    assert "old" not in texts


async def test_calls_are_counted_at_the_gate_by_what_for() -> None:
    clock = FakeClock()
    gate = open_gate(5.0, 10, clock)
    await gate.admit(Use.LOWER)
    await gate.read()
    await gate.read()
    gate.throttled(30.0)
    found = page(watched=Watched(gates={JD: gate}))
    assert values(found, "syncd_shop_calls_total") == {
        ("jd", "lower"): 1,
        ("jd", "raise"): 0,
        ("jd", "read"): 2,
    }
    assert values(found, "syncd_shop_throttled_total") == {("jd",): 1}
    assert value(found, "syncd_shop_pause_seconds", shop="jd") == 30
    assert 0 < (value(found, "syncd_shop_call_budget", shop="jd") or 0) < 5


def test_tokens_show_when_they_end_and_nothing_else() -> None:
    tokens = Tokens(
        access="planted-access",
        refresh="planted-refresh",
        access_expires=NOW + timedelta(hours=1),
        refresh_expires=NOW + timedelta(days=9),
    )
    found = page(watched=Watched(tokens=lambda: {JD: tokens}))
    assert values(found, "syncd_tokens_expire_timestamp_seconds") == {
        ("jd", "access"): (NOW + timedelta(hours=1)).timestamp(),
        ("jd", "grant"): (NOW + timedelta(days=9)).timestamp(),
    }
    assert b"planted" not in found


def test_webhooks_are_shown_as_they_are_counted_elsewhere() -> None:
    watched = Watched(shops=(JD,), hooks=lambda: {("jd", "taken"): 4, ("", "no_hook"): 2}, clients=lambda: 3)
    found = page(watched=watched)
    assert values(found, "syncd_hook_deliveries_total") == {("jd", "taken"): 4, ("", "no_hook"): 2}
    assert value(found, "syncd_live_clients") == 3


def test_open_alerts_are_shown_by_level_also_where_there_are_none() -> None:
    found = page(Survey(at=NOW, alerts={Level.CRITICAL: 2}))
    assert values(found, "syncd_alerts_open") == {("critical",): 2, ("info",): 0, ("warning",): 0}


def test_since_when_something_is_held_is_shown_only_where_it_is() -> None:
    found = page(Survey(at=NOW, held_since={JD: NOW}))
    assert values(found, "syncd_held_since_timestamp_seconds") == {("jd",): NOW.timestamp()}


def test_the_process_is_shown_too() -> None:
    names = {sample.name for sample in samples(page())}
    assert {"process_resident_memory_bytes", "python_gc_collections_total", "syncd_build_info"} <= names


async def test_a_loop_that_is_late_is_noticed() -> None:
    class Late(FakeClock):
        async def sleep(self, seconds: float) -> None:
            self.advance(seconds + 0.2)
            await super().sleep(0)

    found: list[float] = []

    def note(seconds: float) -> None:
        found.append(round(seconds, 6))
        if len(found) == 2:
            raise EnoughError

    with suppress(EnoughError):
        await sample_lag(Late(), note, every=EVERY)
    assert found == [0.2, 0.2]


class EnoughError(Exception):
    """What ends a loop without end."""


def test_deliveries_to_a_shop_that_was_dropped_are_shown_no_more() -> None:
    counts = {("jd", "taken"): 3, ("gone", "taken"): 5, ("", "no_hook"): 2}
    found = page(watched=replace(BASE, hooks=lambda: counts))
    assert values(found, "syncd_hook_deliveries_total") == {("jd", "taken"): 3, ("", "no_hook"): 2}
