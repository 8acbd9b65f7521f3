"""Page after page of one reading, with proof at its end that none was missed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from syncd.adapters.channels.http.expressions import finder, plain_text, whole
from syncd.adapters.channels.http.settings import ListSettings
from syncd.domain.model import ListingId, ObservedListing
from syncd.errors import Kind, PortError

Params = dict[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer: how many lines it held, how many of them without an id, and its listings."""

    body: Any = field(repr=False)
    lines: int
    unreadable: int
    listings: Sequence[ObservedListing]


class Walk:
    """Says what to ask for next; knows what was seen in this reading."""

    def __init__(self, settings: ListSettings, *, shop: str) -> None:
        self._settings = settings
        self._shop = shop
        self._find_pages, self._find_total = finder(settings.pages), finder(settings.total)
        self._find_next = finder(settings.next)
        self._calls = 0
        self._lines = 0
        self._unreadable = 0
        self._cursor = ""
        self._ids_before: Sequence[ListingId] = ()
        self.seen: dict[ListingId, ObservedListing] = {}

    def first(self) -> Params:
        """Return the parameters of the first page."""
        if self._settings.paging == "page":
            return {self._settings.page_param: self._settings.first_page}
        if self._settings.paging == "offset":
            return {self._settings.offset_param: 0}
        return {}

    def after(self, page: Page) -> Params | None:
        """Return the parameters of the page that follows `page`, None if it was the last.

        Raises:
            PortError: the shop told of more than it showed, or its pages never end.
        """
        self._note(page)
        following = self._following(page)
        if following is None:
            self._prove_whole(page)
        elif self._calls >= self._settings.max_pages:
            message = (
                f"the list has no end after {self._calls} pages; raise list.max_pages if it is that long"
            )
            raise PortError(Kind.REJECTED, f"{self._shop}: {message}")
        return following

    def is_single(self, page: Page) -> bool:
        """Tell whether the answer to a question for some ids does not speak of further pages."""
        pages = whole(self._find_pages(page.body))
        goes_on = self._settings.paging == "cursor" and bool(plain_text(self._find_next(page.body)))
        return (pages is None or pages <= 1) and not goes_on

    def _note(self, page: Page) -> None:
        ids = [listing.id for listing in page.listings]
        # A shop that ignores the parameters answers every question with its first page.
        if ids and ids == self._ids_before:
            raise self._incomplete("two pages hold the same listings")
        self._ids_before = ids
        self._calls += 1
        self._lines += page.lines
        self._unreadable += page.unreadable
        self.seen.update((listing.id, listing) for listing in page.listings)

    def _following(self, page: Page) -> Params | None:
        match self._settings.paging:
            case "page":
                return self._following_page(page)
            case "offset":
                at_end = self._is_all(page) if self._total(page) is not None else not page.lines
                return None if at_end or not page.lines else {self._settings.offset_param: self._lines}
            case "cursor":
                return self._following_cursor(page)
            case "none":
                return None

    def _following_page(self, page: Page) -> Params | None:
        following: Params = {self._settings.page_param: self._settings.first_page + self._calls}
        pages = whole(self._find_pages(page.body))
        if pages is not None:
            # An empty shop may well count its one empty page.
            if not page.lines and pages > 1 and self._calls <= pages and not self._is_all(page):
                raise self._incomplete(f"page {self._calls} of {pages} is empty")
            return None if self._calls >= pages else following
        # Without a number of pages only an empty one is the last: the shop may show fewer than asked for.
        return None if not page.lines or self._is_all(page) else following

    def _following_cursor(self, page: Page) -> Params | None:
        cursor = plain_text(self._find_next(page.body))
        if cursor and cursor == self._cursor:
            raise self._incomplete("its cursor does not move")
        self._cursor = cursor
        return {self._settings.cursor_param: cursor} if cursor else None

    def _total(self, page: Page) -> int | None:
        return whole(self._find_total(page.body))

    def _is_all(self, page: Page) -> bool:
        total = self._total(page)
        return total is not None and len(self.seen) + self._unreadable >= total

    def _prove_whole(self, page: Page) -> None:
        """Compare with the shop's own figure; a listing that slipped between two pages is found by this."""
        total = self._total(page)
        if total is not None and not self._is_all(page):
            shown = len(self.seen) + self._unreadable
            raise self._incomplete(f"it showed {shown} of {total}")

    def _incomplete(self, reason: str) -> PortError:
        return PortError(Kind.TRANSIENT, f"{self._shop}: the list of listings is incomplete: {reason}")
