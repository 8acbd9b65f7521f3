"""The call of Tmall that carries a key: a difference that is sent twice counts once."""

import json
from typing import Any

import pytest

from syncd.domain.model import Action, Outcome
from syncd.errors import Kind, PortError
from tests.unit.adapters.channel_rig import write
from tests.unit.adapters.taobao_rig import Gateway, refused

CALL = "tmall.item.quantity.update"


@pytest.fixture
def gateway() -> Gateway:
    gateway = Gateway()
    gateway.on(CALL, {"quantity_update_result": "100"})
    return gateway


async def test_a_difference_carries_its_key_and_its_sku(gateway: Gateway) -> None:
    await gateway.channel(keyed_calls=True).push([write("100:7", -3, action=Action.DELTA, key="ab12")])

    (form,) = gateway.called(CALL)
    assert (form["item_id"], json.loads(form["options"]), json.loads(form["sku_quantities"])) == (
        "100",
        {"type": 2, "outer_biz_key": "ab12"},
        [{"sku_id": 7, "quantity": -3}],
    )


async def test_an_item_without_skus_is_written_as_such(gateway: Gateway) -> None:
    await gateway.channel(keyed_calls=True).push([write("100:", 4)])

    (form,) = gateway.called(CALL)
    assert (form["item_quantity"], "sku_quantities" in form, json.loads(form["options"])["type"]) == (
        "4",
        False,
        1,
    )


async def test_a_key_of_other_characters_goes_out_in_hexadecimal_digits(gateway: Gateway) -> None:
    await gateway.channel(keyed_calls=True).push([write("100:7", 1, key="k-1")])

    assert json.loads(gateway.called(CALL)[0]["options"])["outer_biz_key"] == "6b2d31"


async def test_a_done_write_tells_no_counter_that_could_prove_anything(gateway: Gateway) -> None:
    outcomes = await gateway.channel(keyed_calls=True).push([write("100:7", -3, action=Action.DELTA)])

    assert outcomes == [Outcome(kind=Kind.DONE)]


@pytest.mark.parametrize("answer", [{}, {"quantity_update_result": "101"}, {"quantity_update_result": None}])
async def test_an_answer_of_another_shape_leaves_the_write_unknown(
    gateway: Gateway, answer: dict[str, Any]
) -> None:
    gateway.on(CALL, answer)

    with pytest.raises(PortError) as caught:
        await gateway.channel(keyed_calls=True).push([write("100:7", 1)])
    assert (caught.value.kind, caught.value.sent) == (Kind.UNKNOWN, True)


async def test_a_key_that_the_platform_knows_is_no_failure_where_its_word_is_told(gateway: Gateway) -> None:
    gateway.on(CALL, refused(15, "isv.biz-key-repeated"))
    channel = gateway.channel(keyed_calls=True, errors={"isv.biz-key-repeated": "duplicate"})

    (outcome,) = await channel.push([write("100:7", 1, action=Action.DELTA)])

    assert outcome.kind is Kind.DUPLICATE


def test_each_write_has_a_call_and_a_key_of_its_own_and_may_be_cut_to_zero(gateway: Gateway) -> None:
    traits = gateway.channel(keyed_calls=True).traits

    assert (traits.max_batch, traits.idempotent, traits.delta_clips) == (1, True, True)


def test_only_of_differences_is_it_said_that_a_key_is_known(gateway: Gateway) -> None:
    traits = gateway.channel(keyed_calls=True).traits

    assert [action for action in traits.write_modes if traits.knows_keys_of(action)] == [Action.DELTA]


def test_calls_without_a_key_know_none(gateway: Gateway) -> None:
    assert not gateway.channel().traits.knows_keys_of(Action.DELTA)
