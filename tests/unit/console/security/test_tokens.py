"""Tokens: proven beside the loop, remembered without being kept, and alike in time for who has none."""

import asyncio

import pytest
from argon2 import extract_parameters

from syncd.console.security.tokens import Busy, Tokens, named_in, new_hash, new_token
from tests.unit.console.security.stage import ALICE, BOB, settings


def tokens(*, at_once: int = 2) -> Tokens:
    return Tokens(settings().tokens, at_once=at_once)


async def prove(made: Tokens, text: str) -> str | None:
    async with made.turn():
        proven = await made.prove(text)
    return proven.caller.name if proven else None


def test_two_tokens_are_never_alike_and_say_whose_they_are() -> None:
    first, second = new_token("alice"), new_token("alice")
    assert first != second
    assert (named_in(first), len(first)) == ("alice", len("alice.") + 43)


def test_a_hash_is_argon2id_and_costs_what_it_should() -> None:
    made = extract_parameters(new_hash("x"))
    assert (made.type.name, made.memory_cost * made.time_cost >= 35 * 1024) == ("ID", True)


@pytest.mark.parametrize("text", ["", "alice", ".x", "alice.", "茶.茶", "a." + "x" * 300])
def test_what_names_nobody_is_no_token(text: str) -> None:
    assert named_in(text) is None


async def test_a_token_is_proven_and_remembered() -> None:
    made = tokens()
    assert made.remembered(ALICE) is None
    assert await prove(made, ALICE) == "alice"
    proven = made.remembered(ALICE)
    assert proven
    assert proven.caller.name == "alice"


async def test_no_token_is_kept() -> None:
    made = tokens()
    await prove(made, ALICE)
    assert ALICE not in str(vars(made))
    assert ALICE.encode() not in b"".join(made._known)


@pytest.mark.parametrize("text", [ALICE + "x", ALICE[:-1], ALICE.replace("alice", "bob"), "nobody.x", "x"])
async def test_any_other_text_is_nobodys(text: str) -> None:
    made = tokens()
    await prove(made, ALICE)
    assert await prove(made, text) is None
    assert made.remembered(text) is None


def test_an_unknown_name_costs_what_a_known_one_costs() -> None:
    made = tokens()
    known = [extract_parameters(hash_) for hash_ in made._hashes.values()]
    assert [extract_parameters(made._nobody)] * len(known) == known


async def test_the_loop_goes_on_while_a_token_is_proven() -> None:
    made = tokens()
    turns = 0
    proving = asyncio.create_task(prove(made, BOB))
    while not proving.done():
        turns += 1
        await asyncio.sleep(0)
    assert (await proving, turns > 1) == ("bob", True)


async def test_only_so_many_wait_for_their_turn() -> None:
    made = tokens(at_once=1)
    over = asyncio.Event()

    async def hold() -> None:
        async with made.turn():
            await over.wait()

    waiting = [asyncio.create_task(hold()) for _ in range(17)]
    for _ in waiting:
        await asyncio.sleep(0)
    with pytest.raises(Busy):
        await hold()
    over.set()
    await asyncio.gather(*waiting)
    assert await prove(made, ALICE) == "alice"


async def test_only_so_many_are_remembered() -> None:
    made = tokens()
    await prove(made, ALICE)
    for number in range(1023):
        made._known[bytes([number % 256, number // 256])] = "bob"
    await prove(made, BOB)
    assert (len(made._known), made.remembered(ALICE)) == (1024, None)
