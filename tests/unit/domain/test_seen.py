"""Which sales are seen for the first time."""

from datetime import datetime

import pytest

from syncd.domain.claims import Drop
from syncd.domain.model import Sku
from syncd.domain.ordering import News, changes_of
from syncd.domain.orders import OrderLine
from syncd.domain.records import OrderRow
from syncd.domain.seen import Seen, seen_drops, seen_orders
from syncd.domain.topology import Bundle
from tests.unit.domain.order_cases import NOW, SURE, A, at, line, listing, topology


def told(
    *lines: OrderLine, known: dict[str, OrderRow] | None = None, bundles: tuple[Bundle, ...] = ()
) -> list[Seen]:
    rows = {row.id: row for row in (listing(), listing("2", sku="SET"))}
    news = News(shop=A, rules=SURE, lines=lines, known=known or {}, listings=rows, reached=NOW, before=at(-5))
    return list(seen_orders(changes_of(news, topology(*bundles)), at(-15)))


def rows_of(*lines: OrderLine) -> dict[str, OrderRow]:
    rows = {row.id: row for row in (listing(),)}
    news = News(shop=A, rules=SURE, lines=lines, listings=rows, reached=NOW, before=at(-5))
    return dict(changes_of(news, topology()).rows)


def test_a_new_line_was_sold_when_its_order_was_made() -> None:
    assert told(line(minutes=-3)) == [Seen(A, (Sku("A"),), at(-3))]


def test_a_line_that_a_list_shows_late_counts_with_all_its_time() -> None:
    assert told(line(minutes=-14))[0].sold_at == at(-14)


def test_a_line_that_is_known_was_seen_before() -> None:
    assert told(line(minutes=-3, shipped=1), known=rows_of(line(minutes=-3))) == []


def test_an_old_order_that_changes_now_was_made_before_anybody_looked() -> None:
    assert told(line(minutes=-600, modified=at(-1))) == []


def test_a_line_in_the_place_of_another_is_no_other_sale() -> None:
    assert told(line(minutes=-3, replaces="0")) == []


def test_a_line_that_came_to_nothing_before_it_was_seen_is_no_sale() -> None:
    assert told(line(minutes=-3, released=1)) == []


def test_a_bundle_sells_its_parts() -> None:
    one = told(
        line(minutes=-3, listing="2", code="SET"),
        bundles=(Bundle(sku=Sku("SET"), components={Sku("A"): 1, Sku("B"): 2}),),
    )
    assert one == [Seen(A, (Sku("A"), Sku("B")), at(-3))]


@pytest.mark.parametrize(("units", "sold"), [(2, [at(-7)]), (-2, [])])
def test_a_counter_that_fell_was_sold_from_right_after_its_last_reading(
    units: int, sold: list[datetime]
) -> None:
    row = listing(read=0)
    assert [one.sold_at for one in seen_drops([Drop(row, units, "t")], lambda _: at(-7))] == sold


def test_a_counter_that_was_never_read_tells_of_no_delay() -> None:
    assert list(seen_drops([Drop(listing(), 2, "t")], lambda _: None)) == []
