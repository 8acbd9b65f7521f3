"""How fast buyers buy, by shop and SKU, from the units sold and the time in which there was something to buy.

All sums fade with a half life, so that they can be brought to any later time without having been touched in
between; only what sold, sold out or came back needs to be written down.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from syncd.domain.columns import Column, places_of
from syncd.domain.model import Bools, Ints, ShopName, Sku
from syncd.domain.records import DemandRow

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandRules:
    """How fast sales fade (half lives in seconds) and how much a shop's own sales weigh against the SKU's.

    `prior` is worth so many sales; `surprise` is by how many deviations the last minutes must exceed what was
    expected of them before they alone are believed (a flash sale).
    """

    half_life: float = 3 * 86_400.0
    recent_half_life: float = 600.0
    prior: float = 4.0
    surprise: float = 4.0


DEMAND = DemandRules()
"""What is used everywhere: sums that are stored fade by these rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Demand as columns by (shop, sku), all at one time; `sold` counts units, `recent` buyers."""

    sold: Floats
    seconds: Floats
    recent: Floats
    stocked: Bools


def faded(seconds: float | Floats, half_life: float) -> Floats:
    """Return what is left of 1 after so many seconds; of what is yet to come all of it."""
    left: Floats = 0.5 ** (np.maximum(seconds, 0.0) / half_life)
    return left


def stretched(seconds: float | Floats, rules: DemandRules) -> Floats:
    """Return what is left of so many seconds in stock at their end."""
    # The integral of the fading over the interval, so that ten short steps are one long one.
    return (1.0 - faded(seconds, rules.half_life)) * rules.half_life / log(2)


def aged(demand: Demand, seconds: float | Floats, rules: DemandRules, code: Column | None = None) -> Demand:
    """Return the demand so many seconds later with nothing sold; time counts only where there was stock.

    Where times come as codes, `seconds` are by code.
    """
    kept, recent = faded(seconds, rules.half_life), faded(seconds, rules.recent_half_life)
    gone = stretched(seconds, rules)
    if code is not None:
        kept, recent, gone = kept[code], recent[code], gone[code]
    return Demand(
        sold=demand.sold * kept,
        seconds=demand.seconds * kept + np.where(demand.stocked, gone, 0.0),
        recent=demand.recent * recent,
        stocked=demand.stocked,
    )


def counted(demand: Demand, sold: Ints, stocked: Bools, buyers: Ints | None = None) -> Demand:
    """Return the demand with units just sold, and with who has something to sell from now on.

    One who buys many units at once is no crowd: `buyers`, one per unit where left out, are what is recent.
    """
    return Demand(
        sold=demand.sold + sold,
        seconds=demand.seconds,
        recent=demand.recent + (sold if buyers is None else buyers),
        stocked=stocked,
    )


def rates(demand: Demand, rules: DemandRules, elsewhere: Floats | float = 0.0) -> Floats:
    """Return units per second by (shop, sku) for the shops of one pool; always above zero.

    A gamma posterior: what the shop sold in its time in stock, with a prior of the SKU's own rate spread over
    shops by their part in all sales, also of SKUs `elsewhere`. A shop that sold out is thus not believed to
    have lost its buyers.
    """
    by_shop = demand.sold.sum(axis=1) + elsewhere + _FIRST_SALES
    part = (by_shop / by_shop.sum())[:, None]
    in_stock = np.maximum((part * demand.seconds).sum(axis=0), _SHORTEST)
    of_sku = (demand.sold.sum(axis=0) + _HALF_A_SALE) / in_stock
    believed = np.maximum(rules.prior / of_sku, _SHORTEST)
    rate: Floats = (demand.sold + of_sku * believed * part) / (demand.seconds + believed)
    window = rules.recent_half_life / log(2)
    expected = rate * window
    flash = demand.recent > expected + rules.surprise * (np.sqrt(expected) + 1.0)
    return np.where(flash, demand.recent / window, rate)


_FIRST_SALES = 20.0
_HALF_A_SALE = 0.5
_SHORTEST = 7200.0
"""Before anything sold, every shop has the same part and every SKU the same rate; a few hours say little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where the rows of shops and SKUs stand in the columns."""

    shops: Mapping[ShopName, int]
    skus: Mapping[Sku, int]


def spread(units: Mapping[tuple[ShopName, Sku], int], places: Places) -> Ints:
    """Return the figures by (shop, sku); those of unknown shops or SKUs are left out."""
    column = np.zeros((len(places.shops), len(places.skus)), dtype=np.int64)
    for (shop, sku), each in units.items():
        if shop in places.shops and sku in places.skus:
            column[places.shops[shop], places.skus[sku]] += each
    return column


def demand_at(rows: Sequence[DemandRow], places: Places, now: datetime, rules: DemandRules) -> Demand:
    """Return the columns of stored rows, brought to `now`; rows of unknown shops or SKUs are left out."""
    shape = (len(places.shops), len(places.skus))
    shop = places_of(rows, "shop", places.shops, missing=_NOWHERE)
    sku = places_of(rows, "sku", places.skus, missing=_NOWHERE)
    here = (shop != _NOWHERE) & (sku != _NOWHERE)

    def columned(column: Iterable[float]) -> Floats:
        values = np.zeros(shape)
        values[shop[here], sku[here]] = np.fromiter(column, dtype=np.float64, count=len(rows))[here]
        return values

    def named(name: str) -> Floats:
        return columned(map(attrgetter(name), rows))

    stored = Demand(
        sold=named("sold"), seconds=named("seconds"), recent=named("recent"), stocked=named("stocked") > 0
    )
    # Many rows were touched at one time: its age is taken once.
    ages = {moment: (now - moment).total_seconds() for moment in {row.at for row in rows}}
    return aged(stored, columned(map(ages.__getitem__, map(attrgetter("at"), rows))), rules)


_NOWHERE = -1


def rows_to_keep(before: Demand, after: Demand, places: Places, now: datetime) -> list[DemandRow]:
    """Return the rows that must be stored: of shops that sold, sold out or have something to sell again.

    `before` is what `after` was counted from. All others only fade, which the stored row tells as well.
    """
    shops, skus = list(places.shops), list(places.skus)
    at = np.nonzero((after.sold != before.sold) | (after.stocked != before.stocked))
    columns = (*at, *(column[at] for column in (after.sold, after.seconds, after.recent, after.stocked)))
    return [
        DemandRow(shops[shop], skus[sku], sold, seconds, recent, stocked, now)
        for shop, sku, sold, seconds, recent, stocked in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def bought(
    rows: Iterable[DemandRow],
    units: Mapping[tuple[ShopName, Sku], int],
    buyers: Mapping[tuple[ShopName, Sku], int],
    now: datetime,
) -> list[DemandRow]:
    """Return the rows to store for `units` just sold, where nobody looks who has stock; `rows` are of these.

    Whoever sold is taken to have had something to sell since the row was written, and from then on.
    """
    before = {(row.shop, row.sku): row for row in rows}
    return [
        _sold_more(before.get(place) or DemandRow(*place, 0.0, 0.0, 0.0, True, now), each, buyers[place], now)
        for place, each in sorted(units.items())
    ]


def _sold_more(row: DemandRow, units: int, buyers: int, now: datetime) -> DemandRow:
    age = (now - row.at).total_seconds()
    kept, recent = faded(age, DEMAND.half_life), faded(age, DEMAND.recent_half_life)
    return row._replace(
        sold=float(row.sold * kept) + units,
        seconds=float(row.seconds * kept + stretched(age, DEMAND)),
        recent=float(row.recent * recent) + buyers,
        stocked=True,
        at=now,
    )
