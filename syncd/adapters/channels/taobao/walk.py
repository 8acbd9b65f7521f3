"""Walking a list of items that changes while it is read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.adapters.channels.taobao.reading import page_of
from syncd.adapters.wire.values import id_text
from syncd.errors import Kind, PortError

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_MOST_DOUBTS = 3


class Walk:
    """One list, a page at a time, without a hole.

    Items are asked for in the order of their last change, and each page begins where the last one ended in
    time: what leaves the list or changes meanwhile then shifts nobody out of sight, and no page is deep.
    Where many items changed in the same second, or a gateway heeds no order, pages are counted instead.
    """

    def __init__(self, place: str, *, page_size: int, max_pages: int, since: str = "") -> None:
        self._place = place
        self._size = page_size
        self._left = max_pages
        self._since = since
        self._page = 1
        self._step: _Step | None = None
        self._doubts = 0
        self._counted = False
        self.is_over = False

    def params(self) -> dict[str, str]:
        """Return what asks for the next page; an empty `start_modified` is none."""
        return {
            "order_by": "modified:asc",
            "start_modified": self._since,
            "page_no": str(self._page),
            "page_size": str(self._size),
        }

    def take(self, body: Mapping[str, Any]) -> list[str]:
        """Return the items on a page, and go on to the next; an item may come more than once.

        Raises:
            PortError: the list shows fewer items than it tells of, or never ends.
            ValueError, TypeError, LookupError: the page cannot be read.
        """
        found, total = page_of(body, "items", self._place, page=self._page, size=self._size)
        ids = [id_text(row["num_iid"]) for row in found]
        if self._step is not None and total < self._step.least:
            self._go_back(self._step)
            return ids
        if self._step is not None:
            self._doubts, self._step = 0, None
        self.is_over = self._page * self._size >= total
        if not self.is_over:
            self._go_on([_modified(row) for row in found], total)
        return ids

    def _go_on(self, times: Sequence[str], total: int) -> None:
        self._spend()
        if times != sorted(times) or times[0] < self._since:
            self._counted = True
        if self._counted or times[-1] == self._since:
            self._page += 1
            return
        # The pages before this one began and ended in the second of `since`.
        earlier = (self._page - 1) * self._size + sum(time < times[-1] for time in times)
        self._step = _Step(since=self._since, least=total - earlier)
        self._since, self._page = times[-1], 1

    def _go_back(self, step: "_Step") -> None:
        """Read the page before once more: either items left the list just now, or it heeds no order."""
        self._spend()
        self._doubts += 1
        self._counted = self._doubts >= _MOST_DOUBTS
        self._since, self._page, self._step = step.since, 1, None

    def _spend(self) -> None:
        self._left -= 1
        if self._left <= 0:
            message = "more pages than max_pages; raise it if the shop is really so large"
            raise PortError(Kind.REJECTED, f"{self._place}: {message}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """The step to a later time: where it began, and how many items must be left after it."""

    since: str
    least: int


def _modified(row: Mapping[str, Any]) -> str:
    """Return when an item changed; empty where it does not say it as it should, which counts pages."""
    time = row.get("modified")
    return time if isinstance(time, str) and _TIME.fullmatch(time) else ""
