"""Walking the trades of a window of time, which go on changing while they are read."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from syncd.adapters.channels.taobao.keys import id_text
from syncd.adapters.channels.taobao.reading import page_of, plain
from syncd.adapters.wire.top import beijing

_SECOND = timedelta(seconds=1)


class Window(NamedTuple):
    """The trades changed from `begin` to `end`, both included; whole seconds, as TOP's times are."""

    begin: datetime
    end: datetime

    def __str__(self) -> str:
        """Return both ends as TOP writes them."""
        return f"{beijing(self.begin)} to {beijing(self.end)}"

    def halves(self) -> "tuple[Window, Window] | None":
        """Return two windows that meet in one second, None for one that is too short to be cut."""
        seconds = (self.end - self.begin) // _SECOND
        middle = self.begin + seconds // 2 * _SECOND
        return (Window(self.begin, middle), Window(middle, self.end)) if seconds > 1 else None


def windows(since: datetime, until: datetime, longest: timedelta) -> Iterator[Window]:
    """Yield windows that cover the time from `since` to `until` and meet; none if it ends before it begins.

    Parts of a second are rounded outwards: TOP knows none.
    """
    if until < since:
        return
    begin = since.replace(microsecond=0)
    last = until.replace(microsecond=0) + (_SECOND if until.microsecond else timedelta())
    while last - begin > longest:
        yield Window(begin, begin + longest)
        begin += longest
    yield Window(begin, last)


class Countdown:
    """One window, a page at a time: the first page for the count, then from the last to the first.

    The trade that changed last comes first. One that changes meanwhile leaves a window that has passed, and
    those behind it move forward, to pages that are still to come. A window that has not quite passed by the
    platform's clock also takes trades in, at its front: then some of those behind move back to pages that
    were read, and `is_whole` turns out False. A single page is a moment: it is always whole.
    """

    def __init__(self, place: str, window: Window, *, page_size: int) -> None:
        self._place = place
        self._window = window
        self._size = page_size
        self._page = 1
        self._newest = ""
        self._is_counted = False
        self._seen: set[str] = set()
        self.is_over = False
        self.is_whole = False

    def params(self) -> dict[str, str]:
        """Return what asks for the next page."""
        return {
            "start_modified": beijing(self._window.begin),
            "end_modified": beijing(self._window.end),
            "page_no": str(self._page),
            "page_size": str(self._size),
            "use_has_next": "false",
        }

    def take(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the trades on a page, and go on to the next; a trade may come more than once.

        Raises:
            PortError: the page shows fewer trades than it tells of.
            ValueError, TypeError, LookupError: the page cannot be read.
        """
        found, total = page_of(
            body, "trades", self._place, page=self._page, size=self._size, called=f"page {self._page}"
        )
        if not self._is_counted:
            self._count(total, found)
            return found
        self._seen.update(id_text(trade["tid"]) for trade in found)
        self._page -= 1
        self.is_over = self._page == 0
        # What came in stands on the first page by now. The count alone does not show it if another one left.
        came = any(plain(trade["modified"]) > self._newest for trade in found)
        self.is_whole = self.is_over and not came and len(self._seen) >= total
        return found

    def _count(self, total: int, found: Sequence[Mapping[str, Any]]) -> None:
        self._is_counted = True
        self._newest = max((plain(trade["modified"]) for trade in found), default="")
        self._page = -(-total // self._size)
        self.is_over = self.is_whole = self._page <= 1
