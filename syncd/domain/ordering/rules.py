"""What decides how long an order occupies units, and what it does to a counter."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from syncd.domain.model import Deducts


class Occupies(StrEnum):
    """From when an order takes units from all shops; `hold` is an order that must be paid in time."""

    ORDER = "order"
    PAYMENT = "payment"
    HOLD = "hold"


class Restores(StrEnum):
    """Whether the platform raises its counter again for units that are released."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRules:
    """How the orders of one shop count.

    `lag` is how long a sale takes at most to reach a source that does not say what it contains; None means
    that it never does, and the units leave it `ship_lag` after they were shipped. `skew` is how far the
    clocks of platform, source and daemon may differ; `grace` is waited for on top before a hold is over or a
    watermark is believed. `deducts` holds for listings that do not say it themselves. `restores_unpaid` is
    about orders that were never paid, `restores_paid` about the others.
    """

    occupies: Occupies = Occupies.ORDER
    hold: timedelta = timedelta(minutes=15)
    grace: timedelta = timedelta(minutes=1)
    skew: timedelta = timedelta(minutes=2)
    lag: timedelta | None = timedelta(minutes=15)
    ship_lag: timedelta = timedelta(hours=1)
    deducts: Deducts = Deducts.UNKNOWN
    restores_unpaid: Restores = Restores.UNKNOWN
    restores_paid: Restores = Restores.UNKNOWN

    @property
    def presumed_for(self) -> timedelta | None:
        """Return how long a counter that fell is taken for a sale that no source has; None for ever."""
        return None if self.lag is None else self.lag + self.skew

    @property
    def known_after(self) -> timedelta:
        """Return how long a sale takes at most to lower the figures, by its import or its shipping."""
        return (self.ship_lag if self.lag is None else self.lag) + self.skew
