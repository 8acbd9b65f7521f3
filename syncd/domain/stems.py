"""Which SKU the codes of unsellable units belong to."""

from collections.abc import Sequence

from syncd.domain.book import Book
from syncd.domain.model import Sku


class Stems:
    """The codes of a book that are folded into others; `are_plain` where each has one stem."""

    def __init__(self, book: Book) -> None:
        suffixes = {source.unsellable_suffix for source in book.topology.sources} - {""}
        self._folded = book.folded
        self._suffix = next(iter(suffixes), "")
        self._codes: dict[Sku, list[Sku]] = {}
        for code in sorted(book.folded):
            self._codes.setdefault(self.of(code), []).append(code)
        # With two suffixes one code may have two stems; that is not worth telling apart here.
        self.are_plain = len(suffixes) <= 1 or not book.folded
        self.are_any = bool(book.folded)

    def of(self, sku: Sku) -> Sku:
        """Return the SKU that a code belongs to, which is the code itself for nearly all."""
        while sku in self._folded and sku.endswith(self._suffix):
            sku = Sku(sku.removesuffix(self._suffix))
        return sku

    def folded_into(self, sku: Sku) -> Sequence[Sku]:
        """Return the codes whose units count with a SKU's."""
        return self._codes.get(sku, ())
