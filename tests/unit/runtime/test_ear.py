"""Where somebody outside points: named SKUs, orders of a shop, or shops that nobody has."""

import pytest

from syncd.adapters.memory import FakeClock
from syncd.domain.look import Look
from syncd.domain.model import ShopName, Sku
from syncd.runtime.wake import Ear, Wake
from syncd.services.feeds import NamedOrders

A = Sku("A")
ALL: frozenset[Sku] = frozenset()
NOTHING: dict[ShopName, frozenset[str]] = {}


def test_named_orders_wait_for_a_cycle_for_all() -> None:
    wake, named = Wake(FakeClock()), NamedOrders()
    wake.ring([A])

    Ear(wake=wake, named=named, shops=[ShopName("a")]).hear(Look(shop=ShopName("a"), orders=frozenset({"1"})))

    assert (wake.is_heard, wake.take(), named.waiting()) == (True, ALL, {ShopName("a"): frozenset({"1"})})


def test_named_skus_are_rung_for_alone() -> None:
    wake, named = Wake(FakeClock()), NamedOrders()

    Ear(wake=wake, named=named, shops=[]).hear(Look(skus=frozenset({A})))

    assert (wake.take(), named.waiting()) == (frozenset({A}), NOTHING)


def test_orders_of_an_unknown_shop_are_refused_in_words_and_ring_nobody() -> None:
    wake, named = Wake(FakeClock()), NamedOrders()
    ear = Ear(wake=wake, named=named, shops=[ShopName("b"), ShopName("a")])

    with pytest.raises(ValueError, match=r"^there is no shop x; ours are a, b$"):
        ear.hear(Look(shop=ShopName("x"), orders=frozenset({"1"})))

    assert (wake.is_heard, named.waiting()) == (False, NOTHING)
