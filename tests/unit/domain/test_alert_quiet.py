"""Quiet hours: nothing is told in them, and nothing is forgotten."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.alerts.kinds import Level
from syncd.domain.alerts.messages import Phase
from syncd.domain.alerts.rules import AlertRules, Quiet
from tests.unit.domain.alert_desk import AlertDesk, phases, with_rules

SHANGHAI = timezone(timedelta(hours=8))
BERLIN = ZoneInfo("Europe/Berlin") if "Europe/Berlin" in available_timezones() else UTC
NIGHT = Quiet(time(22), time(7))
EVENING = datetime(2026, 3, 2, 21, 50, tzinfo=SHANGHAI).astimezone(UTC)


def quiet_rules(quiet: Mapping[Level, Quiet] | None = None) -> AlertRules:
    return with_rules(quiet=quiet or {Level.WARNING: NIGHT}, zone=SHANGHAI)


def at_night(rules: AlertRules | None = None) -> AlertDesk:
    desk = AlertDesk(rules or quiet_rules(), EVENING)
    desk.wait(minutes=60)
    return desk


# --- the hours themselves ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "is_quiet"),
    [("21:59:59", False), ("22:00:00", True), ("00:00:00", True), ("06:59:59", True), ("07:00:00", False)],
)
def test_quiet_hours_go_over_midnight(clock: str, *, is_quiet: bool) -> None:
    at = datetime.combine(EVENING, time.fromisoformat(clock), SHANGHAI)
    assert NIGHT.holds(at.astimezone(UTC), SHANGHAI) is is_quiet


@pytest.mark.parametrize(("clock", "is_quiet"), [("11:59", False), ("12:00", True), ("13:30", False)])
def test_quiet_hours_may_lie_within_a_day(clock: str, *, is_quiet: bool) -> None:
    at = datetime.combine(EVENING, time.fromisoformat(clock), SHANGHAI)
    assert Quiet(time(12), time(13, 30)).holds(at, SHANGHAI) is is_quiet


@pytest.mark.skipif(BERLIN is UTC, reason="this machine carries no time zones")
# On 2026-03-29 clocks in Berlin go from 2 to 3, on 2026-10-25 from 3 back to 2.
@pytest.mark.parametrize(
    ("utc", "is_quiet"),
    [
        (datetime(2026, 3, 28, 21, 30, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 4, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 29, 5, 0, tzinfo=UTC), False),
        (datetime(2026, 3, 29, 20, 0, tzinfo=UTC), True),
        (datetime(2026, 10, 24, 20, 0, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 5, 30, tzinfo=UTC), True),
        (datetime(2026, 10, 25, 6, 0, tzinfo=UTC), False),
        (datetime(2026, 10, 25, 20, 59, tzinfo=UTC), False),
    ],
)
def test_quiet_hours_follow_the_clock_on_the_wall_when_it_is_set(utc: datetime, *, is_quiet: bool) -> None:
    assert NIGHT.holds(utc, BERLIN) is is_quiet


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1)), st.times(), st.times())  # noqa: DTZ001 - given a zone below
def test_every_moment_is_in_the_hours_or_in_those_left(at: datetime, begin: time, end: time) -> None:
    moment = at.replace(tzinfo=UTC)
    ways = [Quiet(*hours).holds(moment, BERLIN) for hours in ((begin, end), (end, begin))]
    assert sum(ways) == 1 or begin == end


# --- what is told --------------------------------------------------------------------------------------


def test_nothing_is_told_in_the_quiet_hours() -> None:
    desk = at_night()
    desk.on()
    assert desk.wait(hours=8) == []


def test_what_came_in_the_quiet_hours_is_one_summary_afterwards() -> None:
    desk = at_night()
    desk.on()
    desk.tell("low_stock", pool="main", sku="A", units=1)
    (message,) = desk.wait(hours=10)
    assert (message.phase, len(message.rows)) == (Phase.QUIET, 2)


def test_what_came_and_went_in_the_quiet_hours_is_in_the_summary() -> None:
    desk = at_night()
    desk.on()
    desk.wait(hours=1)
    desk.off()
    (message,) = desk.wait(hours=10)
    desk.wait(hours=1)
    assert (message.phase, message.rows[0].is_open, len(desk.said)) == (Phase.QUIET, False, 1)


def test_what_comes_back_in_the_quiet_hours_is_open_in_the_summary() -> None:
    desk = at_night()
    for _ in range(2):
        desk.on()
        desk.wait(hours=1)
        desk.off()
    desk.on()
    (message,) = desk.wait(hours=10)
    assert [row.is_open for row in message.rows] == [True]


def test_the_end_of_what_was_told_before_comes_with_the_summary() -> None:
    desk = AlertDesk(quiet_rules(), EVENING)
    desk.on()
    desk.wait(minutes=60)
    desk.off()
    desk.wait(hours=10)
    assert phases(desk.said) == [Phase.BEGIN, Phase.QUIET]


def test_what_began_just_before_the_quiet_hours_waits_for_the_summary() -> None:
    desk = AlertDesk(quiet_rules(), EVENING + timedelta(minutes=9, seconds=30))
    desk.on()
    assert desk.wait(60) == []
    assert phases(desk.wait(hours=10)) == [Phase.QUIET]


def test_something_critical_breaks_through() -> None:
    desk = at_night()
    desk.tell("oversold", pool="main", sku="A", units=2)
    assert phases(desk.wait(6)) == [Phase.BEGIN]


def test_each_level_has_hours_of_its_own() -> None:
    desk = at_night(quiet_rules({Level.CRITICAL: NIGHT}))
    desk.tell("oversold", pool="main", sku="A", units=2)
    desk.on()
    assert [message.level for message in desk.wait(minutes=5)] == [Level.WARNING]


def test_a_restart_in_the_night_forgets_nothing() -> None:
    desk = at_night()
    desk.on()
    desk.wait(hours=1)
    desk.restart()
    assert phases(desk.wait(hours=10)) == [Phase.QUIET]


def test_what_happened_in_a_long_night_does_not_lapse_untold() -> None:
    desk = at_night()
    desk.tell("listing_failing", shop="web", listing="1", because="refused")
    (message,) = desk.wait(hours=10)
    assert message.phase is Phase.QUIET
