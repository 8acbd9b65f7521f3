"""Where a crowd comes from: a list of purchases, or rates by listing with days, nights and flash sales.

The same seed and the same arguments give the same crowd on every machine.
"""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.mock.core.orders_book import Want
from syncd.mock.core.orders_crowd import Attempt, in_order
from syncd.mock.fields import Fields

Purchase = tuple[datetime, str, int]
"""When somebody wants how many units of which listing: (time, listing, units)."""

_DAY = 86_400.0
_HOUR = 3600.0
_BUYERS = 1_000_000

DIURNAL: tuple[float, ...] = (
    *(0.5, 0.3, 0.2, 0.1, 0.1, 0.2, 0.4, 0.6, 0.9, 1.2, 1.3, 1.2),
    *(1.1, 1.1, 1.2, 1.2, 1.2, 1.2, 1.2, 1.4, 1.9, 2.2, 2.1, 1.4),
)
"""How busy each hour of a day is, beside the average of about 1; the first hour is that of the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What share of the buyers does what, from 0 to 1; times in seconds.

    `unpaid` order and never pay, `cancels` cancel before they pay, `refunds` want their money back before the
    goods are sent, `baskets` take the next buyer's goods into the same order, `pairs` take two units.
    Payers pay after `pays_within` at the latest, at once where that is 0.
    """

    unpaid: float = 0.0
    cancels: float = 0.0
    refunds: float = 0.0
    baskets: float = 0.0
    pairs: float = 0.0
    pays_within: float = 0.0
    refunds_within: float = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """A flash sale: so many buyers of one listing within some seconds, most of them at its beginning."""

    at: datetime
    listing: str
    buyers: int
    seconds: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """How many buyers come from `start` on: a day's average by listing, with the hours of `shape`."""

    start: datetime
    hours: float
    rates: Mapping[str, float]
    shape: Sequence[float] = DIURNAL
    flashes: Sequence[Flash] = ()


def attempts_of(
    purchases: Iterable[Purchase], *, habits: Habits | None = None, seed: int = 0
) -> Iterator[Attempt]:
    """Yield one buyer for each (time, listing, units), by time, with habits by the dice of the seed."""
    rng = random.Random(f"{seed}/habits")
    plain = in_order(Attempt(at, ((listing, units),)) for at, listing, units in purchases)
    if habits is None or habits == Habits():
        return plain
    return _with_habits(_joined(plain, rng, habits), rng, habits)


def purchases_from(demand: Demand, *, seed: int = 0) -> list[Purchase]:
    """Return one unit for each buyer of these rates and flash sales; each listing has dice of its own."""
    purchases = [one for listing in demand.rates for one in _ordinary(demand, listing, seed)]
    for n, flash in enumerate(demand.flashes):
        purchases += _flashed(flash, random.Random(f"{seed}/flash/{n}"))
    return purchases


def attempts_from(demand: Demand, *, habits: Habits | None = None, seed: int = 0) -> Iterator[Attempt]:
    """Yield the buyers of these rates and flash sales, by time."""
    return attempts_of(purchases_from(demand, seed=seed), habits=habits, seed=seed)


def read_habits(fields: Fields) -> Habits:
    """Return the habits that a control call names; shares are numbers from 0 to 1."""
    if not fields.has("habits"):
        return Habits()
    part = fields.object("habits")
    shares = {
        name: part.number(name, 0.0, most=1.0)
        for name in ("unpaid", "cancels", "refunds", "baskets", "pairs")
    }
    habits = Habits(
        **shares,
        pays_within=part.number("pays_within", 0.0),
        refunds_within=part.number("refunds_within", _HOUR),
    )
    part.done()
    return habits


def _ordinary(demand: Demand, listing: str, seed: int) -> Iterator[Purchase]:
    rng = random.Random(f"{seed}/demand/{listing}")
    peak = max(demand.shape) * demand.rates[listing] / _DAY
    at, end = 0.0, demand.hours * _HOUR
    while peak > 0:
        # A Poisson process of the busiest hour, thinned in all the others.
        at -= math.log(1.0 - rng.random()) / peak
        if at >= end:
            return
        hour = demand.shape[int(at // _HOUR) % len(demand.shape)]
        if rng.random() * max(demand.shape) < hour:
            yield demand.start + timedelta(seconds=at), listing, 1


def _flashed(flash: Flash, rng: random.Random) -> Iterator[Purchase]:
    for _ in range(flash.buyers):
        yield flash.at + timedelta(seconds=flash.seconds * rng.random() ** 2), flash.listing, 1


def _joined(attempts: Iterator[Attempt], rng: random.Random, habits: Habits) -> Iterator[Attempt]:
    for attempt in attempts:
        wants: tuple[Want, ...] = attempt.wants
        if habits.pairs and rng.random() < habits.pairs:
            wants = tuple((listing, 2 * units) for listing, units in wants)
        if habits.baskets and rng.random() < habits.baskets:
            other = next(attempts, None)
            wants += () if other is None else other.wants
        yield attempt._replace(wants=wants)


def _with_habits(attempts: Iterable[Attempt], rng: random.Random, habits: Habits) -> Iterator[Attempt]:
    for attempt in attempts:
        dice, wait = rng.random(), rng.random()
        buyer = rng.randrange(_BUYERS)
        if dice < habits.unpaid:
            yield attempt._replace(pays_after=None, buyer=buyer)
            continue
        pays = wait * habits.pays_within
        if dice < habits.unpaid + habits.cancels:
            yield attempt._replace(pays_after=None, cancels_after=max(pays, 1.0), buyer=buyer)
            continue
        refunds = None
        if dice < habits.unpaid + habits.cancels + habits.refunds:
            refunds = pays + wait * habits.refunds_within
        yield attempt._replace(pays_after=pays, refunds_after=refunds, buyer=buyer)
