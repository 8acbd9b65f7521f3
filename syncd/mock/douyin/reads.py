"""The methods that read products and SKUs.

A product that is not there is refused with the numbers of the batch call; the documents of reads give none.
"""

from collections.abc import Callable, Sequence

from syncd.mock.core import Call, Listing
from syncd.mock.damage import spoil, thin_out
from syncd.mock.douyin.params import Asked, to_unix
from syncd.mock.douyin.product import Product
from syncd.mock.douyin.refusal import BATCH, Word, business, gone, missing
from syncd.mock.douyin.state import DouyinState
from syncd.mock.douyin.wire import Method, Plan, Reply, Row
from syncd.mock.faults import Strikes

_ONLINE, _OFFLINE, _DELETED = 0, 1, 2
# Together the 10,000 rows beyond which the platform shows nothing without a cursor.
_MOST_ROWS, _MOST_PAGES = 100, 100
_NOT_LISTED = frozenset({"name", "reduce_type", "update_time"})


class Reads:
    """The reading methods of one shop."""

    def __init__(self, state: DouyinState, seed: int) -> None:
        self._state = state
        self._seed = seed

    def methods(self) -> dict[str, Method]:
        """Return each method by its path."""
        return {
            "/product/listV2": self._list,
            "/product/detail": self._detail,
            "/sku/list": self._skus,
            "/sku/stockNum": self._one,
            "/warehouse/list": self._warehouses,
        }

    # --- products ------------------------------------------------------------------------------------------

    def _list(self, asked: Asked) -> Plan:
        body = asked.body
        by_cursor = body.flag("use_cursor", default=False)
        size = body.whole("size", 20, least=1, most=_MOST_ROWS)
        page = 1 if by_cursor else body.whole("page", 1, least=1, most=_MOST_PAGES)
        begin = body.whole("cursor_id", 0) if by_cursor else (page - 1) * size
        shows = self._read_filter(asked)

        def work(_: Call, strikes: Strikes) -> Reply:
            found = [product for product in self._state.products.values() if shows(product)]
            rows = thin_out([self._list_row(one) for one in found], strikes, "product_id", self._seed)
            shown = rows[begin : begin + size]
            data = {
                "data": spoil(shown, strikes, "product_id"),
                "total": len(rows),
                "page": page,
                "size": size,
            }
            return Reply(data=data | ({"cursor_id": begin + len(shown)} if by_cursor else {}))

        return Plan(work=work, page=page)

    def _read_filter(self, asked: Asked) -> Callable[[Product], bool]:
        body = asked.body
        status = body.whole("status", most=_DELETED) if body.has("status") else None
        check = body.whole("check_status") if body.has("check_status") else None
        since, until = body.time("update_start_time"), body.time("update_end_time")

        def shows(product: Product) -> bool:
            return (
                (self._status(product) == status if status is not None else not product.deleted)
                and check in (None, product.check_status)
                and (since is None or product.updated >= since)
                and (until is None or product.updated < until)
            )

        return shows

    def _detail(self, asked: Asked) -> Plan:
        product_id = asked.body.id("product_id")

        def work(_: Call, strikes: Strikes) -> Reply:
            product = self._existing(product_id)
            rows = [self._spec_row(sku) for sku in self._state.skus(product_id)]
            return Reply(
                data=self._product_row(product) | {"spec_prices": self._damaged(rows, strikes, "sku_id")}
            )

        return Plan(work=work, listings=(product_id,))

    # --- SKUs ----------------------------------------------------------------------------------------------

    def _skus(self, asked: Asked) -> Plan:
        product_id = asked.body.id("product_id")

        def work(_: Call, strikes: Strikes) -> Reply:
            self._existing(product_id)
            rows = [self._sku_row(sku) for sku in self._state.skus(product_id)]
            return Reply(data=self._damaged(rows, strikes, "id"))

        return Plan(work=work, listings=(product_id,))

    def _one(self, asked: Asked) -> Plan:
        sku_id, code = asked.body.id("sku_id", ""), asked.body.text("code", "")
        if not sku_id and not code:
            raise missing("sku_id")

        def work(_: Call, strikes: Strikes) -> Reply:
            known = self._state.listings
            found = [known[sku_id]] if sku_id in known else []
            if not sku_id:
                found = [sku for sku in known.values() if sku.code == code]
            if not found:
                raise business(BATCH, Word.NOT_FOUND, "there is no such SKU")
            rows = self._damaged([self._sku_row(found[0])], strikes, "id")
            return Reply(data=rows[0] if rows else {})

        return Plan(work=work, listings=(sku_id,) if sku_id else ())

    def _warehouses(self, asked: Asked) -> Plan:
        page, size = asked.body.whole("page", 0), asked.body.whole("size", 20, least=1)
        data = {"warehouses": [], "total": 0, "page": page, "size": size}
        return Plan(work=lambda _, __: Reply(data=data), page=page)

    # --- rows ----------------------------------------------------------------------------------------------

    def _existing(self, product_id: str) -> Product:
        product = self._state.products.get(product_id)
        if product is None:
            raise gone(product_id)
        return product

    def _damaged(self, rows: Sequence[Row], strikes: Strikes, name: str) -> list[Row]:
        return spoil(thin_out(rows, strikes, name, self._seed), strikes, "stock_num")

    def _status(self, product: Product) -> int:
        if product.deleted:
            return _DELETED
        return _ONLINE if self._state.on_sale(product.id) else _OFFLINE

    def _list_row(self, product: Product) -> Row:
        row = self._product_row(product)
        hidden = _NOT_LISTED if self._state.douyin.terse else frozenset()
        return {name: value for name, value in row.items() if name not in hidden}

    def _product_row(self, product: Product) -> Row:
        return {
            "product_id": int(product.id),
            "product_id_str": product.id,
            "outer_product_id": "",
            "out_product_id": 0,
            "name": self._state.skus(product.id)[0].title,
            "status": self._status(product),
            "check_status": product.check_status,
            "reduce_type": product.reduce_type,
            "update_time": to_unix(product.updated),
        }

    def _figures(self, sku: Listing) -> Row:
        product = self._state.products[sku.item]
        return {
            "code": sku.code,
            "out_sku_id": 0,
            "outer_sku_id": sku.code,
            "sku_type": 1 if product.regional else 0,
            "stock_num": sku.quantity,
            "prom_stock_num": product.activity.get(sku.id, 0),
            "step_stock_num": 0,
        }

    def _spec_row(self, sku: Listing) -> Row:
        held = {"lock_stock_num": sku.withheld, "lock_step_stock_num": 0, "stock_num_map": {}}
        return {"sku_id": int(sku.id), **self._figures(sku), **held}

    def _sku_row(self, sku: Listing) -> Row:
        figures = self._figures(sku)
        return {
            "id": int(sku.id),
            "product_id": int(sku.item),
            **figures,
            "prehold_stock_num": sku.withheld,
            "channel_stock_num": 0,
            "normal_stock_num": sku.quantity - figures["prom_stock_num"],
            "stock_map": {},
            "prehold_stock_map": {},
        }
