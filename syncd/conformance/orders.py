"""What a feed of orders owes: every line, how far it has come, and what it still takes from the stock."""

import pytest

from syncd.conformance.rig import Ability, Bench, Stock
from syncd.conformance.words import (
    ODD_TEXTS,
    Desk,
    buy,
    buy_paid,
    desk_of,
    later,
    orders_told,
    ranked,
    told,
)
from syncd.domain.orders import OrderLine, Stage
from syncd.ports.orders import OrderFeed

_NOT_SENT = (Stage.UNPAID, Stage.PAID)


async def _sent(bench: Bench, desk: Desk, *, at: float = 2) -> OrderLine:
    """Return the only line of an order that was paid and sent."""
    order = buy_paid(bench, desk, (desk.one, 2))
    desk.buyers.ship(order, at=later(bench, at))
    (line,) = await told(bench)
    return line


class Orders:
    """Lines of orders and their stages."""

    async def test_a_feed_opens_without_a_call(self, bench: Bench) -> None:
        desk = desk_of(bench)
        assert isinstance(desk.feed, OrderFeed)
        assert bench.rig.calls() == 0

    async def test_a_shop_without_orders_tells_none(self, bench: Bench) -> None:
        desk_of(bench)
        assert await told(bench) == []
        assert bench.rig.calls() >= 1

    async def test_a_new_order_is_told_with_its_listing_and_units(self, bench: Bench) -> None:
        desk = desk_of(bench)
        order = buy(bench, desk, (desk.one, 2))
        (line,) = await told(bench)
        assert (line.order, line.listing, line.units) == (order, desk.one, 2)
        assert (line.released, line.shipped, line.doubt) == (0, 0, "")
        assert line.created == line.modified == later(bench, 0)
        assert line.code in {"A", ""}

    async def test_orders_of_listings_with_odd_codes_name_these_listings(self, bench: Bench) -> None:
        desk = desk_of(bench)
        texts = enumerate(ODD_TEXTS)
        listings = [bench.rig.put(Stock(key=f"L{n}", quantity=9, code=text)) for n, text in texts]
        wanted = {buy(bench, desk, (listing, 1)): listing for listing in listings}
        assert {line.order: line.listing for line in await told(bench)} == wanted

    async def test_a_new_order_waits_for_its_money(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.UNPAID)
        desk.buyers.order((desk.one, 2), at=later(bench, 0))
        (line,) = await told(bench)
        assert (line.stage, line.paid, line.sent, line.ended) == (Stage.UNPAID, None, None, None)

    async def test_each_line_of_an_order_has_an_id_of_its_own(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.MANY_LINES)
        order = buy(bench, desk, (desk.one, 1), (desk.two, 2))
        lines = await told(bench)
        assert {(line.order, line.listing, line.units) for line in lines} == {
            (order, desk.one, 1),
            (order, desk.two, 2),
        }
        assert len({line.line for line in lines}) == 2

    async def test_a_listing_that_is_ordered_twice_in_one_order_is_two_lines(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.MANY_LINES, Ability.TWINS)
        order = buy(bench, desk, (desk.one, 1), (desk.two, 2), (desk.one, 3))
        lines = await told(bench)
        assert sorted((line.order, line.listing, line.units) for line in lines) == sorted(
            [(order, desk.one, 1), (order, desk.two, 2), (order, desk.one, 3)]
        )

    async def test_no_two_orders_share_a_line(self, bench: Bench) -> None:
        desk = desk_of(bench)
        orders = {buy(bench, desk, (desk.one, 1)) for _ in range(3)}
        lines = await told(bench)
        assert len(orders) == len(lines) == 3
        assert {line.order for line in lines} == orders

    async def test_a_line_keeps_its_id(self, bench: Bench) -> None:
        desk = desk_of(bench)
        order = buy_paid(bench, desk, (desk.one, 1))
        before = [line.line for line in await told(bench)]
        desk.buyers.ship(order, at=later(bench, 2))
        assert [line.line for line in await told(bench)] == before

    async def test_a_line_keeps_its_id_when_it_is_paid(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.UNPAID)
        order = desk.buyers.order((desk.one, 1), at=later(bench, 0))
        before = [line.line for line in await told(bench)]
        desk.buyers.pay(order, at=later(bench, 2))
        assert [line.line for line in await told(bench)] == before

    async def test_a_payment_has_a_time(self, bench: Bench) -> None:
        desk = desk_of(bench)
        buy_paid(bench, desk, (desk.one, 2), paid=40)
        (line,) = await told(bench)
        assert (line.stage, line.created, line.paid) == (Stage.PAID, later(bench, 0), later(bench, 40))
        assert line.modified == later(bench, 40)

    # --- ends ----------------------------------------------------------------------------------------------

    async def test_an_unpaid_order_that_ends_releases_all_it_held(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.UNPAID)
        desk.buyers.cancel(desk.buyers.order((desk.one, 2), at=later(bench, 0)), at=later(bench, 900))
        (line,) = await told(bench)
        assert (line.stage, line.released, line.shipped) == (Stage.CLOSED, 2, 0)
        if Ability.END_TIMES in bench.abilities:
            assert line.ended == later(bench, 900)

    async def test_a_paid_order_that_is_cancelled_releases_its_units(self, bench: Bench) -> None:
        desk = desk_of(bench)
        desk.buyers.cancel(buy_paid(bench, desk, (desk.one, 2)), at=later(bench, 2))
        (line,) = await told(bench)
        assert (line.stage, line.released, line.shipped) == (Stage.CLOSED, 2, 0)

    async def test_what_was_sent_is_shipped(self, bench: Bench) -> None:
        desk = desk_of(bench)
        line = await _sent(bench, desk)
        assert (line.stage, line.released, line.shipped) == (Stage.SHIPPED, 0, 2)
        if Ability.SENT_TIMES in bench.abilities:
            assert line.sent == later(bench, 2)

    async def test_what_arrived_is_done_and_stays_shipped(self, bench: Bench) -> None:
        desk = desk_of(bench)
        desk.buyers.finish((await _sent(bench, desk)).order, at=later(bench, 3))
        (line,) = await told(bench)
        assert (line.stage, line.released, line.shipped) == (Stage.DONE, 0, 2)
        if Ability.END_TIMES in bench.abilities:
            assert line.ended == later(bench, 3)

    async def test_an_order_sent_in_parts_still_owes_the_rest(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.MANY_LINES, Ability.PART_SHIPMENTS)
        order = buy_paid(bench, desk, (desk.one, 2), (desk.two, 3))
        first = next(line for line in await told(bench) if line.listing == desk.one)
        desk.buyers.ship(order, first, at=later(bench, 2))
        lines = {line.listing: (line.stage, line.shipped, line.released) for line in await told(bench)}
        assert lines == {desk.one: (Stage.SHIPPED, 2, 0), desk.two: (Stage.PAID, 0, 0)}

    # --- refunds -------------------------------------------------------------------------------------------

    async def test_a_refund_that_is_asked_for_releases_nothing(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.REFUNDS)
        buy_paid(bench, desk, (desk.one, 2))
        (line,) = await told(bench)
        desk.buyers.ask_refund(line, at=later(bench, 2))
        (line,) = await told(bench)
        assert (line.stage, line.released, line.modified) == (Stage.PAID, 0, later(bench, 2))

    async def test_a_refund_before_shipping_releases_its_units(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.REFUNDS)
        buy_paid(bench, desk, (desk.one, 2))
        (line,) = await told(bench)
        desk.buyers.refund(line, at=later(bench, 2))
        (line,) = await told(bench)
        assert (line.released, line.shipped) == (2, 0)

    async def test_a_refund_before_shipping_releases_its_line_and_no_other(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.REFUNDS, Ability.MANY_LINES, Ability.LINE_REFUNDS)
        buy_paid(bench, desk, (desk.one, 2), (desk.two, 3))
        first = next(line for line in await told(bench) if line.listing == desk.one)
        desk.buyers.refund(first, at=later(bench, 2))
        assert {line.listing: line.released for line in await told(bench)} == {desk.one: 2, desk.two: 0}

    async def test_a_refund_after_shipping_releases_nothing(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.REFUNDS, Ability.LATE_REFUNDS)
        desk.buyers.refund(await _sent(bench, desk), at=later(bench, 3))
        (line,) = await told(bench)
        assert (line.released, line.shipped) == (0, 2)
        assert line.stage not in _NOT_SENT

    async def test_every_line_of_an_order_carries_its_last_change(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.REFUNDS, Ability.MANY_LINES, Ability.LINE_REFUNDS)
        buy_paid(bench, desk, (desk.one, 2), (desk.two, 3))
        first, _ = await told(bench)
        desk.buyers.refund(first, at=later(bench, 2))
        assert {line.modified for line in await told(bench)} == {later(bench, 2)}

    async def test_nothing_was_misunderstood(self, bench: Bench) -> None:
        desk = desk_of(bench)
        line = await _sent(bench, desk)
        desk.buyers.finish(line.order, at=later(bench, 3))
        cancelled = buy_paid(bench, desk, (desk.two, 1), paid=4)
        desk.buyers.cancel(cancelled, at=later(bench, 5))
        assert [line.doubt for line in await told(bench)] == ["", ""]

    # --- versions ------------------------------------------------------------------------------------------

    async def test_an_old_version_of_an_order_is_not_dated_as_the_newest(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.OLD_VERSIONS)
        order = buy_paid(bench, desk, (desk.one, 2))
        desk.buyers.ship(order, at=later(bench, 9))
        desk.buyers.show_old()
        (old,) = await told(bench)
        assert (old.stage, old.shipped, old.modified) == (Stage.PAID, 0, later(bench, 1))
        (new,) = await told(bench)
        assert (new.line, new.stage, new.modified) == (old.line, Stage.SHIPPED, later(bench, 9))

    # --- named orders --------------------------------------------------------------------------------------

    async def test_named_orders_are_told_as_they_are_now(self, bench: Bench) -> None:
        desk = desk_of(bench)
        one, _, three = (buy_paid(bench, desk, (desk.one, 1)) for _ in range(3))
        desk.buyers.ship(three, at=later(bench, 9))
        lines = await desk.feed.these_orders([three, one])
        assert {(line.order, line.stage) for line in lines} == {(one, Stage.PAID), (three, Stage.SHIPPED)}

    async def test_a_named_order_that_is_not_paid_is_told(self, bench: Bench) -> None:
        desk = desk_of(bench, Ability.UNPAID)
        order = desk.buyers.order((desk.one, 1), at=later(bench, 0))
        assert [line.stage for line in await desk.feed.these_orders([order])] == [Stage.UNPAID]

    async def test_a_named_order_is_the_same_as_in_the_feed(self, bench: Bench) -> None:
        desk = desk_of(bench)
        several = Ability.MANY_LINES in bench.abilities
        wanted = [(desk.one, 2), (desk.two, 3)] if several else [(desk.one, 2)]
        order = buy_paid(bench, desk, *wanted)
        named = sorted(await desk.feed.these_orders([order]), key=lambda line: line.line)
        assert named == sorted(await told(bench), key=lambda line: line.line)

    @pytest.mark.parametrize("name", ["404", "no id at all", "", "７", "1' or '1'='1"])
    async def test_an_order_that_does_not_exist_is_left_out(self, bench: Bench, name: str) -> None:
        desk = desk_of(bench, *((Ability.TELLS_GONE,) if name == "404" else ()))
        order = buy(bench, desk, (desk.one, 1))
        assert [line.order for line in await desk.feed.these_orders([name, order])] == [order]

    async def test_an_order_that_is_named_twice_is_told_once(self, bench: Bench) -> None:
        desk = desk_of(bench)
        order = buy(bench, desk, (desk.one, 1))
        assert [line.order for line in await desk.feed.these_orders([order, order])] == [order]

    async def test_no_names_need_no_call(self, bench: Bench) -> None:
        desk = desk_of(bench)
        assert list(await desk.feed.these_orders([])) == []
        assert bench.rig.calls() == 0

    async def test_orders_that_were_told_are_told_again(self, bench: Bench) -> None:
        desk = desk_of(bench)
        orders = [buy(bench, desk, (desk.one, 1), after=n) for n in range(3)]
        assert await orders_told(bench) == await orders_told(bench) == ranked(orders)
