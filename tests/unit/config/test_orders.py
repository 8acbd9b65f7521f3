"""What the settings of a shop make of its orders."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from syncd.config.settings import ShopTable
from syncd.domain.ordering import Deducts, Occupies, OrderRules, Restores
from syncd.ports.channel import ChannelTraits, Counter, DeductsAt
from syncd.runtime.engine import order_rules


def rules(traits: ChannelTraits, **keys: object) -> OrderRules:
    shop: Any = SimpleNamespace(core=ShopTable.model_validate({"type": "stall"} | keys))
    return order_rules(shop, traits)


def test_an_order_occupies_from_its_creation_where_nothing_is_set() -> None:
    assert rules(ChannelTraits()) == OrderRules()


def test_every_setting_of_orders_arrives() -> None:
    found = rules(
        ChannelTraits(deducts_at=DeductsAt.PAYMENT, restores_unpaid=Restores.YES, restores_paid=Restores.NO),
        occupies_at="hold",
        hold_minutes=30,
        hold_grace="2m",
        clock_skew="3m",
        erp_lag="5m",
        ship_lag="4h",
    )

    assert found == OrderRules(
        occupies=Occupies.HOLD,
        hold=timedelta(minutes=30),
        grace=timedelta(minutes=2),
        skew=timedelta(minutes=3),
        lag=timedelta(minutes=5),
        ship_lag=timedelta(hours=4),
        deducts=Deducts.PAYMENT,
        restores_unpaid=Restores.YES,
        restores_paid=Restores.NO,
    )


def test_an_erp_that_never_imports_has_no_lag() -> None:
    assert rules(ChannelTraits(), erp_imports=False).lag is None


def test_a_counter_that_includes_open_orders_falls_with_the_shipping() -> None:
    traits = ChannelTraits(counter=Counter.GROSS, deducts_at=DeductsAt.ORDER)

    assert rules(traits).deducts is Deducts.SHIPPING


def test_a_counter_that_includes_unpaid_orders_only_does_not_wait_for_the_shipping() -> None:
    traits = ChannelTraits(counter=Counter.GROSS, deducts_at=DeductsAt.PAYMENT, withholds=True)

    assert rules(traits).deducts is Deducts.PAYMENT


@pytest.mark.parametrize("one", DeductsAt)
def test_every_moment_of_deduction_is_known_to_the_rules(one: DeductsAt) -> None:
    assert rules(ChannelTraits(deducts_at=one)).deducts.value == one.value
