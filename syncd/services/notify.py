"""Tell people once when stock gets low or is promised twice, and once when that is over."""

from syncd.domain.notices import Notice, notices
from syncd.domain.pipeline import Figures
from syncd.ports.events import Events


class Notifier:
    """Remembers what was told, for the life of the process."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._told: dict[Notice, int] = {}

    def tell(self, figures: Figures) -> None:
        """Tell what is new or worse, and what is over."""
        now = notices(figures)
        for notice, units in now.items():
            if self._told.get(notice) != units:
                self._events.tell(notice.what, pool=notice.pool, sku=notice.sku, units=units)
        for notice in self._told.keys() - now.keys():
            self._events.tell(f"{notice.what}_over", pool=notice.pool, sku=notice.sku)
        self._told = now
