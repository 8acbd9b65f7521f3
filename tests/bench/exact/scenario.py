"""What a simulated day looks like: how many of everything, how slow, and how much goes wrong."""

from dataclasses import dataclass
from enum import StrEnum

DAY = 86_400.0
"""Seconds of a simulated day."""


class WriteMode(StrEnum):
    """What the shops' calls do to a counter, and so what their answers prove."""

    KEYED = "keyed"
    CLIPPING = "clipping"
    ABSOLUTE = "absolute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One day of buying, the same for every strategy; times are in seconds, shares are 0 to 1.

    `stock_low` and `stock_high` bound a SKU's stock as a share of what buyers will want of it. `latency` is
    what a call takes; buyers go on buying meanwhile. `unpaid` orders are paid late, half of them never;
    `cancels` are paid and cancelled before they are shipped. `faults` is the share of calls that go wrong;
    `lost_messages` that of the orders which the ERP learns of only by its sweep every `sweep`. `skew` is how
    far the shops' clocks are ahead, each of them by another part of it. For
    `past_days` before the day the shops have sold already, and can tell of it. `watermark` False leaves out
    what the ERP knows of its figures; `watermark_ahead` makes it claim to know of orders that it has yet to
    import, as no ERP may: it shows whether the bench finds out.
    """

    skus: int = 200
    shops: int = 5
    orders: int = 10_000
    length: float = DAY
    poll: float = 60.0
    erp_delay: float = 300.0
    observe_every: float = 0.0
    latency: float = 0.2
    page: int = 100
    batch: int = 50
    zipf: float = 0.8
    affinity: float = 1.0
    double: float = 0.1
    crowds: int = 6
    crowd_orders: int = 35
    crowd_length: float = 600.0
    stock_low: float = 0.4
    stock_high: float = 1.1
    unpaid: float = 0.0
    cancels: float = 0.0
    faults: float = 0.0
    lost_messages: float = 0.0
    sweep: float = 1800.0
    skew: float = 0.0
    ship_after: float = 4 * 3600.0
    mode: WriteMode = WriteMode.KEYED
    past_days: float = 3.0
    watermark: bool = True
    watermark_ahead: float = 0.0

    @property
    def farthest_skew(self) -> float:
        """Return how far the clock of any shop is ahead or behind."""
        return abs(self.skew) * max(1, self.shops - 2)
