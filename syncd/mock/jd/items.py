"""The methods that read wares and SKUs, and the one that puts a ware on sale or takes it off.

A row shows the fields that were asked for, all of them where none were. The status of a ware is told as
`status` and as `wareStatus`, for the document does not name the field. Rows are damaged by the faults before
they lose fields. `skuStatuValue` is taken and filters nothing: no document says what its values mean.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from syncd.mock.core import Call, Listing
from syncd.mock.damage import spoil, thin_out
from syncd.mock.faults import FaultKind, Strikes
from syncd.mock.forms import show_local
from syncd.mock.jd.params import Business
from syncd.mock.jd.refusal import Refusal, foreign, invalid
from syncd.mock.jd.settings import Ware
from syncd.mock.jd.state import JdState
from syncd.mock.jd.wire import Plan, Row

UP, DOWN = 1, 2
"""The values of `opType`; a second-hand source has them."""

_USUAL_ROWS, _MOST_WARES, _MOST_SKUS = 20, 50, 100
_DEEPEST_ROW = 100_000


class Items:
    """The methods of one shop's wares and SKUs."""

    def __init__(self, state: JdState, seed: int) -> None:
        self._state = state
        self._seed = seed

    def methods(self) -> dict[str, Callable[[Business], Plan]]:
        """Return each method by its name."""
        return {
            "jingdong.ware.read.searchWare4Valid": self._search_wares,
            "jingdong.sku.read.searchSkuList": self._search_skus,
            "jingdong.sku.read.findSkuById": self._sku,
            "jingdong.ware.write.upOrDown": self._switch,
            "jingdong.vender.shop.query": self._shop,
        }

    # --- pages ---------------------------------------------------------------------------------------------

    def _search_wares(self, asked: Business) -> Plan:
        page, size = _read_page(asked, "pageSize", _MOST_WARES)
        ids, key = set(asked.ids("wareId")), asked.text("searchKey", "")
        since, until = asked.time("startModifiedTime"), asked.time("endModifiedTime")

        def shows(ware: Ware) -> bool:
            return (
                (not ids or ware.id in ids)
                and (since is None or ware.modified >= since)
                and (until is None or ware.modified <= until)
                and (not key or key in self._title(ware) or key == ware.outer_id)
            )

        def work(_: Call, strikes: Strikes) -> Row:
            rows = [self._ware_row(ware) for ware in self._state.wares.values() if shows(ware)]
            left = thin_out(rows, strikes, "wareId", self._seed)
            return _paged(left, page, size, asked, strikes)

        return Plan(work=work, page=page)

    def _search_skus(self, asked: Business) -> Plan:
        page, size = _read_page(asked, "page_size", _MOST_SKUS)
        skus, wares = set(asked.ids("skuId")), set(asked.ids("wareId"))

        def work(_: Call, strikes: Strikes) -> Row:
            rows = [
                self._sku_row(sku)
                for sku in self._state.order
                if (not skus or sku.id in skus) and (not wares or sku.item in wares)
            ]
            left = thin_out(rows, strikes, "skuId", self._seed)
            return _paged(left, page, size, asked, strikes)

        return Plan(work=work, page=page, listings=asked.ids("skuId"))

    def _sku(self, asked: Business) -> Plan:
        sku_id = asked.id("skuId")

        def work(_: Call, strikes: Strikes) -> Row:
            sku = self._state.listings.get(sku_id)
            if sku is None or FaultKind.EMPTY in strikes:
                raise foreign("skuId")
            rows = spoil([self._sku_row(sku)], strikes, "stockNum")
            return {"sku": _only(rows[0], asked)} if rows else {}

        return Plan(work=work, listings=(sku_id,))

    # --- on and off sale, and the shop ---------------------------------------------------------------------

    def _switch(self, asked: Business) -> Plan:
        ware_id = asked.id("wareId")
        up = asked.whole("opType", least=UP, most=DOWN) == UP
        return Plan(work=partial(self._put, ware_id, up), listings=(ware_id,))

    def _put(self, ware_id: str, up: bool, call: Call, strikes: Strikes) -> Row:  # noqa: FBT001 - for partial
        call.applied.append(False)
        if ware_id not in self._state.wares:
            raise foreign("wareId")
        if FaultKind.THROTTLE in strikes:
            raise Refusal(2)
        if up and any(sku.off_reason == "violation" for sku in self._state.skus(ware_id)):
            return {"success": False, "errorMessage": "商品因违规下架, 不能上架"}
        fault = strikes.get(FaultKind.PARTIAL)
        if fault is None or fault.applied:
            self._state.switch(ware_id, on_sale=up)
            call.applied[0] = True
        if fault is None:
            return {"success": True}
        if fault.error == "not_found":
            raise foreign("wareId")
        return {"success": False, "errorMessage": fault.error} if fault.error else {}

    def _shop(self, _asked: Business) -> Plan:
        shop = {"shop_id": 90001, "vender_id": 80001, "shop_name": "mock-shop"}
        return Plan(work=lambda _call, _strikes: {"shop_jos_result": shop})

    # --- rows ----------------------------------------------------------------------------------------------

    def _ware_row(self, ware: Ware) -> Row:
        status = self._state.status(ware.id)
        return {
            "wareId": int(ware.id),
            "title": self._title(ware),
            "outerId": ware.outer_id,
            "status": status,
            "wareStatus": status,
            "stockNum": sum(sku.quantity for sku in self._state.skus(ware.id)),
            "modified": show_local(ware.modified),
        }

    def _sku_row(self, sku: Listing) -> Row:
        return {
            "wareId": int(sku.item),
            "skuId": int(sku.id),
            "outerId": sku.code,
            "stockNum": sku.quantity,
            "status": self._state.status(sku.item),
            "jdPrice": "9.90",
            "barCode": "",
            "enable": 1,
            "modified": show_local(self._state.wares[sku.item].modified),
        }

    def _title(self, ware: Ware) -> str:
        return self._state.skus(ware.id)[0].title


def _read_page(asked: Business, size_name: str, most: int) -> tuple[int, int]:
    page = asked.whole("pageNo", 1, least=1)
    size = asked.whole(size_name, _USUAL_ROWS, least=1, most=most)
    if page * size > _DEEPEST_ROW:
        raise invalid("pageNo", f"a page within the first {_DEEPEST_ROW} rows")
    return page, size


def _paged(rows: Sequence[Row], page: int, size: int, asked: Business, strikes: Strikes) -> Row:
    shown = spoil(rows[(page - 1) * size : page * size], strikes, "stockNum")
    data = [_only(row, asked) for row in shown]
    return {"page": {"data": data, "pageNo": page, "pageSize": size, "totalItem": len(rows)}}


def _only(row: Row, asked: Business) -> Row:
    """Return the row with its ids and the fields that were asked for."""
    fields: Iterable[str] = asked.names("field", "") or row
    shown = {"wareId", "skuId", *fields}
    return {name: value for name, value in row.items() if name in shown}
