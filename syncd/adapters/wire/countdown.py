"""Walking the orders of a window of time, which go on changing while they are read."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from syncd.errors import Kind, PortError

PageT = TypeVar("PageT")

_SECOND = timedelta(seconds=1)


class Window(NamedTuple):
    """The orders changed from `begin` to `end`, both included; whole seconds, as platforms write them."""

    begin: datetime
    end: datetime

    def halves(self) -> "tuple[Window, Window] | None":
        """Return two windows that meet in one second, None for one that is too short to be cut."""
        seconds = (self.end - self.begin) // _SECOND
        middle = self.begin + seconds // 2 * _SECOND
        return (Window(self.begin, middle), Window(middle, self.end)) if seconds > 1 else None


def windows(since: datetime, until: datetime, longest: timedelta) -> Iterator[Window]:
    """Yield windows that cover the time from `since` to `until` and meet; none if it ends before it begins.

    Parts of a second are rounded outwards: the platforms know none.
    """
    if until < since:
        return
    begin = since.replace(microsecond=0)
    last = until.replace(microsecond=0) + (_SECOND if until.microsecond else timedelta())
    while last - begin > longest:
        yield Window(begin, begin + longest)
        begin += longest
    yield Window(begin, last)


class Row(NamedTuple):
    """What a page tells of an order: its id, and its last change in a form that sorts by time."""

    id: str
    modified: str


class Countdown:
    """One window, a page at a time: the first page for the count, then from the last to the first.

    The order that changed last comes first. One that changes meanwhile leaves a window that has passed, and
    those behind it move forward, to pages that are still to come. A window that has not quite passed by the
    platform's clock also takes orders in, at its front: then some of those behind move back to pages that
    were read, and `is_whole` turns out False. A single page is a moment: it is always whole.
    """

    def __init__(self, place: str, *, page_size: int, first_page: int = 1, what: str = "orders") -> None:
        self._place = place
        self._what = what
        self._size = page_size
        self._first = first_page
        self._number = 1
        self._newest = ""
        self._is_counted = False
        self._seen: set[str] = set()
        self.is_over = False
        self.is_whole = False

    @property
    def page(self) -> int:
        """Return the page to ask for next, as the platform counts them."""
        return self._number - 1 + self._first

    def take(self, found: Sequence[Row], total: int) -> None:
        """Note what a page shows and how many orders the list tells of, and go on to the next page.

        An order may come more than once.

        Raises:
            PortError: the page shows fewer orders than it should.
        """
        before = (self._number - 1) * self._size
        if len(found) < min(self._size, max(total - before, 0)):
            message = f"the list tells of {total} {self._what} but its page {self.page} shows {len(found)}"
            raise PortError(Kind.TRANSIENT, f"{self._place}: {message}; it is read again later")
        if not self._is_counted:
            self._count(total, found)
            return
        self._seen.update(row.id for row in found)
        self._number -= 1
        self.is_over = self._number == 0
        # What came in stands on the first page by now. The count alone does not show it if another one left.
        came = any(row.modified > self._newest for row in found)
        self.is_whole = self.is_over and not came and len(self._seen) >= total

    def restless(self) -> PortError:
        """Return the error of a window that is too short to be cut and took orders in while it was read."""
        message = f"{self._what} change faster than they can be read; they are read again later"
        return PortError(Kind.TRANSIENT, f"{self._place}: {message}")

    def _count(self, total: int, found: Sequence[Row]) -> None:
        self._is_counted = True
        self._newest = max((row.modified for row in found), default="")
        self._number = -(-total // self._size)
        self.is_over = self.is_whole = self._number <= 1


async def backwards(
    spans: Iterable[Window],
    *,
    countdown: Callable[[Window], Countdown],
    read: Callable[[Window, Countdown], Awaitable[PageT]],
) -> AsyncIterator[PageT]:
    """Yield every page of every window; `read` asks for the page of a countdown and lets it take the rows.

    A window that took orders in while it was read is read again by halves, until the restless part fits on
    a page.

    Raises:
        PortError: a call failed, or orders came in faster than they could be read.
    """
    pending = list(spans)[::-1]
    while pending:
        window = pending.pop()
        pages = countdown(window)
        while not pages.is_over:
            yield await read(window, pages)
        if pages.is_whole:
            continue
        halves = window.halves()
        if halves is None:
            raise pages.restless()
        pending += halves[::-1]
