"""Pages: what is asked, where they end, and what makes them incomplete."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from syncd.adapters.http import HttpClient
from syncd.adapters.sources.http_json import ADAPTER, HttpJsonSettings, Paths
from syncd.domain.model import Snapshot
from syncd.errors import Kind, PortError
from tests.unit.adapters.source_http_json_rig import (
    NOW,
    Erp,
    collected,
    on_hand,
    page,
    read,
    read_delta,
    row,
    settings,
)


def _pages(*skus: str, **head: object) -> list[dict[str, object]]:
    """Return pages of the rows named by the letters of each text."""
    total = sum(map(len, skus))
    return [page(*map(row, names), **{"total": total, "pages": len(skus)} | head) for names in skus]


async def _asked(
    *pages: object, cursor: str = "", **options: object
) -> tuple[list[dict[str, str]], Snapshot]:
    erp = Erp(pages)
    snapshot = await collected(erp, cursor, options)
    return erp.asked, snapshot


# --- what is asked -----------------------------------------------------------------------------------------


async def test_pages_are_asked_for_by_number() -> None:
    asked, snapshot = await _asked(*_pages("AB", "C"), page_size=2)
    assert (asked, list(snapshot.skus)) == (
        [{"size": "2", "page": "1"}, {"size": "2", "page": "2"}],
        ["A", "B", "C"],
    )


async def test_the_first_page_may_be_0_and_the_params_have_other_names() -> None:
    asked, _ = await _asked(*_pages("A"), first_page=0, page_param="p", size_param="")
    assert asked == [{"p": "0"}]


async def test_pages_are_asked_for_by_the_rows_before_them() -> None:
    asked, snapshot = await _asked(*_pages("AB", "C", pages=None), paging="offset", page_size=9)
    assert (asked, snapshot.complete) == (
        [{"limit": "9", "offset": "0"}, {"limit": "9", "offset": "2"}],
        True,
    )


async def test_pages_are_asked_for_by_what_the_one_before_named() -> None:
    first, last = _pages("A", "B")
    asked, snapshot = await _asked(first | {"next": "r1"}, last | {"next": None}, paging="cursor")
    assert (asked, snapshot.complete) == ([{"limit": "200"}, {"limit": "200", "after": "r1"}], True)


async def test_the_first_call_can_name_an_empty_page_before() -> None:
    asked, _ = await _asked(*_pages("A"), paging="cursor", params={"after": ""})
    assert asked == [{"after": "", "limit": "200"}]


async def test_without_paging_one_call_is_all() -> None:
    asked, _ = await _asked(*_pages("A"), paging="none")
    assert asked == [{}]


async def test_a_cursor_goes_with_every_page() -> None:
    asked, _ = await _asked(*_pages("A", "B"), cursor="16")
    assert [query["since"] for query in asked] == ["16", "16"]


async def test_params_go_with_every_page() -> None:
    options: dict[str, Any] = {"params": {"v": 2, "all": True}, "secret_params": {"key": SecretStr("hush")}}
    asked, _ = await _asked(*_pages("A"), paging="none", **options)
    assert asked == [{"v": "2", "all": "true", "key": "hush"}]


async def test_headers_go_out_and_the_address_is_kept() -> None:
    erp = Erp(_pages("A"))
    await collected(erp, "", {"headers": {"Authorization": SecretStr("Bearer hush")}})
    request = erp.requests[0]
    assert (request.method, request.url.host, request.url.path, request.headers["authorization"]) == (
        "GET",
        "erp.test",
        "/api/stock",
        "Bearer hush",
    )


async def test_a_post_sends_the_same_as_json() -> None:
    erp = Erp(_pages("A"))
    await collected(erp, "", {"method": "POST", "params": {"all": True}})
    assert erp.sent == [{"all": True, "size": 200, "page": 1}]


async def test_a_failed_post_is_a_failed_read() -> None:
    with pytest.raises(PortError) as caught:
        await read(500, method="POST")
    assert caught.value.kind is Kind.TRANSIENT


# --- where it ends -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("paging", ["page", "offset"])
async def test_without_counts_only_an_empty_page_is_the_end(paging: str) -> None:
    asked, snapshot = await _asked(*_pages("AB", "C", "", total=None, pages=None), paging=paging)
    assert (len(asked), list(snapshot.skus), snapshot.complete) == (3, ["A", "B", "C"], True)


async def test_a_page_shorter_than_asked_is_not_the_end() -> None:
    asked, _ = await _asked(*_pages("A", "B", "C", pages=None), page_size=200)
    assert len(asked) == 3


async def test_an_empty_page_named_next_again_is_the_end() -> None:
    first, last = _pages("A", "", total=None)
    _, snapshot = await _asked(first | {"next": "x"}, last | {"next": "x"}, paging="cursor")
    assert snapshot.complete


# --- what makes it incomplete ------------------------------------------------------------------------------


async def test_fewer_rows_than_the_total_are_incomplete() -> None:
    snapshot = await read(*_pages("AB", total=3))
    assert snapshot.incomplete_because == (
        "it has 2 rows of 3; if total does not count rows, write paths.total = ''"
    )


async def test_a_delta_is_measured_by_its_total_too() -> None:
    assert not (await read_delta(*_pages("AB", total=3))).complete


async def test_an_empty_page_before_the_end_is_incomplete() -> None:
    assert not (await read(*_pages("AB", "", total=3, pages=None))).complete


async def test_a_row_that_shifts_to_the_next_page_does_no_harm() -> None:
    snapshot = await read(*_pages("AB", "BC", total=3))
    assert (list(snapshot.skus), snapshot.complete) == (["A", "B", "C"], True)


async def test_a_shifted_row_does_not_end_the_pages_early() -> None:
    snapshot = await read(*_pages("AB", "BC", "D", total=4, pages=None))
    assert (list(snapshot.skus), snapshot.complete) == (["A", "B", "C", "D"], True)


async def test_a_shifted_row_does_not_stand_in_for_one_that_was_never_seen() -> None:
    assert not (await read(*_pages("AB", "BC", total=4))).complete


async def test_a_row_that_shifts_and_changes_is_a_bad_cell() -> None:
    first, second = _pages("A", "AB", total=2)
    second["rows"] = [row("A", on_hand=4), row("B")]
    snapshot = await read(first, second)
    assert (on_hand(snapshot), snapshot.problems[0].sku, snapshot.complete) == ({"B": 5}, "A", True)


async def test_rows_of_one_page_that_contradict_each_other_leave_the_rest_complete() -> None:
    snapshot = await read(page(row("A"), row("A", on_hand=4), row("B")))
    assert (on_hand(snapshot), snapshot.complete) == ({"B": 5}, True)


async def test_a_total_that_changes_is_incomplete() -> None:
    first, second = _pages("AB", "C")
    reason = "its total changed while it was read, so rows may lie between the pages"
    assert (await read(first, second | {"total": 4})).incomplete_because == reason


async def test_the_same_page_again_is_incomplete() -> None:
    snapshot = await read(*_pages("A", "A", total=None, pages=None))
    reason = "page 2 is the one before again; check `paging` and its params"
    assert snapshot.incomplete_because == reason


async def test_the_same_next_page_again_is_incomplete() -> None:
    first, second = _pages("A", "B", next="x")
    reason = "its next page is the same again; check paths.next"
    assert (await read(first, second, paging="cursor")).incomplete_because == reason


async def test_more_pages_than_allowed_are_incomplete() -> None:
    snapshot = await read(*_pages("A", "B", "C"), max_pages=2)
    assert (snapshot.incomplete_because, len(snapshot.skus)) == (
        "it has more pages than max_pages = 2",
        2,
    )


async def test_an_empty_answer_is_incomplete_where_no_total_proves_it() -> None:
    reason = "it has no rows, and no total proves that there are none"
    assert (await read(*_pages("", total=None))).incomplete_because == reason


async def test_an_empty_answer_with_a_total_of_0_is_whole() -> None:
    snapshot = await read(*_pages(""))
    assert (snapshot.skus, snapshot.complete) == ((), True)


async def test_an_empty_delta_is_whole() -> None:
    assert (await read_delta(*_pages("", total=None))).complete


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(500, Kind.TRANSIENT), (401, Kind.AUTH_EXPIRED), (403, Kind.PERMISSION), (429, Kind.THROTTLED)],
)
async def test_a_page_that_fails_fails_the_call(answer: int, kind: Kind) -> None:
    with pytest.raises(PortError) as caught:
        await read(_pages("A", "B")[0], answer)
    assert (caught.value.kind, "erp: GET /api/stock" in str(caught.value)) == (kind, True)


@given(st.integers(0, 40), st.integers(1, 9), st.sampled_from(["page", "offset", "cursor"]))
async def test_all_rows_arrive_however_they_are_cut(count: int, size: int, paging: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params
        starts: dict[str, Callable[[], int]] = {
            "page": lambda: (int(query["page"]) - 1) * size,
            "offset": lambda: int(query["offset"]),
            "cursor": lambda: int(query.get("after", "0")),
        }
        start = starts[paging]()
        rows = [row(f"S{number}", on_hand=number) for number in range(count)][start : start + size]
        end = start + size
        body = {"rows": rows, "total": count, "next": end if end < count else None}
        return httpx.Response(200, json=body)

    source = ADAPTER.open(settings(paging=paging), "erp", HttpClient(httpx.MockTransport(answer)))
    async with source as opened:
        snapshot = await opened.collect(now=NOW, cursor="")
    assert (on_hand(snapshot), snapshot.complete) == ({f"S{number}": number for number in range(count)}, True)


# --- settings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"url": "erp.test/stock"}, "is no http address"),
        ({"url": "ftp://erp.test/stock"}, "is no http address"),
        ({"url": "http://[x/stock"}, "is no http address"),
        ({"url": "http://erp.test/a b"}, "is no http address"),
        ({"url": "https://me:hush@erp.test/stock"}, "has a user, a query or a fragment"),
        ({"url": "https://erp.test/stock?key=hush"}, "has a user, a query or a fragment"),
        ({"paths": {"sku": "a.["}}, "is no JMESPath expression"),
        ({"paths": {"rows": ""}}, "must not be empty"),
        ({"paths": {"qty": "x"}}, "Extra inputs are not permitted"),
        ({"warehouse": "west"}, "has a warehouse that is none of its warehouses"),
        ({"paths": {"warehouse": ""}}, "has neither warehouse nor paths.warehouse"),
        ({"paging": "cursor", "paths": {"next": ""}}, "needs paths.next, as paging is 'cursor'"),
        ({"params": {"k": 1}, "secret_params": {"k": "x"}}, "has a key in both params and secret_params"),
        ({"timeout": 5}, "is a duration without a unit"),
        ({"timezone": "Mars"}, "is no time zone of this machine"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**options)
    assert [error["msg"] for error in caught.value.errors()] == [message]


@pytest.mark.parametrize(
    ("model", "key"),
    [(model, key) for model in (HttpJsonSettings, Paths) for key in model.model_fields],
)
def test_every_setting_is_described(model: type[HttpJsonSettings | Paths], key: str) -> None:
    assert model.model_fields[key].description


def test_settings_show_no_secret() -> None:
    made = settings(headers={"Authorization": "Bearer hush"}, secret_params={"key": "hush"})
    assert "hush" not in repr(made)
