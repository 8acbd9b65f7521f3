"""Which page comes next, and whether all of them came."""

from dataclasses import dataclass

from syncd.adapters.sources.http_json.settings import HttpJsonSettings
from syncd.domain.figures import is_blank

_SIZE_PARAMS = {"page": "size", "offset": "limit", "cursor": "limit", "none": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What a page says of the rest.

    It has `count` rows, and with those before it `distinct` ones. `total` and `pages` are None where the
    answer does not state them; `following` leads to the next page.
    """

    count: int
    distinct: int
    total: int | None
    pages: int | None
    following: object


class Pager:
    """Counts pages from 1 (`number` is the one that is due) and judges at the end whether they were all."""

    def __init__(self, settings: HttpJsonSettings) -> None:
        self._settings = settings
        self.number = 1
        self.total: int | None = None
        self.doubt = ""
        self._rows = 0
        self._after: object = None

    def params(self) -> dict[str, object]:
        """Return what to send for the page that is due."""
        settings = self._settings
        default = _SIZE_PARAMS[settings.paging]
        size = default if settings.size_param is None else settings.size_param
        sized: dict[str, object] = {size: settings.page_size} if size else {}
        if settings.paging == "page":
            return sized | {settings.page_param: settings.first_page + self.number - 1}
        if settings.paging == "offset":
            return sized | {settings.offset_param: self._rows}
        if settings.paging == "cursor" and self._after is not None:
            return sized | {settings.after_param: self._after}
        return sized

    def go_on(self, position: Position) -> bool:
        """Take what a page says; tell whether another is due; a short page does not end them."""
        self._rows += position.count
        if self.number > 1 and position.total != self.total:
            self.doubt = "its total changed while it was read, so rows may lie between the pages"
        self.total = position.total
        due = self._is_due(position)
        if due and self.number >= self._settings.max_pages:
            self.doubt = self.doubt or f"it has more pages than max_pages = {self._settings.max_pages}"
            return False
        if due:
            self.number += 1
        return due

    def gap(self, distinct: int) -> str:
        """Return what the counts say is missing after `distinct` rows, empty if nothing is."""
        if self.total is not None and distinct != self.total:
            advice = "; if total does not count rows, write paths.total = ''"
            return f"it has {distinct} rows of {self.total}{advice}"
        return ""

    def _is_due(self, position: Position) -> bool:
        if self._settings.paging == "none":
            return False
        if self._settings.paging == "cursor":
            return self._follows(position)
        if self._settings.paging == "page" and position.pages is not None:
            return self.number < position.pages
        if not position.count:
            return False
        return position.total is None or position.distinct < position.total

    def _follows(self, position: Position) -> bool:
        following = position.following
        if is_blank(following) or following is False:
            return False
        if following == self._after:
            if position.count:
                self.doubt = self.doubt or "its next page is the same again; check paths.next"
            return False
        self._after = following
        return True
