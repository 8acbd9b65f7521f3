"""What begins, ends and is told: once each."""

from datetime import timedelta

import pytest

from syncd.domain.alerts.kinds import TRAITS, AlertKind, Ends, Level
from syncd.domain.alerts.messages import Phase
from tests.unit.domain.alert_desk import AlertDesk, phases, with_rules

OVERSOLD = AlertKind.OVERSOLD


def low(desk: AlertDesk, *skus: str, units: int = 3) -> None:
    for sku in skus:
        desk.tell("low_stock", pool="main", sku=sku, units=units)


# --- telling once --------------------------------------------------------------------------------------


def test_an_alert_is_told_after_its_group_has_waited() -> None:
    desk = AlertDesk()
    desk.on()
    assert desk.wait(59) == []
    assert phases(desk.wait(2)) == [Phase.BEGIN]


def test_something_critical_waits_five_seconds_only() -> None:
    desk = AlertDesk()
    desk.tell("oversold", pool="main", sku="A", units=2)
    assert phases(desk.wait(5)) == [Phase.BEGIN]


def test_an_open_alert_is_not_told_again() -> None:
    desk = AlertDesk()
    for _ in range(5):
        desk.on()
        desk.wait(minutes=10)
    assert phases(desk.said) == [Phase.BEGIN]


def test_the_newest_facts_are_told() -> None:
    desk = AlertDesk()
    low(desk, "A", units=9)
    low(desk, "A", units=2)
    assert desk.wait(61)[0].rows[0].known == {"units": 2}


def test_two_hundred_low_skus_of_a_pool_are_one_message() -> None:
    desk = AlertDesk()
    for at in range(200):
        low(desk, f"SKU-{at:03}", units=at % 7)
        desk.wait(0.2)
    (message,) = desk.wait(61)
    assert len(message.rows) == 200


def test_the_worst_of_a_group_come_first() -> None:
    desk = AlertDesk()
    for sku, units in (("A", 4), ("B", 0), ("C", 2)):
        low(desk, sku, units=units)
        desk.tell("oversold", pool="main", sku=sku, units=units + 1)
    worst = {message.rows[0].kind: [row.thing for row in message.rows] for message in desk.wait(61)}
    assert worst == {AlertKind.LOW_STOCK: ["B", "C", "A"], OVERSOLD: ["A", "C", "B"]}


def test_two_pools_are_two_messages() -> None:
    desk = AlertDesk()
    desk.tell("low_stock", pool="main", sku="A", units=1)
    desk.tell("low_stock", pool="overseas", sku="A", units=1)
    assert [message.rows[0].place for message in desk.wait(61)] == ["main", "overseas"]


def test_what_is_below_the_least_level_is_kept_and_never_told() -> None:
    desk = AlertDesk(with_rules(min_level=Level.CRITICAL))
    desk.on()
    desk.wait(minutes=5)
    desk.off()
    desk.wait(minutes=5)
    assert (desk.said, [row.kind for row in desk.state.values()]) == ([], [AlertKind.SHOP_FAILING])


def test_a_kind_that_is_off_is_no_alert() -> None:
    desk = AlertDesk(with_rules(off=frozenset({AlertKind.SHOP_FAILING})))
    desk.on()
    assert desk.open == []


def test_a_kind_may_have_another_level() -> None:
    desk = AlertDesk(with_rules(levels={AlertKind.SHOP_FAILING: Level.CRITICAL}))
    desk.on()
    assert desk.wait(6)[0].level is Level.CRITICAL


# --- the end -------------------------------------------------------------------------------------------


def test_the_end_of_what_was_told_is_told_once() -> None:
    desk = AlertDesk()
    desk.on()
    desk.wait(61)
    desk.off()
    desk.off()
    desk.wait(minutes=10)
    assert phases(desk.said) == [Phase.BEGIN, Phase.END]


def test_what_is_over_before_it_was_told_is_never_told() -> None:
    desk = AlertDesk()
    desk.on()
    desk.wait(30)
    desk.off()
    desk.wait(minutes=10)
    assert desk.said == []


def test_what_comes_back_before_its_end_was_told_never_ended() -> None:
    desk = AlertDesk()
    desk.on()
    desk.wait(61)
    desk.off()
    desk.wait(30)
    desk.on()
    desk.wait(minutes=10)
    assert (phases(desk.said), len(desk.open)) == ([Phase.BEGIN], 1)


def test_the_end_of_what_was_never_on_is_nothing() -> None:
    desk = AlertDesk()
    desk.off()
    assert (desk.wait(minutes=5), desk.state) == ([], {})


@pytest.mark.parametrize("kind", [kind for kind in AlertKind if TRAITS[kind].ends is Ends.LAPSES])
def test_what_merely_happened_lapses_without_a_word(kind: AlertKind) -> None:
    desk = AlertDesk()
    desk.on(kind, listing="1", line="1")
    desk.wait(61)
    desk.wait(hours=2)
    assert (phases(desk.said), desk.open) == ([Phase.BEGIN], [])


def test_what_happens_again_and_again_goes_on() -> None:
    desk = AlertDesk()
    for _ in range(6):
        desk.on(AlertKind.DRIFT)
        desk.wait(minutes=50)
    assert (phases(desk.said), len(desk.open)) == ([Phase.BEGIN], 1)


def test_tokens_that_nobody_warns_of_any_more_are_well() -> None:
    desk = AlertDesk()
    desk.tell("tokens_expiring", shop="web", expires="2026-03-09", days=7, hint="renew")
    desk.wait(61)
    desk.wait(hours=37)
    desk.wait(61)
    assert phases(desk.said) == [Phase.BEGIN, Phase.END]


def test_tokens_that_end_tomorrow_are_told_again_because_it_got_worse() -> None:
    desk = AlertDesk()
    for days in (6, 5, 1, 0):
        desk.tell("tokens_expiring", shop="web", expires="2026-03-09", days=days, hint="renew")
        desk.wait(minutes=30)
    assert [message.level for message in desk.said] == [Level.WARNING, Level.CRITICAL]


def test_who_says_how_bad_a_kind_is_means_it_always() -> None:
    desk = AlertDesk(with_rules(levels={AlertKind.TOKENS_EXPIRING: Level.INFO}))
    for days in (6, 1):
        desk.tell("tokens_expiring", shop="web", expires="2026-03-09", days=days, hint="renew")
        desk.wait(minutes=30)
    assert [message.level for message in desk.said] == [Level.INFO]


# --- reminders -----------------------------------------------------------------------------------------


def test_a_critical_alert_that_goes_on_is_told_again_after_a_while() -> None:
    desk = AlertDesk()
    desk.tell("oversold", pool="main", sku="A", units=2)
    desk.wait(5)
    desk.wait(hours=10)
    assert phases(desk.said) == [Phase.BEGIN, Phase.REMINDER, Phase.REMINDER]


def test_who_acknowledged_an_alert_is_not_reminded_but_hears_its_end() -> None:
    desk = AlertDesk()
    desk.tell("oversold", pool="main", sku="A", units=2)
    desk.wait(6)
    desk.register.acknowledged([row._replace(acked_at=desk.now, acked_by="ann") for row in desk.open])
    desk.wait(hours=9)
    desk.tell("oversold_over", pool="main", sku="A")
    desk.wait(6)
    assert phases(desk.said) == [Phase.BEGIN, Phase.END]


def test_without_a_time_for_it_nobody_is_reminded() -> None:
    desk = AlertDesk(with_rules(remind_after=timedelta(0)))
    desk.tell("oversold", pool="main", sku="A", units=2)
    desk.wait(hours=9)
    assert phases(desk.said) == [Phase.BEGIN]


# --- coming and going ----------------------------------------------------------------------------------


def come_and_go(desk: AlertDesk, times: int) -> None:
    for _ in range(times):
        desk.on()
        desk.wait(minutes=5)
        desk.off()
        desk.wait(minutes=5)


def test_what_comes_and_goes_is_told_so_once() -> None:
    desk = AlertDesk()
    come_and_go(desk, 10)
    assert phases(desk.said) == [Phase.BEGIN, Phase.END] * 3 + [Phase.FLAPPING]


def test_what_came_and_went_is_over_once_it_is_calm() -> None:
    desk = AlertDesk()
    come_and_go(desk, 6)
    desk.wait(minutes=40)
    assert (phases(desk.said[-2:]), desk.open) == ([Phase.FLAPPING, Phase.END], [])


def test_it_is_calm_since_the_first_time_that_it_was_said_to_be_over() -> None:
    desk = AlertDesk()
    come_and_go(desk, 6)
    for _ in range(4):
        desk.off()
        desk.wait(minutes=10)
    assert desk.open == []


def test_what_comes_and_goes_too_fast_to_be_told_is_told_as_such() -> None:
    desk = AlertDesk()
    for _ in range(8):
        desk.on()
        desk.wait(20)
        desk.off()
        desk.wait(40)
    assert phases(desk.said) == [Phase.FLAPPING]


def test_after_a_calm_time_one_begins_to_count_anew() -> None:
    desk = AlertDesk()
    for _ in range(6):
        come_and_go(desk, 1)
        desk.wait(hours=1)
    assert phases(desk.said) == [Phase.BEGIN, Phase.END] * 6


def test_of_alerts_long_over_only_the_last_are_remembered() -> None:
    desk = AlertDesk()
    for at in range(1100):
        low(desk, f"S{at}")
        desk.tell("low_stock_over", pool="main", sku=f"S{at}")
    desk.wait(hours=1)
    assert desk.register._recent == {}


def test_a_relisting_is_told_where_its_delisting_was_not_known() -> None:
    desk = AlertDesk()
    for kind in ("relist", "off", "relist"):
        desk.tell("changed", kind=kind, shop="web", listing="1", sku="A", cause="snapshot", rule="r")
        desk.wait(minutes=2)
    told = [(message.phase, message.rows[0].kind) for message in desk.said]
    assert told == [
        (Phase.BEGIN, AlertKind.RELISTED),
        (Phase.BEGIN, AlertKind.DELISTED),
        (Phase.END, AlertKind.DELISTED),
    ]
