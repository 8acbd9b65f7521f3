"""The source `mqtt`: what reaches the state, what the broker is told, and when all is asked for."""

import asyncio
import json
from datetime import timedelta

import pytest

from syncd.adapters.mqtt import SessionError
from syncd.adapters.sources.mqtt.source import QUIET
from syncd.domain.look import Look
from syncd.domain.model import Sku
from syncd.errors import Kind, PortError
from syncd.ports.listening import Listening
from tests.unit.adapters.source_mqtt_rig import ASK, TOPIC, Rig


async def begun(rig: Rig) -> None:
    """Let the state know A: 5 and B: 7 by a full reading."""
    await rig.says({"A": 5, "B": 7}, kind="full")
    await rig.collect()


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


# --- what is asked for -------------------------------------------------------------------------------------


async def test_with_nothing_to_begin_with_it_says_so_and_asks_for_all() -> None:
    rig = Rig()
    async with rig.listening():
        await rig.collect()
        await rig.until(lambda: rig.asked)

    assert rig.asked == [
        (
            ASK,
            {"want": "full", "publisher": None, "since": None, "because": "there is nothing to begin with"},
        )
    ]
    assert f"no full reading was published on {TOPIC} yet" in await rig.error()


async def test_a_gap_is_asked_about_told_once_and_closed_by_a_full_reading() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        rig.seq += 1
        await rig.says({"A": 3})
        await rig.collect()
        await rig.collect()
        await rig.until(lambda: rig.asked)
        await rig.says({"A": 2, "B": 1}, kind="full")
        await rig.collect()

    assert ([ask["since"] for _, ask in rig.asked], await rig.stored()) == ([1], {"A": 2, "B": 1})
    assert [len(rig.told.of(name)) for name in ("stock_missing", "stock_whole")] == [1, 1]


async def test_a_question_without_an_answer_is_asked_again_ever_later() -> None:
    rig = Rig(ask_every="30s")
    async with rig.listening():
        asked = []
        for _ in range(16):
            await rig.collect(after=10)
            asked.append(len(rig.asked))

    assert asked == [1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3]


async def test_an_old_full_reading_is_asked_for_anew() -> None:
    rig = Rig(full_every="1h")
    async with rig.listening():
        await begun(rig)
        await rig.collect(after=3599)
        await rig.until(lambda: rig.asked)

    assert [ask["because"] for _, ask in rig.asked] == ["the last one is old"]


async def test_a_broker_that_forgot_us_is_no_reason_to_trust_what_is_known() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
    rig.is_resumed = False
    async with rig.listening():
        await rig.collect()
        await rig.until(lambda: rig.asked)

    assert (rig.asked[0][1]["because"], rig.looks[-1]) == (
        "the broker kept nothing for us while we were away",
        Look(),
    )


async def test_after_a_loss_it_looks_once_because_the_broker_may_have_kept_something() -> None:
    rig = Rig()
    async with rig.listening():
        rig.subscribed.clear()
        rig.lose()
        await rig.clock.until_asleep()
        rig.clock.advance(5)
        await rig.until(lambda: rig.subscribed)

    assert (rig.looks, [name for name, _ in rig.told.events]) == (
        [Look()],
        ["mqtt_connected", "mqtt_lost", "mqtt_connected"],
    )


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "because"),
    [
        (b"[]", "it is not a JSON object"),
        (b'{"sku": "A"}', "it has no as_of, id, kind, lines, publisher, seq"),
        (b"\xff", "it is not UTF-8 text"),
    ],
)
async def test_what_is_no_message_is_told_forgotten_and_makes_it_ask(payload: bytes, because: str) -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        number = await rig.sends(payload)
        await rig.collect()
        await rig.until(lambda: rig.asked)

    assert (rig.told.of("stock_refused"), number in rig.had, await rig.stored()) == (
        [{"source": "erp", "because": because}],
        True,
        {"A": 5, "B": 7},
    )


async def test_a_flood_of_what_is_none_is_told_once_and_counted() -> None:
    rig = Rig()
    async with rig.listening():
        for _ in range(5):
            await rig.sends(b"no")
        rig.clock.advance(QUIET)
        await rig.sends(b"no")

    assert [told.get("passed_over") for told in rig.told.of("stock_refused")] == [None, 4]


async def test_a_retained_message_that_goes_on_with_nothing_is_told_and_changes_nothing() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        old = rig.document({"A": 99}, seq=1, publisher="old", kind="full")
        number = await rig.sends(json.dumps(old).encode(), retained=True)
        await rig.sends(b"", retained=False)
        await rig.collect()

    assert (await rig.stored(), number in rig.had, len(rig.told.of("stock_refused"))) == (
        {"A": 5, "B": 7},
        True,
        1,
    )


async def test_a_retained_message_is_nothing_to_begin_with() -> None:
    rig = Rig()
    async with rig.listening():
        await rig.sends(json.dumps(rig.document({"A": 99}, kind="full")).encode(), retained=True)
        await rig.collect()

    assert (await rig.stored(), len(rig.told.of("stock_refused"))) == ({}, 1)


async def test_what_a_broker_queued_and_calls_retained_goes_on_by_its_number() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        await rig.sends(json.dumps(rig.document({"A": 3})).encode(), retained=True)
        await rig.collect()

    assert (await rig.stored(), rig.told.of("stock_refused")) == ({"A": 3, "B": 7}, [])


async def test_two_messages_of_one_number_make_it_ask() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        await rig.says({"A": 3}, seq=2)
        await rig.says({"A": 99}, seq=2, id="other")
        await rig.collect()
        await rig.until(lambda: rig.asked)

    assert (await rig.stored(), rig.asked[0][1]["because"]) == (
        {"A": 3, "B": 7},
        "two messages have the number 2",
    )


async def test_one_that_is_too_large_is_refused() -> None:
    rig = Rig(max_bytes=100)
    async with rig.listening():
        await rig.sends(b" " * 101)

    assert rig.told.of("stock_refused")[0]["because"] == "it has 101 bytes, more than 100"


# --- who listens -------------------------------------------------------------------------------------------


async def test_who_does_not_listen_says_that_only_the_daemon_does() -> None:
    rig = Rig()
    with pytest.raises(PortError, match=r"^erp: only the daemon hears .* start `syncd run`"):
        await rig.source.collect(now=rig.clock.now(), cursor="")

    assert rig.dialled == []


async def test_who_does_not_listen_still_has_what_the_state_has() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
    rig.fresh()
    collected = await rig.collect()

    assert (collected.reports[0].error, await rig.stored()) == ("", {"A": 5, "B": 7})


async def test_it_knocks_under_no_name_so_that_the_daemon_is_not_thrown_out() -> None:
    rig = Rig()
    await rig.source.knock()

    assert (rig.dialled[0].client_id, rig.dialled[0].queues) == ("", False)


@pytest.mark.parametrize(("refused", "kind"), [(True, Kind.AUTH_REVOKED), (False, Kind.TRANSIENT)])
async def test_a_knock_in_vain_is_an_error_that_names_the_source(*, refused: bool, kind: Kind) -> None:
    rig = Rig()
    rig.failures = [SessionError("not you", refused=refused)]
    with pytest.raises(PortError, match=r"^erp: not you") as caught:
        await rig.source.knock()

    assert caught.value.kind is kind


async def test_it_stops_listening_when_it_is_told() -> None:
    rig = Rig()
    async with asyncio.timeout(30):
        async with rig.listening():
            pass


async def test_the_broker_is_asked_to_queue_under_a_name_that_stays() -> None:
    rig = Rig()
    async with rig.listening():
        broker = rig.dialled[0]

    assert (broker.queues, broker.client_id, broker.table, rig.settings.broker("erp").stock_topic("erp")) == (
        True,
        "syncd-s-stock-erp",
        "sources.erp",
        TOPIC,
    )
