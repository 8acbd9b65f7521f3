"""Walking a list that says how many rows it has, and may change meanwhile."""

from collections.abc import Iterable

from syncd.errors import Kind, PortError

_MOST_ROUNDS = 3


class Pages:
    """One list, counted from page 1; it is over once it stood still from its first page to its last.

    A row that leaves the list moves those behind it forward, past a page that was read: the count of the list
    tells that it did. JD documents no order of rows by which it could be told otherwise.
    """

    def __init__(self, place: str, *, max_pages: int, what: str) -> None:
        self._place = place
        self._what = what
        self._left = max_pages
        self._total: int | None = None
        self._seen: set[str] = set()
        self._rounds = 1
        self.page = 1
        self.is_over = False

    def take(self, ids: Iterable[str], total: int) -> None:
        """Note what a page shows, and go on to the next, or to the first one again.

        Raises:
            PortError: the list never ends, shows fewer rows than it tells of, or does not stand still.
        """
        found = list(ids)
        if self._total is not None and total != self._total:
            self._again()
            return
        self._total = total
        self._seen.update(found)
        self.is_over = len(self._seen) >= total
        if self.is_over:
            return
        if not found:
            message = f"the list tells of {total} {self._what} but shows {len(self._seen)}"
            raise PortError(Kind.TRANSIENT, f"{self._place}: {message}; it is read again later")
        self._spend()
        self.page += 1

    def _again(self) -> None:
        if self._rounds >= _MOST_ROUNDS:
            message = f"{self._what} come and go faster than they can be read; they are read again later"
            raise PortError(Kind.TRANSIENT, f"{self._place}: {message}")
        self._spend()
        self._rounds += 1
        self._total, self._seen, self.page = None, set(), 1

    def _spend(self) -> None:
        self._left -= 1
        if self._left <= 0:
            message = "more pages than max_pages; raise it if the shop is really so large"
            raise PortError(Kind.REJECTED, f"{self._place}: {message}")
