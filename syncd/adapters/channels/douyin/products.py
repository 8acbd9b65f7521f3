"""Reading what a shop sells: its list of products, and the SKUs of each."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from syncd.adapters.channels.douyin.client import DouyinClient, DouyinRefused
from syncd.adapters.channels.douyin.reading import Product, listings_of
from syncd.adapters.channels.douyin.settings import DouyinSettings
from syncd.adapters.http import expecting
from syncd.adapters.wire.countdown import Window
from syncd.adapters.wire.values import id_text, objects, whole
from syncd.domain.model import ObservedListing
from syncd.errors import Kind, PortError

LIST, DETAIL, SKUS = "/product/listV2", "/product/detail", "/sku/list"

_DEEPEST = 10_000
_MOST_PAGES = 100
"""A list of products shows no more than either."""

_FIRST = datetime(2010, 1, 1, tzinfo=UTC)
"""Before any product of the platform was changed."""

_SKEW = timedelta(minutes=10)
_MOST_PASSES = 3
_MOST_FAILED = 10

Rows = Sequence[Mapping[str, Any]]


class _Page(NamedTuple):
    """A page of the list of products: its rows, their ids, and how many the whole list is said to have."""

    rows: Rows
    ids: Sequence[str]
    total: int


class Products:
    """The products of one shop, with a call or two for each."""

    def __init__(
        self, settings: DouyinSettings, name: str, client: DouyinClient, *, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._name = name
        self._client = client
        self._now = now
        self._deepest = min(_DEEPEST, _MOST_PAGES * settings.page_size)

    async def everything(self) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield the listings of all products, a product at a time; of deleted ones none.

        Raises:
            PortError: a call failed, or the list showed fewer products than it told of. One product that
                cannot be read stops none of the others: its error comes after them.
        """
        began = self._now() - _SKEW
        seen: set[str] = set()
        failed: list[PortError] = []
        async for found in self._list(None):
            async for shown in self._new(found, seen, failed):
                yield shown
        # What was changed while the list was read may have moved in it, and been missed.
        async for found in self._list(Window(began, self._now() + _SKEW)):
            async for shown in self._new(found, seen, failed):
                yield shown
        if failed:
            raise failed[0]

    async def these(self, products: Iterable[str]) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield the listings of the named products, one at a time; one that the platform denies has none.

        Raises:
            PortError: a call failed; as in `everything`.
        """
        failed: list[PortError] = []
        for product_id in products:
            shown = await self._read(Product(id=product_id), failed)
            if shown:
                yield shown
        if failed:
            raise failed[0]

    async def product(self, product_id: str) -> Product:
        """Return what the details of a product say of it.

        Raises:
            PortError: the call failed.
        """
        said = await self._client.call(DETAIL, {"product_id": int(product_id)}, writes=False)
        with expecting(f"{self._name}: {DETAIL}"):
            return Product.read(said.object, product_id)

    # --- the list ------------------------------------------------------------------------------------------

    async def _list(self, window: Window | None) -> AsyncIterator[Rows]:
        """Yield the pages of the products changed in a time, of all of them without one.

        A list of more products than pages can show is cut by the time of their last change.
        """
        pending = [window]
        while pending:
            span = pending.pop()
            first = await self._page(_params(span), 1)
            if first.total > self._deepest:
                pending += self._parts(span)[::-1]
                continue
            async for found in self._walk(span, first):
                yield found

    def _parts(self, window: Window | None) -> Sequence[Window]:
        parts = [Window(_FIRST, self._now() + _SKEW)] if window is None else window.halves()
        if parts is None:
            message = f"more than {self._deepest} products changed in one second, and no list shows so many"
            raise PortError(Kind.REJECTED, f"{self._name}: {LIST}: {message}")
        return parts

    async def _walk(self, window: Window | None, first: "_Page") -> AsyncIterator[Rows]:
        """Yield every page of a list that begins with `first`.

        One that lost products while it was read, which pulls others past the page that comes next, is read
        once more.

        Raises:
            PortError: it does not come to rest, or never ends.
        """
        page: _Page | None = first
        most, seen = 0, set[str]()
        for _ in range(_MOST_PASSES):
            most, seen, number, is_over = 0, set(), 0, False
            while not is_over:
                number += 1
                page = page or await self._page(_params(window), number)
                yield page.rows
                seen.update(page.ids)
                most, is_over = max(most, page.total), number * self._settings.page_size >= page.total
                page = None
                self._check(number)
            if len(seen) >= most:
                return
        message = f"the list tells of {most} products but shows {len(seen)}; it is read again later"
        raise PortError(Kind.TRANSIENT, f"{self._name}: {LIST}: {message}")

    def _check(self, pages: int) -> None:
        if pages > self._settings.max_pages:
            message = "more pages than max_pages; raise it if the shop is really so large"
            raise PortError(Kind.REJECTED, f"{self._name}: {LIST}: {message}")

    async def _page(self, params: Mapping[str, Any], number: int) -> "_Page":
        asked = {**params, "page": number, "size": self._settings.page_size}
        said = await self._client.call(LIST, asked, writes=False)
        with expecting(f"{self._name}: {LIST}"):
            found, total = objects(said.object.get("data")), whole(said.object["total"])
            if total is None:
                raise ValueError("total is no whole number")
            return _Page(found, [id_text(row["product_id"]) for row in found], total)

    # --- one product ---------------------------------------------------------------------------------------

    async def _new(
        self, found: Rows, seen: set[str], failed: list[PortError]
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield the listings of the products on a page that were not read yet."""
        with expecting(f"{self._name}: {LIST}"):
            products = [Product.read(row, id_text(row["product_id"])) for row in found]
        for product in products:
            if product.id in seen:
                continue
            seen.add(product.id)
            shown = [] if product.deleted else await self._read(product, failed)
            if shown:
                yield shown

    async def _read(self, product: Product, failed: list[PortError]) -> Sequence[ObservedListing]:
        """Return the listings of a product, none if the platform says that it does not exist.

        A refusal that speaks of this product only is added to `failed`.
        """
        try:
            return await self._listings(product)
        except PortError as error:
            refused = isinstance(error, DouyinRefused)
            if refused and error.kind is Kind.NOT_FOUND:
                return []
            # What is not understood may be a matter of this product; what fails every call is not.
            one = error.kind is Kind.UNKNOWN or (refused and error.kind is Kind.REJECTED)
            if not one or len(failed) >= _MOST_FAILED:
                raise
            failed.append(PortError(error.kind, f"{error} (product {product.id})"))
            return []

    async def _listings(self, product: Product) -> Sequence[ObservedListing]:
        if self._settings.reads_details:
            product = product.with_details(await self.product(product.id))
            if product.deleted:
                return []
        said = await self._client.call(SKUS, {"product_id": int(product.id)}, writes=False)
        place = f"{self._name}: {SKUS}: product {product.id}"
        with expecting(place):
            skus = objects(said.data)
            found = list(
                listings_of(
                    product,
                    skus,
                    counter=self._settings.counter,
                    deducts_at=self._settings.deducts_at,
                )
            )
        if not skus:
            # Silence is no word that they are gone.
            raise PortError(Kind.UNKNOWN, f"{place}: it shows no SKUs")
        return found


def _params(window: Window | None) -> dict[str, int]:
    if window is None:
        return {}
    # The end is not part of a time of the platform's.
    begin, end = int(window.begin.timestamp()), int(window.end.timestamp()) + 1
    return {"update_start_time": begin, "update_end_time": end}
