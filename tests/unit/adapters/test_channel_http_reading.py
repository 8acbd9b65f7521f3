"""How the channel `http` reads listings: fields, pages, and what it does not believe."""

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.channels.http import HttpChannel, HttpSettings
from syncd.adapters.channels.http.expressions import key_text, whole
from syncd.adapters.http import HttpClient
from syncd.domain.model import LARGEST, ItemId, ListingId, ObservedListing, OffReason
from syncd.errors import Kind, PortError

_SITE = "https://shop.test/api"
_LIST = f"{_SITE}/listings"


@pytest.fixture
def router() -> respx.MockRouter:
    return respx.MockRouter(assert_all_called=False)


def _channel(router: respx.MockRouter, **settings: Any) -> HttpChannel:  # noqa: ANN401
    options = HttpSettings.model_validate({"url": _SITE} | settings)
    return HttpChannel(options, "small", HttpClient(httpx.MockTransport(router.async_handler)))


async def _observed(channel: HttpChannel, ids: Sequence[str] | None = None) -> list[ObservedListing]:
    asked = None if ids is None else [ListingId(key) for key in ids]
    return [listing async for page in channel.observe(asked) for listing in page]


async def _failure(channel: HttpChannel, ids: Sequence[str] | None = None) -> PortError:
    with pytest.raises(PortError) as caught:
        await _observed(channel, ids)
    return caught.value


async def _read(router: respx.MockRouter, *rows: object, **settings: Any) -> list[ObservedListing]:  # noqa: ANN401
    router.get(_LIST).respond(json={"listings": rows, "pages": 1, "total": len(rows)})
    return await _observed(_channel(router, **settings))


def _pages(router: respx.MockRouter, param: str, answers: dict[str, Any]) -> None:
    """Answer by the parameter that asks for the page; a page that is not there is a failure."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked = request.url.params.get(param, "")
        return httpx.Response(200, json=answers[asked]) if asked in answers else httpx.Response(500)

    router.get(_LIST).mock(side_effect=answer)


def _rows(*keys: str, quantity: int = 1) -> list[dict[str, Any]]:
    return [{"id": key, "quantity": quantity} for key in keys]


# --- fields -------------------------------------------------------------------------------------------------


async def test_every_field_of_a_listing_is_read(router: respx.MockRouter) -> None:
    row = {
        "id": 1001,
        "item": 9001,
        "code": "1-ABC",
        "quantity": 5,
        "withheld": 2,
        "on_sale": False,
        "off_reason": "violation",
        "title": "Tea",
    }
    assert await _read(router, row) == [
        ObservedListing(
            id=ListingId("1001"),
            code="1-ABC",
            item=ItemId("9001"),
            quantity=5,
            on_sale=False,
            withheld=2,
            off_reason=OffReason.VIOLATION,
            title="Tea",
        )
    ]


async def test_a_listing_of_which_only_the_id_is_said_is_all_unknown(router: respx.MockRouter) -> None:
    (listing,) = await _read(router, {"id": "7"})
    assert (listing.quantity, listing.on_sale, listing.code, listing.item) == (None, None, "", "7")


async def test_fields_are_found_by_expression(router: respx.MockRouter) -> None:
    fields = {
        "id": "sku.key",
        "quantity": "stock[0].n",
        "on_sale": "state == 'live'",
        "location": "stock[0].at",
    }
    row = {"sku": {"key": "k"}, "stock": [{"n": "12", "at": "north"}], "state": "live"}
    (listing,) = await _read(router, row, list={"fields": fields})
    assert (listing.id, listing.quantity, listing.on_sale, listing.location) == ("k", 12, True, "north")


async def test_an_expression_that_does_not_fit_the_value_finds_nothing(router: respx.MockRouter) -> None:
    (listing,) = await _read(router, {"id": "7", "quantity": 3}, list={"fields": {"quantity": "abs(id)"}})
    assert listing.quantity is None


@pytest.mark.parametrize(
    "quantity",
    [
        None,
        True,
        False,
        -1,
        "-1",
        "",
        " ",
        "12a",
        "1e3",
        "٣",
        "5.5",
        5.5,
        [],
        {},
        LARGEST + 1,
        10**30,
        "9" * 30,
    ],
)
async def test_a_quantity_that_is_not_plain_is_unknown_never_zero(
    router: respx.MockRouter, quantity: object
) -> None:
    (listing,) = await _read(router, {"id": "7", "quantity": quantity})
    assert listing.quantity is None


@pytest.mark.parametrize(
    ("quantity", "units"), [(0, 0), (7, 7), (7.0, 7), ("7", 7), (" 7 ", 7), ("7.00", 7), (LARGEST, LARGEST)]
)
async def test_a_plain_quantity_is_read(router: respx.MockRouter, quantity: object, units: int) -> None:
    (listing,) = await _read(router, {"id": "7", "quantity": quantity})
    assert listing.quantity == units


@given(st.floats() | st.text() | st.integers() | st.booleans() | st.none())
def test_whatever_is_said_a_quantity_is_unknown_or_in_range(value: object) -> None:
    assert whole(value) is None or 0 <= (whole(value) or 0) <= LARGEST


@given(st.text() | st.integers())
def test_an_id_is_never_changed(value: str | int) -> None:
    assert key_text(value) in {str(value), None}


async def test_withheld_that_cannot_be_read_makes_the_quantity_unknown(router: respx.MockRouter) -> None:
    (listing,) = await _read(router, {"id": "7", "quantity": 5, "withheld": "some"})
    assert listing.quantity is None


@pytest.mark.parametrize("key", [1.0, 1e18, None, True, "", [], {"a": 1}, "\ud800"])
async def test_a_line_without_an_id_that_can_be_believed_is_left_out(
    router: respx.MockRouter, key: object
) -> None:
    text = json.dumps(
        {"listings": [{"id": key, "quantity": 1}, {"id": "ok", "quantity": 2}], "pages": 1, "total": 2}
    )
    router.get(_LIST).respond(text=text)
    assert [listing.id for listing in await _observed(_channel(router))] == ["ok"]


async def test_on_sale_must_be_said_plainly(router: respx.MockRouter) -> None:
    rows = [{"id": str(number), "on_sale": said} for number, said in enumerate([1, "true", None, True])]
    assert [listing.on_sale for listing in await _read(router, *rows)] == [None, None, None, True]


async def test_the_shops_own_words_for_being_off_sale_may_be_mapped(router: respx.MockRouter) -> None:
    rows = [{"id": "1", "off_reason": "empty"}, {"id": "2", "off_reason": "sold_out"}]
    found = await _read(router, *rows, list={"off_reasons": {"empty": "sold_out"}})
    assert [listing.off_reason for listing in found] == [OffReason.SOLD_OUT, None]


async def test_the_same_line_twice_counts_once(router: respx.MockRouter) -> None:
    router.get(_LIST).respond(json={"listings": _rows("1", "1"), "pages": 1})
    assert [(listing.id, listing.quantity) for listing in await _observed(_channel(router))] == [("1", 1)]


async def test_two_quantities_for_one_listing_are_none(router: respx.MockRouter) -> None:
    rows = [*_rows("1", quantity=5), *_rows("1", quantity=500)]
    router.get(_LIST).respond(json={"listings": rows, "pages": 1})
    assert [listing.quantity for listing in await _observed(_channel(router))] == [None]


async def test_two_quantities_on_two_pages_are_none(router: respx.MockRouter) -> None:
    first = {"listings": _rows("1", "2", quantity=5), "pages": 2}
    _pages(router, "page", {"1": first, "2": {"listings": _rows("2", quantity=9), "pages": 2}})
    found = await _observed(_channel(router))
    assert [(listing.id, listing.quantity) for listing in found] == [("1", 5), ("2", 5), ("2", None)]


# --- answers of another shape -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [None, [], 7, "x", {}, {"listings": None}, {"listings": 7}, {"listings": "ab"}]
)
async def test_an_answer_without_a_list_is_unknown(router: respx.MockRouter, body: object) -> None:
    router.get(_LIST).respond(json=body)
    assert (await _failure(_channel(router))).kind is Kind.UNKNOWN


async def test_a_refusal_with_status_200_has_its_kind(router: respx.MockRouter) -> None:
    router.get(_LIST).respond(json={"error": "token_expired"})
    assert (await _failure(_channel(router))).kind is Kind.AUTH_EXPIRED


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("unauthorized", Kind.AUTH_EXPIRED),
        ("token_expired", Kind.AUTH_EXPIRED),
        ("token_revoked", Kind.AUTH_REVOKED),
        ("something new", Kind.AUTH_EXPIRED),
    ],
)
async def test_the_shops_word_says_what_401_means(router: respx.MockRouter, word: str, kind: Kind) -> None:
    router.get(_LIST).respond(401, json={"error": word})
    assert (await _failure(_channel(router))).kind is kind


# --- pages --------------------------------------------------------------------------------------------------


async def test_pages_are_asked_for_by_number_up_to_the_number_told(router: respx.MockRouter) -> None:
    _pages(router, "page", {str(n): {"listings": _rows(str(n)), "pages": 3, "total": 3} for n in (1, 2, 3)})
    assert [listing.id for listing in await _observed(_channel(router))] == ["1", "2", "3"]


async def test_the_parameters_of_a_page_are_as_set(router: respx.MockRouter) -> None:
    router.get(_LIST).respond(json={"listings": []})
    fixed = {"page_param": "p", "first_page": 0, "size_param": "n", "page_size": 7, "params": {"v": 2}}
    await _observed(_channel(router, list=fixed))
    assert dict(router.calls.last.request.url.params) == {"v": "2", "p": "0", "n": "7"}


async def test_without_a_number_of_pages_an_empty_page_is_the_last(router: respx.MockRouter) -> None:
    pages = {"1": _rows("1", "2"), "2": _rows("3"), "3": []}
    _pages(router, "page", {key: {"listings": rows} for key, rows in pages.items()})
    assert [listing.id for listing in await _observed(_channel(router))] == ["1", "2", "3"]


async def test_without_a_number_of_pages_the_total_ends_the_reading(router: respx.MockRouter) -> None:
    pages = {"1": _rows("1", "2"), "2": _rows("3")}
    _pages(router, "page", {key: {"listings": rows, "total": 3} for key, rows in pages.items()})
    assert len(await _observed(_channel(router))) == 3


async def test_a_page_that_fails_fails_the_reading(router: respx.MockRouter) -> None:
    _pages(router, "page", {"1": {"listings": _rows("1"), "pages": 2}})
    assert (await _failure(_channel(router))).kind is Kind.TRANSIENT


async def test_what_was_read_before_a_failure_was_yielded(router: respx.MockRouter) -> None:
    _pages(router, "page", {"1": {"listings": _rows("1"), "pages": 2}})
    pages = _channel(router).observe()
    assert [listing.id for listing in await anext(pages)] == ["1"]
    with pytest.raises(PortError):
        await anext(pages)


@pytest.mark.parametrize(
    "answers",
    [
        {"1": {"listings": _rows("1"), "pages": 1, "total": 2}},
        {"1": {"listings": _rows("1"), "pages": 2}, "2": {"listings": [], "pages": 2}},
        {"1": {"listings": _rows("1"), "pages": 3}, "2": {"listings": [], "pages": 3}},
        {"1": {"listings": _rows("1"), "pages": 2}, "2": {"listings": _rows("1"), "pages": 2}},
        {"1": {"listings": [], "pages": 0, "total": 5}},
        {"1": {"listings": _rows("1", "1"), "pages": 1, "total": 2}},
        {
            "1": {"listings": _rows("1", "2"), "pages": 2, "total": 4},
            "2": {"listings": _rows("2", "3"), "pages": 2, "total": 4},
        },
    ],
    ids=[
        "fewer than the total",
        "the last page empty",
        "a page in between empty",
        "the first page again",
        "all missing",
        "one twice instead of another",
        "one slipped between two pages",
    ],
)
async def test_a_missing_listing_makes_the_list_incomplete(
    router: respx.MockRouter, answers: dict[str, Any]
) -> None:
    _pages(router, "page", answers)
    error = await _failure(_channel(router))
    assert (error.kind, "incomplete" in str(error)) == (Kind.TRANSIENT, True)


async def test_a_list_that_shrinks_while_it_is_read_is_complete(router: respx.MockRouter) -> None:
    pages = {"1": (_rows("1", "2"), 3), "2": (_rows("3", "4"), 3), "3": ([], 2)}
    _pages(router, "page", {key: {"listings": rows, "pages": told} for key, (rows, told) in pages.items()})
    assert [listing.id for listing in await _observed(_channel(router))] == ["1", "2", "3", "4"]


async def test_an_endless_list_is_given_up(router: respx.MockRouter) -> None:
    def more(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"listings": _rows(request.url.params["page"]), "pages": 10**9})

    router.get(_LIST).mock(side_effect=more)
    error = await _failure(_channel(router, list={"max_pages": 5}))
    assert (error.kind, router.calls.call_count) == (Kind.REJECTED, 5)


async def test_pages_are_asked_for_by_offset(router: respx.MockRouter) -> None:
    answers = {"0": _rows("1", "2"), "2": _rows("3")}
    _pages(router, "offset", {key: {"listings": rows, "total": 3} for key, rows in answers.items()})
    assert len(await _observed(_channel(router, list={"paging": "offset"}))) == 3


async def test_without_a_total_an_empty_page_ends_the_offsets(router: respx.MockRouter) -> None:
    answers = {"0": _rows("1", "2"), "2": _rows("3"), "3": []}
    _pages(router, "offset", {key: {"listings": rows} for key, rows in answers.items()})
    assert len(await _observed(_channel(router, list={"paging": "offset"}))) == 3


async def test_offsets_that_end_before_the_total_are_incomplete(router: respx.MockRouter) -> None:
    answers = {"0": _rows("1", "2"), "2": []}
    _pages(router, "offset", {key: {"listings": rows, "total": 3} for key, rows in answers.items()})
    assert "it showed 2 of 3" in str(await _failure(_channel(router, list={"paging": "offset"})))


async def test_pages_are_asked_for_by_cursor(router: respx.MockRouter) -> None:
    _pages(
        router,
        "after",
        {"": {"listings": _rows("1"), "next": 17}, "17": {"listings": _rows("2"), "next": ""}},
    )
    assert len(await _observed(_channel(router, list={"paging": "cursor"}))) == 2


async def test_a_cursor_that_does_not_move_is_incomplete(router: respx.MockRouter) -> None:
    answers = {"": {"listings": _rows("1"), "next": "a"}, "a": {"listings": _rows("2"), "next": "a"}}
    _pages(router, "after", answers)
    assert (await _failure(_channel(router, list={"paging": "cursor"}))).kind is Kind.TRANSIENT


async def test_a_list_may_come_whole(router: respx.MockRouter) -> None:
    router.get(_LIST).respond(json=_rows("1", "2"))
    found = await _observed(_channel(router, list={"paging": "none", "items": "@", "size_param": ""}))
    assert [len(found), str(router.calls.last.request.url)] == [2, _LIST]


# --- some listings ------------------------------------------------------------------------------------------


async def test_some_ids_are_asked_for_a_few_at_a_time(router: respx.MockRouter) -> None:
    router.get(_LIST).respond(json={"listings": _rows("1", "2", "3")})
    found = await _observed(_channel(router, list={"ids_per_call": 2}), ["1", "2", "3"])
    assert [call.request.url.params["ids"] for call in router.calls] == ["1,2", "3"]
    assert [listing.id for listing in found] == ["1", "2", "3"]


async def test_a_line_that_was_not_asked_for_is_passed_by(router: respx.MockRouter) -> None:
    router.get(_LIST).respond(json={"listings": _rows("1", "other")})
    assert [listing.id for listing in await _observed(_channel(router), ["1"])] == ["1"]


async def test_an_id_that_holds_the_separator_is_found_by_reading_all(router: respx.MockRouter) -> None:
    router.get(_LIST).respond(json={"listings": _rows("a,b"), "pages": 1})
    assert [listing.id for listing in await _observed(_channel(router), ["a,b"])] == ["a,b"]
    assert "ids" not in router.calls.last.request.url.params


async def test_a_shop_that_cannot_be_asked_for_some_is_read_whole(router: respx.MockRouter) -> None:
    router.get(_LIST).respond(json={"listings": _rows("1", "2"), "pages": 1})
    assert len(await _observed(_channel(router, list={"ids_param": ""}), ["1"])) == 2


async def test_an_answer_for_some_ids_that_goes_on_is_refused(router: respx.MockRouter) -> None:
    router.get(_LIST).respond(json={"listings": _rows("1"), "pages": 2})
    assert "lower list.ids_per_call" in str(await _failure(_channel(router), ["1", "2"]))
