"""What the page of a SKU makes of its documents before it draws them."""

from typing import Any

from syncd.console.pages.stock import _told, _ways, ways

Json = dict[str, Any]


def step(name: str, value: int) -> Json:
    return {"name": name, "value": value, "rule": ""}


ENTRY = {
    "steps": [
        *(step("main.available", 41), step("main.locks", 6), step("main.reserve", 3), step("main.rest", 32)),
        *(
            step("main.base", 14),
            step("main.buffer", 12),
            step("main.cap", 12),
            step("main.warning_level", 0),
        ),
        *(step("other.available", 0), step("other.base", 0)),
    ]
}


def line(what: str, listing: str = "1") -> Json:
    return {"shop": "a", "listing": listing, "what": what, "points": []}


def plotted(*series: Json) -> list[str]:
    return [one["what"] for one in _told({"sku": "A", "series": list(series)})["series"]]


def test_a_sentence_tells_where_a_shop_begins_and_what_changed_its_part() -> None:
    way = next(ways(ENTRY))
    assert [(one.name, one.value, one.change) for one in way.told] == [
        ("available", 41, 0),
        ("locks", 6, -6),
        ("reserve", 3, -3),
        ("base", 14, -18),
        ("buffer", 12, -2),
        ("warning_level", 0, -12),
    ]


def test_a_pool_that_knows_nothing_of_the_sku_is_not_told_of() -> None:
    known = {"pools": {"main": {"known": True}, "other": {"known": False}}}
    assert [way.pool for way in _ways(ENTRY, known)] == ["main"]


def test_a_shop_without_steps_has_no_ways() -> None:
    assert list(ways({"listings": []})) == []


def test_of_one_listing_all_that_it_showed_is_plotted() -> None:
    series = line("counter"), line("desired"), line("share", ""), line("on_sale")
    assert plotted(*series) == ["desired", "counter", "share"]


def test_of_many_listings_only_what_they_should_have_shown_is_plotted_and_not_too_many() -> None:
    listings = [line(what, str(at)) for at in range(12) for what in ("counter", "desired")]
    assert plotted(*listings) == ["desired"] * 8
