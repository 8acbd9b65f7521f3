"""The methods that read products and who the seller is.

Rows show what the documents name, and hardly more: a product's page says which of its SKUs have what, the
lists say which products are on sale.
"""

from collections.abc import Callable, Sequence

from syncd.mock.aliexpress.params import Params, Query, show_pacific
from syncd.mock.aliexpress.plan import Method, Plan, Row
from syncd.mock.aliexpress.product import Product, sku_id
from syncd.mock.aliexpress.refusal import Refusal
from syncd.mock.aliexpress.state import SHOWN, AliexpressState
from syncd.mock.core import Call, Listing
from syncd.mock.damage import spoil, thin_out
from syncd.mock.faults import Strikes

_USUAL_ROWS, _MOST_ROWS = 20, 99
_MOST_PAGES = 10_000


class Reads:
    """The reading methods of one shop's products."""

    def __init__(self, state: AliexpressState, seed: int) -> None:
        self._state = state
        self._seed = seed

    def methods(self) -> dict[str, Method]:
        """Return each method by its name."""
        return {
            "aliexpress.solution.product.list.get": self._list,
            "aliexpress.solution.product.info.get": self._one,
            "aliexpress.solution.merchant.profile.get": self._seller,
        }

    # --- pages ---------------------------------------------------------------------------------------------

    def _list(self, params: Params) -> Plan:
        query = params.object("aeop_a_e_product_list_query")
        page = query.whole("current_page", 1, least=1, most=_MOST_PAGES)
        size = query.whole("page_size", _USUAL_ROWS, least=1, most=_MOST_ROWS)
        shows = self._read_filter(query)

        def work(_: Call, strikes: Strikes) -> Row:
            found = [product for product in self._state.products.values() if shows(product)]
            found.sort(key=lambda product: (product.modified, product.id), reverse=True)
            left = self._thinned(found, strikes)
            rows = [self._row(product) for product in left[(page - 1) * size : page * size]]
            result = {
                "success": True,
                "product_count": len(left),
                "current_page": page,
                "total_page": -(-len(left) // size),
                "aeop_a_e_product_display_d_t_o_list": spoil(rows, strikes, "product_id"),
            }
            return {"result": result}

        return Plan(work=work, page=page)

    def _read_filter(self, query: Query) -> Callable[[Product], bool]:
        status = query.text("product_status_type")
        if status not in SHOWN:
            raise query.wrong("product_status_type", f"one of {', '.join(SHOWN)}")
        since, until = query.time("gmt_modified_start"), query.time("gmt_modified_end")
        code = query.text("sku_code") if query.has("sku_code") else ""
        return lambda product: (
            self._state.status(product) == status
            and (since is None or product.modified >= since)
            and (until is None or product.modified <= until)
            and (not code or any(sku.code == code for sku in self._state.parts(product.id)))
        )

    def _thinned(self, products: Sequence[Product], strikes: Strikes) -> Sequence[Product]:
        if not strikes:
            return products
        names = thin_out([{"id": product.id} for product in products], strikes, "id", self._seed)
        return [self._state.products[row["id"]] for row in names]

    def _row(self, product: Product) -> Row:
        return {
            "product_id": int(product.id),
            "subject": self._state.parts(product.id)[0].title,
            "gmt_create": show_pacific(product.created),
            "gmt_modified": show_pacific(product.modified),
        }

    # --- one -----------------------------------------------------------------------------------------------

    def _one(self, params: Params) -> Plan:
        product_id = params.id("product_id")

        def work(_: Call, strikes: Strikes) -> Row:
            product = self._state.products.get(product_id)
            if product is None:
                raise Refusal("PRODUCT_NOT_FOUND", f"there is no product {product_id}", of_service=True)
            parts = thin_out(
                [{"id": one.id} for one in self._state.parts(product_id)], strikes, "id", self._seed
            )
            skus = [self._sku_row(self._state.listings[row["id"]]) for row in parts]
            status = {"product_status_type": self._state.status(product)}
            result = {
                **(status if self._state.aliexpress.shows_status else {}),
                "product_id": int(product_id),
                "subject": self._state.parts(product_id)[0].title,
                "reduce_strategy": product.reduce_strategy,
                "aeop_ae_product_s_k_us": spoil(skus, strikes, "ipm_sku_stock"),
            }
            return {"result": result}

        return Plan(work=work, listings=(product_id,))

    def _sku_row(self, sku: Listing) -> Row:
        row: Row = {
            "id": sku_id(sku),
            "sku_code": sku.code,
            "sku_price": "9.90",
            "sku_stock": sku.quantity > 0,
        }
        shown = sku.quantity > 0 or self._state.aliexpress.shows_zero
        return row | ({"ipm_sku_stock": sku.quantity} if shown else {})

    def _seller(self, _: Params) -> Plan:
        return Plan(work=lambda _call, _strikes: {"shop_id": int(self._state.aliexpress.shop_id)})
