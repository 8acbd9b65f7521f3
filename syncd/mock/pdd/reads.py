"""The interfaces that read goods and SKUs.

A list shows no deleted goods. Which page size is usual is told for orders only; the same is taken here.
"""

from collections.abc import Callable, Mapping, Sequence

from syncd.mock.core import Call, Listing
from syncd.mock.damage import spoil, thin_out
from syncd.mock.faults import FaultKind, Strikes
from syncd.mock.pdd.goods import Goods
from syncd.mock.pdd.params import Params
from syncd.mock.pdd.plan import Interface, Plan, Row
from syncd.mock.pdd.refusal import invalid, refused
from syncd.mock.pdd.state import PddState

ON, OFF, SOLD_OUT, DELETED = 1, 2, 3, 4
"""What `status` says of goods."""

_MOST_ROWS = 100
_MOST_CODES = 10
_DAMAGES_OF_SKUS = (FaultKind.BAD_NUMBERS,)


class Reads:
    """The reading interfaces of one shop."""

    def __init__(self, state: PddState, seed: int) -> None:
        self._state = state
        self._seed = seed

    def interfaces(self) -> Mapping[str, Interface]:
        """Return each interface by its type."""
        return {
            "pdd.goods.list.get": self._list,
            "pdd.goods.detail.get": self._detail,
            "pdd.goods.skus.get": self._sku,
        }

    # --- pages ---------------------------------------------------------------------------------------------

    def _list(self, params: Params) -> Plan:
        page, size = read_page(params)
        shows = self._read_filter(params)

        def work(_: Call, strikes: Strikes) -> Row:
            found = [one for one in self._state.goods.values() if not one.deleted and shows(one)]
            left = self._thinned(found, strikes)
            part = left[(page - 1) * size : page * size]
            return {"total_count": len(left), "goods_list": self._rows(part, strikes)}

        return Plan(work=work, page=page)

    def _read_filter(self, params: Params) -> Callable[[Goods], bool]:
        """Return which goods are asked for: of the first three wishes only the first one counts."""
        codes = params.text("outer_goods_id", "")
        wanted = frozenset(codes.split(",")) if codes else frozenset()
        if len(wanted) > _MOST_CODES:
            raise invalid("outer_goods_id", f"at most {_MOST_CODES} codes")
        first = self._read_first_wish(params)
        return lambda goods: first(goods) and (not wanted or goods.outer_id in wanted)

    def _read_first_wish(self, params: Params) -> Callable[[Goods], bool]:
        if params.text("is_onsale", ""):
            on_sale = bool(params.one_of("is_onsale", (0, 1)))
            return lambda goods: goods.on_sale == on_sale
        if code := params.text("outer_id", ""):
            return lambda goods: any(sku.code == code for sku in self._state.skus(goods.id))
        name = params.text("goods_name", "")
        return lambda goods: name in self._title(goods)

    def _rows(self, goods: Sequence[Goods], strikes: Strikes) -> list[Row]:
        # The figures that count are those of SKUs; one article with bad ones is enough.
        damage = {kind: strikes[kind] for kind in _DAMAGES_OF_SKUS if kind in strikes}
        other = {kind: strikes[kind] for kind in strikes if kind not in damage}
        rows = [self._row(one, {} if n else damage) for n, one in enumerate(goods)]
        return spoil(rows, other, "goods_quantity")

    def _row(self, goods: Goods, damage: Strikes) -> Row:
        skus = self._state.skus(goods.id)
        return {
            "goods_id": int(goods.id),
            "goods_name": self._title(goods),
            "goods_quantity": sum(sku.quantity for sku in skus),
            "goods_reserve_quantity": sum(sku.withheld for sku in skus),
            "is_onsale": int(goods.on_sale),
            "is_more_sku": int(len(skus) > 1),
            "sku_list": spoil([self._sku_row(goods, sku) for sku in skus], damage, "sku_quantity"),
        }

    def _sku_row(self, goods: Goods, sku: Listing) -> Row:
        return {
            "sku_id": int(sku.id),
            "sku_quantity": sku.quantity,
            "reserve_quantity": sku.withheld,
            "outer_id": sku.code,
            "outer_goods_id": goods.outer_id,
            "is_sku_onsale": int(sku.id not in goods.off),
            "spec": f"颜色:{sku.code}",
        }

    def _thinned(self, goods: Sequence[Goods], strikes: Strikes) -> Sequence[Goods]:
        if not strikes:
            return goods
        names = thin_out([{"goods_id": one.id} for one in goods], strikes, "goods_id", self._seed)
        return [self._state.goods[row["goods_id"]] for row in names]

    # --- one -----------------------------------------------------------------------------------------------

    def _detail(self, params: Params) -> Plan:
        goods_id = params.id("goods_id")

        def work(_: Call, strikes: Strikes) -> Row:
            goods = self._existing(goods_id, strikes)
            rows = [_own_row(goods, sku) for sku in self._state.skus(goods_id)]
            return {
                "goods_id": int(goods_id),
                "goods_name": self._title(goods),
                "outer_goods_id": goods.outer_id,
                "status": self._status(goods),
                "sku_list": spoil(rows, strikes, "quantity"),
            }

        return Plan(work=work, listings=(goods_id,))

    def _sku(self, params: Params) -> Plan:
        goods_id, sku_id = params.id("goods_id"), params.id("sku_id")

        def work(_: Call, strikes: Strikes) -> Row:
            goods = self._existing(goods_id, strikes)
            sku = self._state.listings.get(sku_id)
            if goods.deleted or sku is None or sku.item != goods_id:
                raise refused("SKU_NOT_FOUND", f"the goods have no SKU {sku_id}")
            rows = spoil([_own_row(goods, sku)], strikes, "quantity")
            return rows[0] if rows else {}

        return Plan(work=work, listings=(sku_id,))

    def _existing(self, goods_id: str, strikes: Strikes) -> Goods:
        goods = self._state.goods.get(goods_id)
        if goods is None or FaultKind.EMPTY in strikes:
            raise refused("GOODS_NOT_FOUND", f"there are no goods {goods_id}")
        return goods

    def _status(self, goods: Goods) -> int:
        if goods.deleted:
            return DELETED
        if not goods.on_sale:
            return OFF
        return ON if any(sku.quantity for sku in self._state.skus(goods.id)) else SOLD_OUT

    def _title(self, goods: Goods) -> str:
        return self._state.skus(goods.id)[0].title


def read_page(params: Params) -> tuple[int, int]:
    """Return which page is asked for, counted from 1, and how many rows it holds."""
    page = params.whole("page", 1, least=1)
    return page, params.whole("page_size", _MOST_ROWS, least=1, most=_MOST_ROWS)


def _own_row(goods: Goods, sku: Listing) -> Row:
    return {
        "sku_id": int(sku.id),
        "quantity": sku.quantity,
        "reserve_quantity": sku.withheld,
        "out_sku_sn": sku.code,
        "is_onsale": int(sku.id not in goods.off),
    }
