"""Lists come page by page: every entry once, and a cursor that somebody made up harms nobody."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.errors import NotThere, UsageError
from syncd.services.desk import Asked, Desk
from syncd.services.desk.asked import MOST, cursor_of, key_of
from tests.unit.services.desk_world import Json, desk_of, seeded

Page = Callable[[Asked], Awaitable[Json]]
LISTS = ("stock", "listings", "orders", "claims", "transfers", "ledger", "alerts")


def pages_of(desk: Desk) -> dict[str, Page]:
    return {name: getattr(desk, name) for name in LISTS}


async def walked(page: Page, asked: Asked) -> list[Any]:
    """Return all entries of a list, from its pages."""
    found: list[Any] = []
    while True:
        content = await page(asked)
        found += content["items"]
        assert len(content["items"]) <= asked.limit
        if content["next"] is None:
            return found
        asked = replace(asked, cursor=content["next"])


@pytest.mark.parametrize("name", LISTS)
async def test_pages_together_are_the_whole_list(name: str) -> None:
    page = pages_of(desk_of(await seeded()))[name]

    whole = (await page(Asked(limit=MOST, ended=True)))["items"]

    for limit in (1, 3):
        assert await walked(page, Asked(limit=limit, ended=True)) == whole


async def test_the_changes_of_a_plan_come_page_by_page() -> None:
    world = await seeded()
    desk, digest = desk_of(world), (await world.store.held_now()).digest
    whole = (await desk.plan(digest, Asked(limit=MOST)))["list"]

    first = (await desk.plan(digest, Asked(limit=7)))["list"]
    second = (await desk.plan(digest, Asked(limit=7, cursor=first["next"])))["list"]

    assert [*first["items"], *second["items"]] == whole["items"]
    assert (whole["next"], second["next"]) == (None, None)


@pytest.mark.parametrize("limit", [0, -1, MOST + 1])
async def test_a_page_has_a_size(limit: int) -> None:
    with pytest.raises(UsageError, match="limit: a page has 1 to 200 entries"):
        await desk_of(await seeded()).listings(Asked(limit=limit))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%",
        "é",
        "A" * 5000,
        urlsafe_b64encode(b"null").decode(),
        urlsafe_b64encode(b'["elsewhere", 1]').decode(),
        cursor_of("elsewhere", ("a",)),
        cursor_of("ledger", (10**30,)),
    ],
)
async def test_a_cursor_that_no_list_gave_out_is_refused(name: str, cursor: str) -> None:
    page = pages_of(desk_of(await seeded()))[name]

    with pytest.raises(NotThere, match="cursor: "):
        await page(Asked(cursor=cursor))


@pytest.mark.parametrize("name", ["stock", "listings", "claims", "orders", "ledger", "transfers", "alerts"])
async def test_a_cursor_of_one_list_is_none_of_another(name: str) -> None:
    pages = pages_of(desk_of(await seeded()))
    given_out = {each: (await page(Asked(limit=1, ended=True)))["next"] for each, page in pages.items()}

    for other, cursor in given_out.items():
        if other != name and cursor:
            with pytest.raises(NotThere):
                await pages[name](Asked(cursor=cursor))


async def test_a_place_that_somebody_made_up_is_a_place() -> None:
    desk = desk_of(await seeded())

    found = await desk.orders(Asked(cursor=cursor_of("orders", (-(2**62), "z", "z", "z"))))

    assert found["items"] == []


texts = st.text(st.characters(codec="utf-8"), max_size=20)


@given(texts, st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_cursor_is_read_as_it_was_written(text: str, number: int) -> None:
    assert key_of("list", cursor_of("list", (text, number)), str, int) == (text, number)


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_cursor(text: str) -> None:
    try:
        key_of("list", text, str)
    except NotThere as error:
        assert "cursor" in str(error)  # noqa: PT017 - most texts are none, and few are


def test_half_a_surrogate_pair_is_no_place() -> None:
    cursor = urlsafe_b64encode(json.dumps(["list", "\ud800"]).encode()).decode().rstrip("=")

    with pytest.raises(NotThere):
        key_of("list", cursor, str)


def test_a_flag_is_no_number() -> None:
    with pytest.raises(NotThere):
        key_of("list", cursor_of("list", (True,)), int)
