"""The last hours of a shop, minute by minute."""

from syncd.adapters.memory import FakeClock
from syncd.domain.model import ShopName
from syncd.services.series import KEPT, MOST, MinuteSeries

A = ShopName("a")


def series() -> tuple[MinuteSeries, FakeClock]:
    clock = FakeClock()
    return MinuteSeries(clock), clock


def pushed(one: MinuteSeries, *, done: int = 0, refused: int = 0, calls: int = 1, throttled: int = 0) -> None:
    one.tell("pushed", shop="a", done=done, refused=refused, calls=calls, throttled=throttled)


def test_a_shop_of_which_nothing_was_told_has_no_minutes() -> None:
    one, _ = series()
    document = one.document(A)
    assert (document["since"], document["done"]) == (None, [])


def test_what_happened_in_one_minute_adds_up() -> None:
    one, clock = series()
    pushed(one, done=3, refused=1, calls=2, throttled=1)
    clock.advance(59)
    pushed(one, done=4)
    document = one.document(A)
    assert document | {"raised_units": [0]} == {
        "since": "2026-03-02T10:00:00+00:00",
        "step_seconds": 60,
        "done": [7],
        "refused": [1],
        "calls": [3],
        "throttled": [1],
        "raised_units": [0],
        "lowered_units": [0],
        "oldest_decrease_seconds": [None],
    }


def test_minutes_in_which_nothing_happened_are_zero_up_to_now() -> None:
    one, clock = series()
    pushed(one, done=3)
    clock.advance(120)
    pushed(one, done=4)
    clock.advance(60)
    assert one.document(A)["done"] == [3, 0, 4, 0]


def test_units_are_counted_by_which_way_they_went() -> None:
    one, _ = series()
    for old, new in ((5, 2), (2, 9), (None, 4)):
        one.tell("changed", shop="a", listing="1", old=old, new=new)
    document = one.document(A)
    assert (document["raised_units"], document["lowered_units"]) == ([7], [3])


def test_of_ages_the_highest_of_a_minute_stays() -> None:
    one, clock = series()
    for age in (3.0, 20.0, 5.0):
        one.note_age(A, age)
    clock.advance(60)
    one.note_age(A, 0.0)
    assert one.document(A)["oldest_decrease_seconds"] == [20.0, 0.0]


def test_what_is_older_than_three_hours_is_forgotten() -> None:
    one, clock = series()
    for minute in range(KEPT + 20):
        pushed(one, done=minute)
        clock.advance(60)
    done = one.document(A)["done"]
    assert (len(done), done[0], done[-1]) == (KEPT, 21, 0)


def test_a_long_silence_leaves_only_zeros() -> None:
    one, clock = series()
    pushed(one, done=1)
    clock.advance(60.0 * KEPT * 3)
    assert one.document(A)["done"] == [0] * KEPT


def test_a_clock_that_is_set_back_goes_on_with_the_last_minute() -> None:
    one, clock = series()
    pushed(one, done=1)
    clock.jump(-3600)
    pushed(one, done=2)
    assert one.document(A)["done"] == [3]


def test_other_events_are_passed_over() -> None:
    one, _ = series()
    one.tell("held", shop="a", because="of many")
    one.tell("started")
    assert one.document(A)["since"] is None


def test_shops_are_bounded() -> None:
    one, _ = series()
    for at in range(MOST + 1):
        one.tell("pushed", shop=f"s{at}", done=1, refused=0, calls=1, throttled=0)
    assert one.document(ShopName(f"s{MOST}"))["since"] is None


def test_a_document_is_a_copy() -> None:
    one, _ = series()
    pushed(one, done=1)
    one.document(A)["done"].clear()
    assert one.document(A)["done"] == [1]
