"""Charts add up, stay in their frame, and draw nothing where nothing is known."""

import re
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncd.console.pages.charts.scale import WIDTH, Scale, round_steps
from syncd.console.pages.charts.sparkline import HEIGHT as SPARK_HEIGHT
from syncd.console.pages.charts.sparkline import sparkline
from syncd.console.pages.charts.steps import HEIGHT, plot
from syncd.console.pages.charts.waterfall import Kind, waterfall

Json = dict[str, Any]

units = st.integers(0, 10**9)
figures = st.integers(-(10**12), 10**12)
NAMES = ("on_hand", "allocated", "unsellable", "locked", "virtual", "transfer_out", "in_air")


@st.composite
def explained(draw: st.DrawFn, *, known: bool = True) -> Json:
    """Draw an explanation whose figures hang together as the pipeline makes them."""
    places = {}
    for number in range(draw(st.integers(0, 3))):
        parts = {name: draw(units) for name in NAMES}
        until_received = draw(st.booleans())
        taken = parts["allocated"] + parts["unsellable"] + parts["locked"] + parts["transfer_out"]
        net = parts["on_hand"] - taken + (parts["in_air"] if until_received else 0)
        places[f"w{number}"] = parts | {"net": net}
    claims, unrouted, virtual = draw(units), draw(units), sum(p["virtual"] for p in places.values())
    figure = sum(place["net"] for place in places.values()) - unrouted - claims
    available = max(figure + virtual, 0)
    locked, held, reserve = (draw(st.integers(0, available)) for _ in range(3))
    rest = max(available - locked - held - reserve, 0)
    pool = {
        "known": known,
        "virtual": virtual,
        "unrouted": unrouted,
        "available": available,
        "rest": rest,
        "claims": claims,
    }
    pool |= {"locked": locked, "held": held, "reserve": reserve}
    shops = {}
    for number in range(draw(st.integers(0, 4))):
        lo = draw(st.none() | units)
        expected = None if lo is None else [lo, lo + draw(units)]
        quantity = draw(st.none() | units)
        shops[f"a shop with a very long name, number {number}"] = {
            "quantity": quantity,
            "desired": draw(st.none() | units),
            "expected": expected,
        }
    pools = {"main": pool if known else {"known": False}}
    return {
        "warehouses": places,
        "pools": pools,
        "claims": claims,
        "available": available if known else 0,
        "shops": shops,
    }


# --- the way of a number ---------------------------------------------------------------------------------


@given(explained())
def test_what_is_added_and_taken_is_what_is_left(document: Json) -> None:
    bars = waterfall(document)
    level, left = 0, {"available": document["available"], "rest": document["pools"]["main"]["rest"]}
    for bar in bars:
        if bar.kind in (Kind.ADD, Kind.TAKE):
            level += bar.value or 0
        elif bar.kind is Kind.LEVEL:
            assert bar.value == level == left[bar.name]


@given(explained())
def test_every_part_of_the_formula_has_its_sign(document: Json) -> None:
    bars = {bar.symbol: bar.value for bar in waterfall(document) if bar.symbol}
    places = document["warehouses"].values()
    sums = {name: sum(place[name] for place in places) for name in NAMES}
    taken = ("allocated", "unsellable", "locked", "transfer_out")
    assert [bars[symbol] for symbol in "OULT"] == [-sums[name] for name in taken]
    assert (bars["I"], bars["V"]) == (sums["on_hand"], sums["virtual"])
    assert 0 <= (bars["A"] or 0) <= sums["in_air"]


@given(explained())
def test_no_bar_leaves_the_frame(document: Json) -> None:
    for bar in waterfall(document):
        edges = [bar.x, bar.x + bar.width, bar.end, bar.low or 0, bar.high or 0]
        assert all(-0.01 <= edge <= WIDTH + 0.01 for edge in edges)
        assert bar.width >= 0


@given(explained())
def test_each_bar_begins_where_the_one_before_ended(document: Json) -> None:
    before: float | None = None
    for bar in waterfall(document):
        if bar.kind is Kind.SHOP:
            break
        # A figure that is next to nothing is drawn three units wide, to either side.
        left, right = bar.x - 3.05, bar.x + bar.width + 3.05
        assert left <= bar.end <= right
        assert before is None or left <= before <= right
        before = bar.end


@given(explained(known=False))
def test_of_an_unknown_pool_nothing_is_said_to_be_left(document: Json) -> None:
    levels = [bar for bar in waterfall(document) if bar.kind is Kind.LEVEL]
    assert [(bar.name, bar.value, bar.width) for bar in levels] == [("available", None, 0.0)]


@given(explained())
def test_a_pool_that_has_nothing_of_the_sku_changes_nothing(document: Json) -> None:
    beside = document | {"pools": {"other": {"known": False}} | document["pools"]}
    assert waterfall(beside) == waterfall(document)


@given(explained())
def test_every_shop_has_a_bar_as_long_as_what_it_should_show(document: Json) -> None:
    shops = {bar.name: bar for bar in waterfall(document) if bar.kind is Kind.SHOP}
    assert {name: bar.value for name, bar in shops.items()} == {
        name: entry["desired"] for name, entry in document["shops"].items()
    }
    known = sorted((bar for bar in shops.values() if bar.value is not None), key=lambda bar: bar.value or 0)
    assert [bar.width for bar in known] == sorted(bar.width for bar in known)


@given(explained())
def test_what_is_not_zero_can_be_seen(document: Json) -> None:
    assert all(bar.width > 0 for bar in waterfall(document) if bar.value)


def test_a_warehouse_without_anything_draws_its_seven_parts_as_nothing() -> None:
    document = {"warehouses": {}, "pools": {}, "claims": 0, "available": 0, "shops": {}}
    bars = waterfall(document)
    assert "".join(bar.symbol for bar in bars) == "IOULVTA"
    assert [bar.width for bar in bars] == [0.0] * 8


# --- history ---------------------------------------------------------------------------------------------

moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: f"{at.isoformat()}+00:00")  # noqa: DTZ001
points = st.lists(st.tuples(moments, st.none() | figures), max_size=20)


def series(*rows: object) -> Json:
    """Return a history of one figure."""
    return {"sku": "A", "series": [{"shop": "s", "listing": "1", "what": "desired", "points": list(rows)}]}


@given(points)
def test_lines_of_steps_stay_in_their_frame(rows: list[tuple[str, int | None]]) -> None:
    drawn = plot(series(*rows), datetime.fromisoformat("2026-06-01T00:00:00+00:00"))
    for line in drawn.lines:
        for x in re.findall(r"[MH](-?[\d.e+]+)", line.path):
            assert 0 <= float(x) <= WIDTH
        for y in re.findall(r"(?:V|M\S+ )(-?[\d.e+]+)", line.path):
            assert 0 <= float(y) <= HEIGHT
    assert all(0 <= y <= HEIGHT for y, _ in drawn.across)
    assert all(0 <= x <= WIDTH for x, _ in drawn.along)


def test_one_point_holds_until_now(now: datetime) -> None:
    drawn = plot(series(((now - timedelta(hours=1)).isoformat(), 5)), now)
    assert [line.path for line in drawn.lines] == ["M0 0H1000"]
    assert drawn.lines[0].last == 5


def test_what_was_not_known_leaves_a_gap(now: datetime) -> None:
    rows = [((now - timedelta(hours=4 - at)).isoformat(), value) for at, value in enumerate((4, None, 2, 4))]
    assert plot(series(*rows), now).lines[0].path == "M0 0H250M500 100H750V0H1000"


def test_points_come_in_any_order(now: datetime) -> None:
    rows = [((now - timedelta(hours=at)).isoformat(), at) for at in range(4)]
    assert plot(series(*rows), now) == plot(series(*reversed(rows)), now)


def test_a_history_of_nothing_draws_nothing(now: datetime) -> None:
    assert plot(series(), now).lines == ()
    assert plot({"sku": "A", "series": []}, now).across == ()


# --- sparklines ------------------------------------------------------------------------------------------


@given(st.lists(st.none() | st.floats(-1e9, 1e9), max_size=200))
def test_a_sparkline_stays_in_its_frame(values: list[float | None]) -> None:
    drawn = sparkline(values)
    for x, y in re.findall(r"(-?[\d.e+-]+) (-?[\d.e+-]+)", drawn.line + drawn.area):
        assert 0 <= float(x) <= WIDTH
        assert 0 <= float(y) <= SPARK_HEIGHT


@given(st.lists(st.none(), max_size=5))
def test_a_sparkline_of_nothing_known_is_empty(values: list[None]) -> None:
    assert (sparkline(values).line, sparkline(values).area, sparkline(values).last) == ("", "", None)


def test_a_single_figure_is_a_stroke_that_can_be_seen() -> None:
    assert sparkline([None, 3.0, None]).line == "M250 0 L750 0"


# --- scales ----------------------------------------------------------------------------------------------


@given(st.lists(figures, max_size=5), figures)
def test_a_scale_keeps_the_order_of_figures(around: list[int], other: int) -> None:
    scale = Scale.around(around)
    assert scale.at(min([0, *around])) == 0
    assert scale.at(max([0, *around])) == (WIDTH if max([0, *around]) > min([0, *around]) else 0)
    assert 0 <= scale.at(other) <= WIDTH


@given(figures, figures, st.integers(1, 8))
def test_the_figures_of_an_axis_are_round_few_and_within(one: int, other: int, most: int) -> None:
    low, high = sorted((one, other))
    steps = round_steps(low, high, most)
    assert 1 <= len(steps) <= most + 1
    assert all(low <= step <= high for step in steps)
    assert len({b - a for a, b in pairwise(steps)}) <= 1
