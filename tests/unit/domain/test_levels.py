"""Below the warning level a pool's stock goes off sale; it comes back late and only on figures that hold."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncd.domain.book import Levels, make_book, microseconds
from syncd.domain.model import PoolName, ShopName, Sku, WarehouseName
from syncd.domain.pipeline import compute
from syncd.domain.records import LevelRow, SourceState
from syncd.domain.topology import Pool, PoolMode, Rule
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import ERP, A, P, cell, claim, entry, rule, state

SEQ = 7
"""The snapshot that the desk's source is at."""


def was_off(*, agree: int = 0, seq: int = SEQ - 1, seconds: float = 60.0) -> LevelRow:
    return LevelRow(P, A, Sku("A"), NOW - timedelta(seconds=seconds), agree, seq)


def stepped(stock: int, *levels: LevelRow, values: dict[str, int] | None = None, **settings: Any) -> Levels:  # noqa: ANN401
    """Return the states with a warning level of 5 and a relist level of 8, unless something else is said."""
    rules: tuple[Rule, ...] = (rule({"warning_level": 5, "relist_level": 8} | (values or {})),)
    trouble = settings.pop("trouble", {})
    base = state(
        (cell("A", stock, **trouble),), entry("A"), topology={"rules": rules}, levels=levels, **settings
    )
    return compute(make_book(base)).levels


def off(levels: Levels) -> bool:
    return bool(levels.off[0, 0])


# --- going off -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stock", "is_off"), [(0, True), (4, True), (5, False), (6, False)])
def test_it_goes_off_below_the_level_and_not_at_it(stock: int, *, is_off: bool) -> None:
    assert off(stepped(stock)) is is_off


def test_without_a_level_not_even_nothing_goes_off() -> None:
    assert not off(stepped(0, values={"warning_level": 0}))


@pytest.mark.parametrize(("sold", "is_off"), [(1, False), (2, True)])
def test_claims_count(sold: int, *, is_off: bool) -> None:
    assert off(stepped(6, claims=(claim("A", sold),))) is is_off


def test_locked_units_count() -> None:
    assert off(stepped(6, trouble={"locked": 2}))


def test_virtual_units_count() -> None:
    assert not off(stepped(4, trouble={"virtual": 1}))


def test_what_is_kept_in_reserve_does_not_count() -> None:
    assert not off(stepped(5, pool={"reserve_percent": 50}))


def test_the_shop_of_the_last_units_never_goes_off() -> None:
    assert not off(stepped(4, values={"last_units": 1}))


@pytest.mark.parametrize("trouble", [{"bad": True}, {"missed": 1}])
def test_it_goes_off_even_on_figures_that_were_not_believed(trouble: dict[str, Any]) -> None:
    assert off(stepped(4, trouble=trouble))


def test_what_nobody_knows_does_not_go_off() -> None:
    rules = (rule({"warning_level": 5}),)
    base = state({"B": 9}, entry("A"), entry("B"), topology={"rules": rules})

    assert not compute(make_book(base)).levels.off.any()


def test_a_pool_that_does_not_know_a_sku_does_not_go_off() -> None:
    base = state({"A": 9}, entry("A"), topology={"rules": (rule({"warning_level": 5}),)})
    other = Pool(name=PoolName("q"), mode=PoolMode.SHARED, warehouses=(WarehouseName("v"),), shops=(A,))
    topology = replace(base.topology, pools=(*base.topology.pools, other))

    assert not compute(make_book(replace(base, topology=topology))).levels.off.any()


def test_what_goes_off_starts_its_time_now() -> None:
    levels = stepped(4)

    assert (levels.since[0, 0], levels.agree[0, 0], levels.seq[0, 0]) == (microseconds(NOW), 0, SEQ)


# --- coming back ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stock", "agree", "is_off"),
    [(8, 1, False), (8, 0, True), (7, 1, True), (7, 9, True), (20, 1, False), (20, 0, True)],
)
def test_it_comes_back_at_the_relist_level_when_two_snapshots_agree(
    stock: int, agree: int, *, is_off: bool
) -> None:
    assert off(stepped(stock, was_off(agree=agree))) is is_off


def test_one_snapshot_counts_once() -> None:
    assert off(stepped(8, was_off(agree=1, seq=SEQ)))


@pytest.mark.parametrize(("stock", "seq", "agree"), [(8, SEQ - 1, 1), (8, SEQ, 0), (7, SEQ - 1, 0)])
def test_snapshots_that_agree_are_counted(stock: int, seq: int, agree: int) -> None:
    assert stepped(stock, was_off(seq=seq)).agree[0, 0] == agree


def test_a_snapshot_below_starts_the_count_anew() -> None:
    assert stepped(7, was_off(agree=1)).agree[0, 0] == 0


@pytest.mark.parametrize("stock", [7, 8])
def test_a_figure_that_was_not_believed_neither_counts_nor_starts_anew(stock: int) -> None:
    levels = stepped(stock, was_off(agree=1), trouble={"bad": True})

    assert (off(levels), levels.agree[0, 0]) == (True, 1)


def test_a_source_that_is_silent_puts_nothing_back() -> None:
    assert off(stepped(20, was_off(agree=9), stale=frozenset({ERP})))


@pytest.mark.parametrize(("seconds", "is_off"), [(599.0, True), (600.0, False), (601.0, False)])
def test_it_stays_off_for_the_least_time(seconds: float, *, is_off: bool) -> None:
    levels = stepped(20, was_off(agree=1, seconds=seconds), pool={"least_off_seconds": 600.0})

    assert off(levels) is is_off


@pytest.mark.parametrize(("after", "is_off"), [(1, False), (2, True), (3, True)])
def test_a_pool_says_how_many_snapshots_must_agree(after: int, *, is_off: bool) -> None:
    assert off(stepped(8, was_off(), pool={"relist_after": after})) is is_off


def test_what_stays_off_keeps_its_time() -> None:
    assert stepped(4, was_off(seconds=60)).since[0, 0] == microseconds(NOW - timedelta(seconds=60))


def test_what_comes_back_forgets_its_time() -> None:
    levels = stepped(8, was_off(agree=1))

    assert (levels.since[0, 0], levels.seq[0, 0]) == (0, 0)


def test_a_pool_without_shops_has_nobody_for_its_last_units() -> None:
    nobody = Pool(name=PoolName("q"), mode=PoolMode.SHARED, warehouses=(WarehouseName("x"),), shops=())
    mine = Pool(name=P, mode=PoolMode.SHARED, warehouses=(WarehouseName("w"),), shops=(A,))
    rules = (rule({"warning_level": 5, "last_units": 1}),)

    levels = compute(
        make_book(state((cell("A", 4),), entry("A"), topology={"pools": (mine, nobody), "rules": rules}))
    ).levels

    assert not off(levels)


def test_the_shop_of_the_last_units_comes_back_at_once() -> None:
    assert not off(stepped(4, was_off(), values={"last_units": 1}))


def test_a_pool_that_was_never_heard_counts_no_snapshot() -> None:
    assert stepped(8, was_off(seq=0), sources={ERP: SourceState(name=ERP)}).agree[0, 0] == 0


def test_a_relist_level_below_the_warning_level_means_one_more() -> None:
    values = {"warning_level": 5, "relist_level": 2}

    assert (
        off(stepped(5, was_off(agree=1), values=values)),
        off(stepped(6, was_off(agree=1), values=values)),
    ) == (
        True,
        False,
    )


# --- the last units ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "has"),
    [((("a",), ("b",)), ["b"]), ((("b",), ("a",)), ["a"]), (((),), ["a"]), ((("a",), ()), ["a"])],
)
def test_of_several_shops_named_for_the_last_units_only_the_last_one_has_them(
    named: tuple[tuple[str, ...], ...], has: list[str]
) -> None:
    rules = [rule({"last_units": 1}, shops=tuple(map(ShopName, shops))) for shops in named]
    level = rule({"warning_level": 5})
    base = state({"A": 4}, entry("A"), entry("A", shop="b"), topology={"rules": (level, *rules)})
    levels = compute(make_book(base)).levels

    assert [shop for shop, is_off in zip("ab", levels.off[:, 0], strict=True) if not is_off] == has
