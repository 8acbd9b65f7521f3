"""What is sold beyond what is there, over whole days of sales: the books of one SKU always balance."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.book import State, make_book
from syncd.domain.model import ShopName, Sku
from syncd.domain.pipeline import Figures, compute
from syncd.domain.records import ClaimRow, ExtraRow, ShareRow
from syncd.domain.topology import PoolMode
from tests.unit.domain.cases import NOW
from tests.unit.domain.desk import A, B, P, cell, entry, rule, state

SKU = Sku("A")
SHOPS = (A, B)


class Sale(NamedTuple):
    """Units that one buyer wants in one shop."""

    shop: ShopName
    units: int


class Import(NamedTuple):
    """The ERP learns of all open claims."""


class Receipt(NamedTuple):
    """Units come in, or go where negative: broken, or sold elsewhere."""

    units: int


Step = Sale | Import | Receipt

sales = st.builds(Sale, st.sampled_from(SHOPS), st.integers(1, 6))
days = st.lists(
    st.one_of(sales, sales, st.just(Import()), st.builds(Receipt, st.integers(-3, 5))), max_size=15
)
allowances = st.fixed_dictionaries({shop: st.integers(0, 6) for shop in SHOPS})
settings_ = st.sampled_from(("extra", "floor"))


@dataclass
class Desk:
    """One SKU in one pool: cycle after cycle every shop shows what it should at once."""

    mode: PoolMode
    on_hand: int
    most: dict[ShopName, int]
    setting: str = "extra"
    virtual: int = 0
    ordered: int = 0
    claims: list[ClaimRow] = field(default_factory=list)
    shares: tuple[ShareRow, ...] = ()
    extras: tuple[ExtraRow, ...] = ()
    shown: dict[ShopName, int] = field(default_factory=lambda: dict.fromkeys(SHOPS, 0))
    sold: int = 0

    def cycle(self, sold: dict[ShopName, int] | None = None) -> Figures:
        figures = compute(make_book(self._state(sold or {})))
        base = figures.shares.base[:, 0].tolist()
        if self.mode is PoolMode.SPLIT:
            self.shares = tuple(ShareRow(P, shop, SKU, u, None) for shop, u in zip(SHOPS, base, strict=True))
        self.extras = figures.virtual.extras.rows
        quantity = figures.shares.quantity[:, 0].tolist()
        self.shown = dict(zip(SHOPS, quantity, strict=True))
        return figures

    def sell(self, sale: Sale) -> None:
        units = min(sale.units, self.shown[sale.shop])
        self.shown[sale.shop] -= units
        self.sold += units
        if units:
            self.claims.append(ClaimRow(sale.shop, f"{len(self.claims)}-{self.sold}", SKU, "", units, NOW))
        self.cycle({sale.shop: units})

    def take(self, step: Step) -> None:
        if isinstance(step, Sale):
            self.sell(step)
            return
        if isinstance(step, Import):
            self.ordered += sum(claim.units for claim in self.claims)
            self.claims = []
        else:
            self.on_hand = max(self.on_hand + step.units, 0)
        self.cycle()

    @property
    def used(self) -> dict[ShopName, int]:
        return {shop: sum(row.units for row in self.extras if row.shop == shop) for shop in SHOPS}

    def _state(self, sold: dict[ShopName, int]) -> State:
        rules = tuple(
            rule({self.setting: units}, name=f"shops.{shop}", shops=(shop,))
            for shop, units in self.most.items()
        )
        base = state(
            (cell("A", self.on_hand, allocated=self.ordered, virtual=self.virtual),),
            *(entry("A", self.shown[shop], shop=shop) for shop in SHOPS),
            topology={"rules": rules},
            pool={"mode": self.mode},
        )
        return replace(
            base,
            claims=tuple(self.claims),
            shares=self.shares,
            extras=self.extras,
            sold={(shop, SKU): units for shop, units in sold.items()},
        )


def opened(mode: PoolMode, on_hand: int, most: dict[ShopName, int], setting: str, virtual: int = 0) -> Desk:
    desk = Desk(mode=mode, on_hand=on_hand, most=most, setting=setting, virtual=virtual)
    for _ in range(3):
        desk.cycle()
    return desk


@given(st.sampled_from(PoolMode), st.integers(0, 12), allowances, settings_, days)
def test_a_shop_never_uses_up_more_than_it_may_sell_beyond_what_is_there(
    mode: PoolMode, on_hand: int, most: dict[ShopName, int], setting: str, day: list[Step]
) -> None:
    desk = opened(mode, on_hand, most, setting)
    for step in day:
        desk.take(step)
        assert all(0 <= desk.used[shop] <= most[shop] for shop in SHOPS)
        assert sum(desk.used.values()) >= min(
            max(desk.sold - desk.on_hand - desk.virtual, 0), sum(most.values())
        )


@given(st.integers(0, 12), allowances, settings_, st.integers(0, 5), st.lists(sales | st.just(Import())))
def test_of_a_split_pool_no_more_is_ever_sold_than_there_is_and_may_be_sold_beyond(
    on_hand: int, most: dict[ShopName, int], setting: str, virtual: int, day: list[Sale | Import]
) -> None:
    desk = opened(PoolMode.SPLIT, on_hand, most, setting, virtual)
    for step in day:
        desk.take(step)
        # What is sold and what could be sold now: every unit is in one place only.
        assert desk.sold + sum(desk.shown.values()) <= on_hand + virtual + sum(most.values())


@given(st.integers(0, 12), allowances, st.lists(sales | st.just(Import())))
def test_a_sale_in_a_split_pool_lowers_nobody_else(
    on_hand: int, most: dict[ShopName, int], day: list[Sale | Import]
) -> None:
    desk = opened(PoolMode.SPLIT, on_hand, most, "extra")
    for step in day:
        before = dict(desk.shown)
        desk.take(step)
        others = [shop for shop in SHOPS if not isinstance(step, Sale) or shop != step.shop]
        assert all(desk.shown[shop] == before[shop] for shop in others)


@given(st.integers(0, 12), allowances, st.integers(0, 5), st.lists(sales | st.just(Import())))
def test_sold_one_after_the_other_a_shared_pool_sells_what_there_is_and_may_be_sold_beyond(
    on_hand: int, most: dict[ShopName, int], virtual: int, day: list[Sale | Import]
) -> None:
    desk = opened(PoolMode.SHARED, on_hand, most, "extra", virtual)
    for step in [*day, *(Sale(shop, 100) for shop in SHOPS)]:
        desk.take(step)

    assert desk.sold == on_hand + virtual + sum(most.values())


@given(st.sampled_from(PoolMode), st.integers(0, 12), allowances, settings_, days)
def test_what_is_received_for_all_that_was_sold_gives_everything_back(
    mode: PoolMode, on_hand: int, most: dict[ShopName, int], setting: str, day: list[Step]
) -> None:
    desk = opened(mode, on_hand, most, setting)
    for step in day:
        desk.take(step)
    desk.take(Receipt(desk.sold + 20))

    assert desk.extras == ()


@given(st.sampled_from(PoolMode), st.integers(0, 12), allowances, days)
def test_what_is_oversold_on_extra_is_not_told_as_oversold(
    mode: PoolMode, on_hand: int, most: dict[ShopName, int], day: list[Step]
) -> None:
    desk = opened(mode, on_hand, most, "extra")
    for step in day:
        desk.take(step)
    pools = desk.cycle().pools
    beyond = max(desk.sold - desk.on_hand, 0)

    assert int(pools.oversold[0, 0]) == max(beyond - int(pools.on_extra[0, 0]), 0)
