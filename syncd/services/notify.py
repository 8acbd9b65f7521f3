"""Tell people once when stock gets low or is promised twice, and once when that is over."""

from typing import NamedTuple

from syncd.domain.model import PoolName
from syncd.domain.notices import WATCHED, Notice, notices
from syncd.domain.pipeline import Figures
from syncd.ports.events import Events


class Sum(NamedTuple):
    """Of how many SKUs of a pool something is the matter, and with how many units."""

    skus: int
    units: int


class Notifier:
    """Remembers what was told, for the life of the process."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._told: dict[Notice, int] = {}
        self._sums: dict[PoolName, dict[str, Sum]] = {}

    def tell(self, figures: Figures, *, is_whole: bool = True) -> None:
        """Tell what is new or worse, and what is over; where figures are not whole, of their SKUs only.

        With it what all of that comes to in every pool, once and whenever it is another.
        """
        known = figures.book.sku_index
        beside = {} if is_whole else {one: units for one, units in self._told.items() if one.sku not in known}
        now = notices(figures) | beside
        changed = {pool.name for pool in figures.book.topology.pools} - self._sums.keys()
        for notice, units in now.items():
            if (before := self._told.get(notice)) != units:
                self._events.tell(notice.what, pool=notice.pool, sku=notice.sku, units=units)
                self._add(notice, int(before is None), units - (before or 0))
                changed.add(notice.pool)
        for notice in self._told.keys() - now.keys():
            self._events.tell(f"{notice.what}_over", pool=notice.pool, sku=notice.sku)
            self._add(notice, -1, -self._told[notice])
            changed.add(notice.pool)
        self._told = now
        for pool in sorted(changed):
            self._events.tell("stock_watched", pool=pool, **self._of(pool))

    def _of(self, pool: PoolName) -> dict[str, Sum]:
        return self._sums.setdefault(pool, dict.fromkeys(WATCHED, Sum(0, 0)))

    def _add(self, notice: Notice, skus: int, units: int) -> None:
        # Step by step: to add up anew what a hundred thousand SKUs lack would keep the loop waiting.
        mine = self._of(notice.pool)
        mine[notice.what] = Sum(mine[notice.what].skus + skus, mine[notice.what].units + units)
