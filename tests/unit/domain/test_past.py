"""What old orders of a shop say of its buyers."""

from datetime import timedelta

import pytest

from syncd.domain.demand import DEMAND, faded
from syncd.domain.model import Sku
from syncd.domain.ordering import News, changes_of
from syncd.domain.orders import OrderLine, Stage
from syncd.domain.past import Stretch, past_demand
from syncd.domain.records import DemandRow
from syncd.domain.topology import Bundle
from tests.unit.domain.order_cases import NOW, SURE, A, at, line, listing, topology, unpaid

DAY = 24 * 60.0
LAST_DAYS = Stretch(NOW - timedelta(days=3), NOW)
SHOWN = (listing(), listing("2", sku="B"))


def told(*lines: OrderLine, bundles: tuple[Bundle, ...] = (), claimed: str = "") -> dict[str, DemandRow]:
    shop = News(
        shop=A, rules=SURE, lines=lines, listings={row.id: row for row in SHOWN}, reached=NOW, before=None
    )
    listed = [row.sku for row in SHOWN]
    rows = past_demand(changes_of(shop, topology(*bundles)), listed, LAST_DAYS, {(A, claimed)})
    return {row.sku: row for row in rows}


def test_what_was_sold_long_ago_weighs_less() -> None:
    found = told(line(minutes=-DAY, units=4))

    assert found["A"].sold == pytest.approx(4 * faded(86_400.0, DEMAND.half_life))


def test_every_listed_sku_had_time_to_sell_also_one_that_nobody_bought() -> None:
    found = told(line(minutes=-DAY))

    assert (found["B"].sold, found["B"].seconds) == (0.0, found["A"].seconds)


def test_the_time_in_stock_fades_as_the_sales_do() -> None:
    found = told(*(line(str(number), minutes=-number * 60) for number in range(72)))

    assert found["A"].sold / found["A"].seconds * 3600 == pytest.approx(1, rel=0.02)


def test_one_big_order_is_one_buyer_of_late() -> None:
    assert told(line(minutes=0, units=12))["A"].recent == pytest.approx(1)


def test_an_order_that_nobody_paid_tells_of_no_buyer() -> None:
    assert told(unpaid(minutes=-DAY, stage=Stage.CLOSED, released=1))["A"].sold == 0


def test_an_order_that_was_paid_and_cancelled_tells_of_a_buyer() -> None:
    assert told(line(minutes=-DAY, stage=Stage.CLOSED, released=1))["A"].sold > 0


def test_an_order_from_before_the_stretch_is_not_counted_in_its_time() -> None:
    assert told(line(minutes=-4 * DAY, modified=at(-DAY)))["A"].sold == 0


def test_what_is_claimed_now_is_not_counted_twice() -> None:
    assert told(line(minutes=-10), claimed="order:1:A")["A"].sold == 0


def test_a_replaced_line_is_not_counted_beside_the_one_in_its_place() -> None:
    found = told(line(minutes=-10), line("2", minutes=-10, replaces="1"))

    assert found["A"].recent == pytest.approx(faded(600.0, DEMAND.recent_half_life))


def test_a_sold_set_counts_for_what_is_in_it() -> None:
    sets = Bundle(sku=Sku("B"), components={Sku("A"): 2})

    assert told(line(listing="2", code="B", minutes=0), bundles=(sets,))["A"].sold == pytest.approx(2)
