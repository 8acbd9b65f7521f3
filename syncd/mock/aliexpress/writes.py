"""The methods that set counters and put products on and off sale.

A counter is only ever set, never moved by a difference. What cannot be done fails for a whole product and
leaves all its SKUs as they were; in the batch the other products are written all the same. The words of the
failures are ours, all but the platform's own system error.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from syncd.mock.aliexpress.params import Params, Query, read_id
from syncd.mock.aliexpress.plan import Method, Plan, Row, Work
from syncd.mock.aliexpress.refusal import Failure, Refusal, invalid, no_product, not_permitted, throttled
from syncd.mock.aliexpress.state import AliexpressState
from syncd.mock.core import Call, Line
from syncd.mock.faults import Fault, FaultKind, Strikes
from syncd.mock.forms import read_whole

_MOST_PRODUCTS, _MOST_SKUS = 20, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be written to one product; `first` is the place of its first line in the call."""

    product: str
    lines: Sequence[Line]
    first: int = 0

    def struck(self, fault: Fault, n: int) -> bool:
        """Return True where the fault strikes this product, the n-th of its call."""
        if fault.ids:
            return any(line.id in fault.ids for line in self.lines)
        return n < max(fault.lines, 1)


class Writes:
    """The writing methods of one shop."""

    def __init__(self, state: AliexpressState) -> None:
        self._state = state

    def methods(self) -> dict[str, Method]:
        """Return each method by its name."""
        single = "aliexpress.postproduct.redefining"
        return {
            "aliexpress.solution.batch.product.inventory.update": self._batch,
            f"{single}.editsingleskustock": self._one_sku,
            f"{single}.editmutilpleskustocks": self._some_skus,
            f"{single}.onlineaeproduct": partial(self._switch, on_sale=True),
            f"{single}.offlineaeproduct": partial(self._switch, on_sale=False),
        }

    # --- counters ------------------------------------------------------------------------------------------

    def _batch(self, params: Params) -> Plan:
        wishes: list[Wish] = []
        for entry in params.objects("mutiple_product_update_list", _MOST_PRODUCTS):
            first = sum(len(wish.lines) for wish in wishes)
            wishes.append(self.read_wish(entry, first))

        def work(call: Call, strikes: Strikes) -> Row:
            done, failed = [], []
            for wish, failure in self._written(wishes, call, strikes):
                row = {"product_id": int(wish.product)}
                if failure is None:
                    done.append(row)
                else:
                    failed.append(row | self._told(failure))
            answer: Row = {"update_success": not failed}
            if failed:
                answer |= {"update_error_code": "BATCH_UPDATE_FAILED", "update_error_message": "see the list"}
            return answer | {"update_failed_list": failed, "update_successful_list": done}

        return _plan(wishes, work)

    def _one_sku(self, params: Params) -> Plan:
        product, sku = params.id("product_id"), params.text("sku_id")
        line = Line(self._state.listing_of(product, sku), "", "set", params.whole("ipm_sku_stock"), 0)
        return self._single(Wish(product=product, lines=[line]))

    def _some_skus(self, params: Params) -> Plan:
        product, stocks = params.id("product_id"), params.object("sku_stocks").values
        figures = {sku: read_whole(str(stock)) for sku, stock in stocks.items()}
        if not 1 <= len(figures) <= _MOST_SKUS:
            raise invalid("sku_stocks", f"an object of 1 to {_MOST_SKUS} SKUs")
        lines = []
        for sku, figure in figures.items():
            if figure is None:
                raise invalid("sku_stocks", "an object of whole numbers")
            lines.append(Line(self._state.listing_of(product, sku), "", "set", figure, 0))
        return self._single(Wish(product=product, lines=lines))

    def _single(self, wish: Wish) -> Plan:
        def work(call: Call, strikes: Strikes) -> Row:
            for _, failure in self._written([wish], call, strikes):
                if failure is not None:
                    return {"result": self._failed(failure)}
                done = {"success": True, "modify_count": len(wish.lines), "product_id": int(wish.product)}
                return {"result": done}
            return {}

        return _plan([wish], work)

    def read_wish(self, entry: Query, first: int = 0) -> Wish:
        """Return what an entry wants; a code of no SKU, or of several, is a problem of its line."""
        product = entry.id("product_id")
        lines = []
        for part in entry.objects("multiple_sku_update_list", _MOST_SKUS):
            code, figure = part.text("sku_code"), part.figure("inventory")
            found = [sku.id for sku in self._state.parts(product) if sku.code == code]
            problem = "" if len(found) == 1 else "SKU_CODE_NOT_UNIQUE" if found else "SKU_CODE_NOT_FOUND"
            lines.append(Line(found[0] if found else f"{product}/{code}", "", "set", figure, 0, problem))
        return Wish(product=product, lines=lines, first=first)

    def write(self, wish: Wish) -> None:
        """Write one product at once.

        Raises:
            Failure: it cannot be written, and stays as it was.
        """
        self._allow(wish)
        for line in wish.lines:
            self._state.write(line)

    def _written(
        self, wishes: Sequence[Wish], call: Call, strikes: Strikes
    ) -> list[tuple[Wish, Failure | None]]:
        """Write what can be, and return what the answer tells of each product that it does not leave out."""
        call.applied.extend([False] * sum(len(wish.lines) for wish in wishes))
        fault, throttle = strikes.get(FaultKind.PARTIAL), strikes.get(FaultKind.THROTTLE)
        # A limit is that of the call: one that names lines strikes the whole of it.
        if throttle and any(wish.struck(throttle, n) for n, wish in enumerate(wishes)):
            raise throttled(throttle.retry_after)
        told: list[tuple[Wish, Failure | None]] = []
        for n, wish in enumerate(wishes):
            struck = fault is not None and wish.struck(fault, n)
            failure = None if fault and struck and not fault.applied else self._tried(wish, call, strikes)
            if fault is None or not struck:
                told.append((wish, failure))
            elif fault.error:
                told.append((wish, _as_failure(fault)))
        return told

    def _tried(self, wish: Wish, call: Call, strikes: Strikes) -> Failure | None:
        try:
            self._allow(wish)
        except Failure as failure:
            return failure
        late = strikes.get(FaultKind.LATE_APPLY)
        for n, line in enumerate(wish.lines, start=wish.first):
            if late and late.seconds is not None and (not late.ids or line.id in late.ids):
                self._state.write_later(line, self._state.now() + timedelta(seconds=late.seconds))
                continue
            call.applied[n] = True
            self._state.write(line)
        return None

    def _allow(self, wish: Wish) -> None:
        if wish.product not in self._state.products:
            raise no_product(wish.product)
        if len({line.id for line in wish.lines}) < len(wish.lines):
            raise Failure("SKU_REPEATED", "a SKU stands twice in the call")
        for line in wish.lines:
            if line.problem:
                raise Failure(line.problem, "the code does not stand for one SKU of the product")
            if line.id not in self._state.listings:
                raise Failure("SKU_NOT_FOUND", "the product has no such SKU")
            if obstacle := self._state.obstacle(line):
                raise Failure(*obstacle)

    # --- on and off sale -----------------------------------------------------------------------------------

    def _switch(self, params: Params, *, on_sale: bool) -> Plan:
        parts = params.text("product_ids").split(";")
        products = tuple(dict.fromkeys(read_id(part, "product_ids") for part in parts))

        def work(call: Call, strikes: Strikes) -> Row:
            call.applied.extend([False] * len(products))
            if throttle := strikes.get(FaultKind.THROTTLE):
                raise throttled(throttle.retry_after)
            failures: list[Failure] = []
            done = 0
            for n, product in enumerate(products):
                fault = strikes.get(FaultKind.PARTIAL)
                struck = fault if fault and fault.strikes_line(product, n) else None
                try:
                    if struck is None or struck.applied:
                        self._turn(product, on_sale=on_sale)
                        call.applied[n] = True
                    _refuse(struck)
                except Failure as failure:
                    failures.append(failure)
                else:
                    done += struck is None
            return {"result": self._counted(done, failures)}

        return Plan(work=work, listings=products)

    def _counted(self, done: int, failures: Sequence[Failure]) -> Row:
        """Return the answer: a success as soon as one product was changed, with what became of the others."""
        if failures and not done:
            return self._failed(failures[0])
        told: Row = {"success": True, "modify_count": done}
        return told | ({"error_details": [failure.message for failure in failures]} if failures else {})

    def _turn(self, product_id: str, *, on_sale: bool) -> None:
        product = self._state.products.get(product_id)
        if product is None:
            raise no_product(product_id)
        if on_sale and self._state.status(product) in ("auditing", "editingRequired"):
            raise Failure("PRODUCT_NOT_PERMITTED", f"the product {product_id} is not free to be sold")
        if on_sale and not any(sku.quantity for sku in self._state.parts(product_id)):
            raise Failure("PRODUCT_WITHOUT_STOCK", f"the product {product_id} has nothing to sell")
        self._state.switch(product_id, on_sale=on_sale)

    # --- inside --------------------------------------------------------------------------------------------

    def _failed(self, failure: Failure) -> Row:
        told = self._told(failure)
        return {"success": False, "modify_count": 0, **told, "error_details": [failure.message]}

    def _told(self, failure: Failure) -> Row:
        return {"error_code": self._state.aliexpress.word(failure.code), "error_message": failure.message}


def read_content(text: str) -> Query:
    """Return the object that stands as JSON in an item of a feed."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise invalid("item_content", "JSON, an object")
    return Query(value, "item_content")


def _plan(wishes: Sequence[Wish], work: Work) -> Plan:
    lines = [line for wish in wishes for line in wish.lines]
    return Plan(
        work=work,
        listings=tuple(line.id for line in lines),
        quantities=tuple(line.value for line in lines),
    )


def _refuse(fault: Fault | None) -> None:
    if fault is not None and fault.error:
        raise _as_failure(fault)


def _as_failure(fault: Fault) -> Failure:
    """Return a fault's word as this platform says it of a product."""
    refusals: dict[str, Refusal] = {"throttled": throttled(fault.retry_after), "permission": not_permitted()}
    refusal = refusals.get(fault.error)
    if refusal is not None:
        raise refusal
    words = {"not_found": "PRODUCT_NOT_FOUND", "unknown": "16009999"}
    return Failure(words.get(fault.error, fault.error.upper()), "refused by the fault plan")
