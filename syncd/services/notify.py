"""Tell people once when stock gets low or is promised twice, and once when that is over."""

from syncd.domain.notices import Notice, notices
from syncd.domain.pipeline import Figures
from syncd.ports.events import Events


class Notifier:
    """Remembers what was told, for the life of the process."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._told: dict[Notice, int] = {}

    def tell(self, figures: Figures, *, is_whole: bool = True) -> None:
        """Tell what is new or worse, and what is over; where figures are not whole, of their SKUs only."""
        known = figures.book.sku_index
        beside = {} if is_whole else {one: units for one, units in self._told.items() if one.sku not in known}
        now = notices(figures) | beside
        for notice, units in now.items():
            if self._told.get(notice) != units:
                self._events.tell(notice.what, pool=notice.pool, sku=notice.sku, units=units)
        for notice in self._told.keys() - now.keys():
            self._events.tell(f"{notice.what}_over", pool=notice.pool, sku=notice.sku)
        self._told = now
