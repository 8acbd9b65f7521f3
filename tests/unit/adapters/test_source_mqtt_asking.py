"""The source `mqtt`: when all is asked for, what is refused, and who listens."""

import asyncio
import json
from typing import Any

import pytest

from syncd.adapters.mqtt import SessionError
from syncd.adapters.sources.mqtt.source import QUIET
from syncd.domain.look import Look
from syncd.errors import Kind, PortError
from tests.unit.adapters.source_mqtt_rig import ASK, TOPIC, Rig, begun

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


async def test_a_gap_makes_the_figures_no_younger() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        before = await rig.as_of()
        rig.seq += 1
        await rig.says({"A": 3})
        await rig.collect()

    assert (await rig.stored(), await rig.as_of()) == ({"A": 3, "B": 7}, before)


async def test_a_full_reading_that_follows_at_once_is_not_asked_for() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        await rig.sends(b"no message")
        await rig.says({"A": 1, "B": 1}, kind="full")
        await rig.collect()

    assert (await rig.stored(), rig.asked) == ({"A": 1, "B": 1}, [])


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


@pytest.mark.parametrize(
    ("old", "retained"),
    [({"seq": 1}, True), ({"seq": 9}, True), ({"seq": 3, "part": 2, "parts": 2}, False)],
    ids=["retained before", "retained later", "its last part"],
)
async def test_only_a_whole_full_reading_that_is_new_makes_up_for_what_was_lost(
    *, old: dict[str, Any], retained: bool
) -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
    rig.is_resumed = False
    async with rig.listening():
        await rig.sends(json.dumps(rig.document({"A": 5}, kind="full", **old)).encode(), retained=retained)
        await rig.collect()

    assert [ask["because"] for _, ask in rig.asked] == ["the broker kept nothing for us while we were away"]


async def test_a_full_reading_in_parts_makes_up_for_what_was_lost() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        await rig.sends(b"no message")
        for part in (1, 2, 3):
            await rig.says({f"S{part}": 1}, kind="full", part=part, parts=3)
        await rig.collect()

    assert rig.asked == []


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


async def test_what_is_none_is_asked_about_at_once_though_it_is_not_told_again() -> None:
    rig = Rig()
    async with rig.listening():
        await begun(rig)
        await rig.sends(b"no")
        await rig.collect()
        await rig.says({"A": 5, "B": 7}, kind="full")
        await rig.collect()
        rig.looks.clear()
        for _ in range(3):
            await rig.sends(b"no")

    assert (rig.looks, len(rig.told.of("stock_refused"))) == ([Look()], 1)


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
