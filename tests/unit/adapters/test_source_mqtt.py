"""The source `mqtt`: what reaches the state, whom it wakes, and what the broker is told."""

import json
from datetime import timedelta

from syncd.domain.look import Look
from syncd.domain.model import Sku
from syncd.ports.listening import Listening
from tests.unit.adapters.source_mqtt_rig import Rig, begun


def test_it_is_a_source_that_listens() -> None:
    assert isinstance(Rig().source, Listening)


# --- into the state ----------------------------------------------------------------------------------------


async def test_a_full_reading_and_what_changed_since_reach_the_state() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        await rig.says({"A": 3})
        await rig.collect()

    assert (await rig.stored(), rig.subscribed) == ({"A": 3, "B": 7}, [])


async def test_with_nothing_heard_the_figures_stay_and_grow_old() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        before = await rig.as_of()
        collected = await rig.collect(after=3000)

    assert (await rig.stored(), await rig.as_of(), collected.reports[0].news) == (
        {"A": 5, "B": 7},
        before,
        False,
    )


async def test_a_message_without_lines_keeps_the_figures_young() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        rig.clock.advance(600)
        await rig.says({})
        await rig.collect()

    assert await rig.as_of() == rig.clock.now() - timedelta(seconds=1)


async def test_a_bad_line_keeps_its_last_good_figure_and_spoils_no_other() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        await rig.says({"A": -1, "B": 2})
        collected = await rig.collect()

    problem = collected.reports[0].problems[0]
    assert (await rig.stored(), problem.sku, problem.row) == ({"A": 5, "B": 2}, "A", "message m2 line 1")


async def test_a_line_of_a_warehouse_that_is_not_ours_is_told() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        await rig.says({}, lines=[{"sku": "A", "warehouse": "moon", "on_hand": 1}])
        collected = await rig.collect()

    assert (await rig.stored(), "moon" in collected.reports[0].problems[0].message) == (
        {"A": 5, "B": 7},
        True,
    )


async def test_a_new_sku_is_known_from_then_on() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        await rig.says({"NEW": 1})
        await rig.collect()

    assert await rig.stored() == {"A": 5, "B": 7, "NEW": 1}


# --- whom it wakes -----------------------------------------------------------------------------------------


async def test_a_message_rings_for_the_skus_that_it_names() -> None:
    rig = Rig()
    async with rig.listening():
        await rig.says({"A": 1, "B": 2})

    assert rig.looks == [Look(skus=frozenset({Sku("A"), Sku("B")}))]


async def test_a_sku_that_is_a_number_is_rung_for_too() -> None:
    rig = Rig()
    async with rig.listening():
        await rig.says({}, lines=[{"sku": 4006381, "on_hand": 1}])

    assert rig.looks == [Look(skus=frozenset({Sku("4006381")}))]


async def test_a_full_reading_rings_for_all_once_it_is_whole() -> None:
    rig = Rig()
    async with rig.listening():
        await rig.says({"A": 1}, kind="full", part=1, parts=2)
        half = list(rig.looks)
        await rig.says({"B": 1}, kind="full", part=2, parts=2)

    assert (half, rig.looks) == ([], [Look()])


async def test_a_message_without_lines_rings_nobody() -> None:
    rig = Rig()
    async with rig.listening():
        await rig.says({})

    assert rig.looks == []


async def test_a_ring_for_thousands_is_one_for_all() -> None:
    rig = Rig()
    async with rig.listening():
        await rig.says({f"S{number}": 1 for number in range(1001)})

    assert rig.looks == [Look()]


# --- what the broker may forget ----------------------------------------------------------------------------


async def test_the_broker_keeps_a_message_until_the_state_has_it() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        before = list(rig.had)
        number = await rig.says({"A": 3})
        waiting = list(rig.had)
        await rig.collect()

    assert (waiting, rig.had) == (before, [*before, number])


async def test_what_the_state_had_already_is_forgotten_after_a_restart() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        old = json.dumps(rig.document({"A": 3})).encode()
        await rig.sends(old)
        await rig.collect()
    rig.fresh()
    async with rig.listening():
        again = await rig.sends(old)
        collected = await rig.collect()

    assert (again in rig.had, collected.reports[0].news, await rig.stored()) == (
        True,
        False,
        {"A": 3, "B": 7},
    )


async def test_a_message_that_the_state_has_not_got_survives_a_crash_in_the_broker() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        lost = json.dumps(rig.document({"A": 1})).encode()
        number = await rig.sends(lost)
    assert number not in rig.had
    rig.fresh()
    async with rig.listening():
        await rig.sends(lost, number=number)
        await rig.collect()

    assert (await rig.stored(), number in rig.had) == ({"A": 1, "B": 7}, True)


async def test_a_message_sent_twice_is_taken_once_and_forgotten_twice() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        text = json.dumps(rig.document({"A": 3})).encode()
        numbers = [await rig.sends(text), await rig.sends(text)]
        await rig.collect()

    assert (set(numbers) <= set(rig.had), rig.told.of("stock_refused")) == (True, [])


async def test_what_a_broker_still_sends_of_another_topic_is_none_of_ours() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        stray = json.dumps(rig.document({"A": 99})).encode()
        number = await rig.sends(stray, topic="before/stock/erp")
        await rig.collect()

    assert (await rig.stored(), number in rig.had) == ({"A": 5, "B": 7}, True)


async def test_without_a_full_reading_what_comes_does_not_stop_up_the_broker() -> None:
    rig = Rig()
    async with rig.listening():
        numbers = [await rig.says({"A": number}) for number in range(3)]
        await rig.collect()

    assert rig.had == numbers


async def test_the_parts_of_a_full_reading_do_not_stop_up_the_broker() -> None:
    rig = Rig()
    async with rig.listening():
        first = await rig.says({"A": 1}, kind="full", part=1, parts=2)
        had = list(rig.had)
        await rig.says({"B": 2}, kind="full", part=2, parts=2)
        await rig.collect()

    assert (had, await rig.stored()) == ([first], {"A": 1, "B": 2})


async def test_a_full_reading_that_is_refused_stays_refused_and_lets_the_next_one_come() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        emptied = await rig.says({}, kind="full")
        await rig.collect()
        error = await rig.error()
        await rig.collect()
        had = list(rig.had)
        await rig.says({"A": 4, "B": 7}, kind="full")
        await rig.collect()

    assert ("no stock at all" in error, emptied in had, await rig.stored(), await rig.error()) == (
        True,
        True,
        {"A": 4, "B": 7},
        "",
    )
