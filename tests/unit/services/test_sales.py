"""Answers about sales: which order lines there are, which units are open, and what each still waits for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.domain.model import Containment, ListingId, ShopName, Sku, WatermarkEvent
from syncd.domain.ordering import Occupies, OrderRules
from syncd.domain.orders import Stage
from syncd.domain.records import FeedState
from syncd.domain.topology import Bundle
from syncd.services.sales import Json, Sales, Wanted, claim_documents, orders_document
from tests.unit.domain.order_cases import ERP, SURE, WMS, A, Desk, at, line, listing, marked, silent, unpaid

X = Sku("A")


def sales(desk: Desk, *, told: bool = True) -> Sales:
    return Sales(
        topology=desk.topology,
        rules={A: desk.rules},
        sources=desk.sources,
        orders=list(desk.known.values()),
        claims=list(desk.claims.values()),
        feeds={A: FeedState(shop=A, cursor=desk.reached)},
        told=frozenset({A}) if told else frozenset(),
    )


def orders(desk: Desk, **wanted: object) -> list[Json]:
    found: list[Json] = orders_document(sales(desk), Wanted(**wanted))["orders"]  # type: ignore[arg-type]
    return found


def the_claim(desk: Desk, *, told: bool = True) -> Json:
    (found,) = claim_documents(sales(desk, told=told), X)
    return found


# --- order lines -------------------------------------------------------------------------------------------


def test_order_lines_come_newest_first() -> None:
    desk = Desk()
    desk.take(line("old", minutes=-9), line("new", minutes=-1), line("middle", minutes=-5))

    assert [row["line"] for row in orders(desk)] == ["new", "middle", "old"]


def test_what_is_left_out_is_counted() -> None:
    desk = Desk()
    desk.take(*(line(str(number), minutes=-number) for number in range(5)))

    document = orders_document(sales(desk), Wanted(limit=2))

    assert ([row["line"] for row in document["orders"]], document["left_out"]) == (["0", "1"], 3)


def test_an_order_line_says_how_far_it_has_come() -> None:
    desk = Desk()
    desk.take(line(units=5, released=1, shipped=2, stage=Stage.SHIPPED, sent=at(0), code="A-5"))

    row = orders(desk)[0]

    names = ("order", "line", "listing", "code", "stage", "units", "released", "shipped", "skus")
    assert [row[name] for name in names] == ["o", "1", "1", "A-5", "shipped", 5, 1, 2, {"A": 1}]


def test_units_that_no_snapshot_contains_are_open() -> None:
    desk = Desk()
    desk.take(line(units=3))

    assert [(row["open"], row["contained"]) for row in orders(desk)] == [(3, 0)]


def test_units_that_every_snapshot_contains_are_not_open() -> None:
    desk = Desk()
    desk.sources = marked(30)
    desk.take(line(units=3))

    assert [(row["open"], row["contained"], row["waits_for"]) for row in orders(desk)] == [(0, 3, [])]


def test_shipped_units_that_a_snapshot_saw_leave_are_contained() -> None:
    desk = Desk(replace(SURE, lag=None))
    desk.sources = silent(100)
    desk.take(line(units=3, shipped=1, stage=Stage.SHIPPED, sent=at(0)))

    assert [(row["open"], row["contained"]) for row in orders(desk)] == [(2, 1)]


def test_the_units_of_a_case_are_counted_as_the_shop_counts_them() -> None:
    desk = Desk(SURE, listing(units=12))
    desk.take(line(units=2))

    assert [(row["open"], row["skus"]) for row in orders(desk)] == [(2, {"A": 12})]


def test_an_order_that_occupies_nothing_yet_is_neither_open_nor_contained() -> None:
    desk = Desk(replace(SURE, occupies=Occupies.PAYMENT))
    desk.take(unpaid(units=3))

    assert [(row["open"], row["contained"]) for row in orders(desk)] == [(0, 0)]


def test_a_line_that_another_one_replaced_occupies_nothing() -> None:
    desk = Desk()
    desk.take(line(units=3), line("2", units=3, replaces="1"))

    assert {row["line"]: (row["open"], row["contained"]) for row in orders(desk)} == {
        "1": (0, 0),
        "2": (3, 0),
    }


def test_of_a_line_that_stands_for_no_sku_it_is_not_known_what_is_open() -> None:
    desk = Desk(SURE, listing(sku=""))
    desk.take(line(units=3))

    assert [(row["open"], row["contained"], row["skus"]) for row in orders(desk)] == [(None, None, {})]


def test_a_doubt_is_told() -> None:
    desk = Desk()
    desk.take(line(doubt="status X is not known"))

    assert orders(desk)[0]["doubt"] == "status X is not known"


def test_only_open_lines_are_shown_where_asked() -> None:
    desk = Desk()
    desk.take(line("1"), line("2", stage=Stage.CLOSED, released=1, ended=at(0)))

    assert [row["line"] for row in orders(desk, open_only=True)] == ["1"]


def test_only_lines_of_one_sku_are_shown_where_asked() -> None:
    desk = Desk(SURE, listing(), listing("2", sku="B"))
    desk.take(line("1"), line("2", listing=ListingId("2"), code="B"))

    assert [row["line"] for row in orders(desk, sku=Sku("B"))] == ["2"]


def test_lines_of_a_bundle_are_found_by_its_code_and_by_its_parts() -> None:
    bundle = Bundle(sku=Sku("SET"), components={X: 1, Sku("B"): 2})
    desk = Desk(SURE, listing(sku="SET"), bundles=[bundle])
    desk.take(line())
    rows = list(desk.listings.values())

    found = [
        len(orders_document(sales(desk), Wanted(sku=Sku(sku)), rows)["orders"]) for sku in ("SET", "B", "C")
    ]

    assert found == [1, 1, 0]


def test_only_lines_of_one_shop_are_shown_where_asked() -> None:
    desk = Desk()
    desk.take(line())

    assert (len(orders(desk, shop=A)), orders(desk, shop=ShopName("b"))) == (1, [])


def test_a_feed_says_until_when_orders_are_known() -> None:
    desk = Desk()
    desk.take(line(), now=5)

    assert orders_document(sales(desk), Wanted())["feeds"] == {
        "a": {"known_until": at(5).isoformat(), "error": "", "since": None}
    }


def test_a_shop_that_tells_no_orders_has_no_feed() -> None:
    assert orders_document(sales(Desk(), told=False), Wanted())["feeds"] == {}


# --- what a claim waits for --------------------------------------------------------------------------------


def test_a_claim_names_its_order() -> None:
    desk = Desk()
    desk.take(line(units=2))

    claim = the_claim(desk)

    keys = ("shop", "presumed", "order", "line", "listing", "units", "since")
    assert [claim[key] for key in keys] == ["a", False, "o", "1", "1", 2, at(0).isoformat()]


def test_a_presumed_sale_names_its_listing() -> None:
    desk = Desk()
    desk.read(7, now=1)

    claim = the_claim(desk)

    keys = ("presumed", "order", "line", "listing", "units")
    assert [claim[key] for key in keys] == [True, "", "", "1", 3]


def test_claims_come_oldest_first() -> None:
    desk = Desk()
    desk.take(line("new", minutes=5), line("old", minutes=-5))

    assert [claim["line"] for claim in claim_documents(sales(desk), X)] == ["old", "new"]


def test_a_claim_waits_for_the_watermark_of_its_shop() -> None:
    desk = Desk()
    desk.sources = marked(1)
    desk.take(line())

    assert the_claim(desk)["waits_for"] == [
        f"source {name}: it has imported the orders of shop a, until 2026-01-01 12:03:00Z; "
        "so far until 2026-01-01 12:01:00Z"
        for name in (ERP, WMS)
    ]


def test_a_claim_waits_only_for_who_does_not_contain_it() -> None:
    desk = Desk()
    desk.sources = marked(1) | {WMS: marked(30)[WMS]}
    desk.take(line())

    assert [text.split(":")[0] for text in the_claim(desk)["waits_for"]] == ["source erp"]


def test_an_unpaid_order_waits_for_its_payment_where_only_paid_ones_are_imported() -> None:
    desk = Desk()
    desk.sources = marked(30, counts=WatermarkEvent.PAID)
    desk.take(unpaid())

    assert the_claim(desk)["waits_for"][0] == "source erp counts the order once it is paid"


@pytest.mark.parametrize(
    ("rules", "contains", "text"),
    [
        (SURE, Containment.NONE, "its figures were read, until 2026-01-01 12:17:00Z; so far until"),
        (replace(SURE, lag=None), Containment.NONE, "shows it only by the goods that leave"),
        (SURE, Containment.IDS, "source erp does not name it among the orders in its figures"),
    ],
)
def test_a_claim_says_what_ends_it(rules: OrderRules, contains: Containment, text: str) -> None:
    desk = Desk(rules)
    desk.sources = {name: replace(one, contains=contains) for name, one in silent(1).items()}
    desk.take(line())

    assert text in the_claim(desk)["waits_for"][0]


def test_a_shipped_order_waits_for_figures_that_are_newer_than_its_leaving() -> None:
    desk = Desk(replace(SURE, lag=None, ship_lag=timedelta(hours=1)))
    desk.sources = silent(1)
    desk.take(line(shipped=1, stage=Stage.SHIPPED, sent=at(0)))

    assert "until 2026-01-01 13:02:00Z; so far until 2026-01-01 12:01:00Z" in the_claim(desk)["waits_for"][0]


def test_a_presumed_sale_waits_for_figures_and_for_orders() -> None:
    desk = Desk()
    desk.read(9, now=1)

    waits = the_claim(desk)["waits_for"]

    assert [text.partition(" ")[0] for text in waits] == ["source", "source", "orders"]


def test_a_presumed_sale_of_a_shop_without_orders_waits_for_figures_only() -> None:
    desk = Desk()
    desk.read(9, now=1)

    waits = the_claim(desk, told=False)["waits_for"]

    assert waits == [
        f"source {name}: its figures were read, until 2026-01-01 12:18:00Z; so far until 2025-12-31 19:20:00Z"
        for name in (ERP, WMS)
    ]


def test_a_presumed_sale_of_which_the_erp_never_learns_says_so() -> None:
    desk = Desk(replace(SURE, lag=None))
    desk.read(9, now=1)

    assert the_claim(desk)["waits_for"][0].startswith("an order that explains it")


def test_a_source_that_was_never_heard_is_named() -> None:
    desk = Desk()
    desk.sources = {ERP: marked(30)[ERP]}
    desk.take(line())

    assert the_claim(desk)["waits_for"] == [
        "source wms: its figures were read, until 2026-01-01 12:17:00Z; never so far"
    ]


def test_what_waits_for_nothing_any_more_ends_with_the_next_cycle() -> None:
    desk = Desk()
    desk.take(line())
    desk.sources = marked(30)

    assert the_claim(desk)["waits_for"] == ["the next cycle"]
