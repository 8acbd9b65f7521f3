"""What browsers send is read strictly, and never leads away from the console."""

from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import make_mocked_request

from syncd.console.pages.asking import asked_of, local, lock_of, releases_of
from syncd.errors import UsageError


def test_the_filters_of_a_list_are_those_of_its_address() -> None:
    asked = asked_of(
        make_mocked_request("GET", "/ledger?q=mug&shop=jd&sku=A%2FB&what=share&unbound=1&since=2026-03-02")
    )
    assert (asked.search, asked.shop, asked.sku, asked.what) == ("mug", "jd", "A/B", "share")
    assert (asked.unbound, asked.open_only, asked.ended) == (True, False, False)
    assert asked.since == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("query", ["since=yesterday", f"q={'x' * 201}", f"cursor={'x' * 2001}"])
def test_a_filter_that_cannot_be_read_is_refused_in_words(query: str) -> None:
    with pytest.raises(UsageError):
        asked_of(make_mocked_request("GET", f"/ledger?{query}"))


def test_a_lock_is_what_the_form_says() -> None:
    form = {"sku": " MUG ", "units": "20", "shop": "jd", "mode": "only", "release": "5"}
    wanted = lock_of(form | {"releases": "3@2026-11-11T00:00+08:00 2@2026-11-12T00:00Z"})
    assert (wanted.sku, wanted.units, wanted.shop, wanted.pool, wanted.only, wanted.release) == (
        "MUG",
        20,
        "jd",
        None,
        True,
        5,
    )
    assert wanted.releases == [
        (3, datetime(2026, 11, 10, 16, tzinfo=UTC)),
        (2, datetime(2026, 11, 12, tzinfo=UTC)),
    ]


def test_a_lock_for_nobody_is_never_the_only_one_that_a_shop_shows() -> None:
    assert lock_of({"sku": "MUG", "units": "1", "mode": "only"}).only is False


@pytest.mark.parametrize(
    "form",
    [
        {"units": "1"},
        {"sku": "MUG"},
        {"sku": "MUG", "units": "-1"},
        {"sku": "MUG", "units": "1.5"},
        {"sku": "MUG", "units": "٣"},
        {"sku": "MUG", "units": "9" * 16},
        {"sku": "MUG", "units": "1", "release": "all"},
        {"sku": "M" * 201, "units": "1"},
    ],
)
def test_a_lock_that_cannot_be_read_is_refused_in_words(form: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        lock_of(form)


@pytest.mark.parametrize(
    "text",
    ["5", "5@", "5@soon", "x@2026-11-11T00:00Z", "5@2026-11-11T00:00", "5@0001-01-01T00:00+14:00"],
)
def test_a_release_without_units_time_or_zone_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        releases_of(text)


@pytest.mark.parametrize("path", ["/", "/stock?q=a&b=//c", "/sku?code=%2F"])
def test_a_path_of_ours_is_gone_back_to(path: str) -> None:
    assert local(path) == path


@pytest.mark.parametrize(
    "path", ["", "//evil.example", "/\\evil.example", "https://evil.example", "a", "/a\r\nSet-Cookie: b"]
)
def test_what_could_lead_elsewhere_leads_to_the_start(path: str) -> None:
    assert local(path) == "/"
