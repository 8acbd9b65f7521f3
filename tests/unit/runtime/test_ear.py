"""Where somebody outside points: named SKUs, orders of a shop, or shops that nobody has."""

import pytest

from syncd.adapters.memory import FakeClock
from syncd.domain.look import Look
from syncd.domain.model import ShopName, Sku
from syncd.runtime.haste import Haste
from syncd.runtime.wake import Ear, Wake
from syncd.services.feeds import NamedOrders

A = Sku("A")
ALL: frozenset[Sku] = frozenset()
NOTHING: dict[ShopName, frozenset[str]] = {}


def hear(look: Look) -> tuple[Wake, Haste, NamedOrders]:
    wake, haste, named = Wake(FakeClock()), Haste(), NamedOrders()
    Ear(wake=wake, haste=haste, named=named, shops=[ShopName("a")]).hear(look)
    return wake, haste, named


def test_named_orders_are_looked_at_at_once() -> None:
    wake, haste, named = hear(Look(shop=ShopName("a"), orders=frozenset({"1"})))

    assert (wake.is_heard, haste.is_rung) == (False, True)
    assert named.waiting() == {ShopName("a"): frozenset({"1"})}


def test_named_skus_are_looked_at_at_once_and_alone() -> None:
    wake, haste, named = hear(Look(skus=frozenset({A})))

    assert (wake.is_heard, haste.take(), named.waiting()) == (False, frozenset({A}), NOTHING)


def test_who_names_nothing_rings_for_a_cycle() -> None:
    wake, haste, _ = hear(Look())

    assert (wake.is_heard, wake.take(), haste.is_rung) == (True, ALL, False)


def test_orders_of_an_unknown_shop_are_refused_in_words_and_ring_nobody() -> None:
    wake, haste, named = Wake(FakeClock()), Haste(), NamedOrders()
    ear = Ear(wake=wake, haste=haste, named=named, shops=[ShopName("b"), ShopName("a")])

    with pytest.raises(ValueError, match=r"^there is no shop x; ours are a, b$"):
        ear.hear(Look(shop=ShopName("x"), orders=frozenset({"1"})))

    assert (wake.is_heard, haste.is_rung, named.waiting()) == (False, False, NOTHING)
