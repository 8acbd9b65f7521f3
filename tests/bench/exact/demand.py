"""The buyers of a day and the stock that waits for them, drawn from a seed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tests.bench.exact.scenario import DAY, Scenario

HOLD = 900.0
"""Seconds after which an order that nobody paid is closed."""

_MINUTE = 60.0
_HOUR = 3600.0
"""So long before the first poll the last order of the days before had left."""

_SWING = 0.8
"""How far the busiest hour lies above the mean, and the quietest below it."""

_BUSIEST = 20 * 3600.0


class Fate(StrEnum):
    """What becomes of an order once it was taken."""

    KEPT = "kept"
    PAID_LATE = "paid_late"
    NEVER_PAID = "never_paid"
    CANCELLED = "cancelled"


class Buyer(NamedTuple):
    """Somebody who wants `units` of one SKU in one shop at one time, and goes away where it has too few.

    `after` is how many seconds later the fate comes: the payment, the closing or the cancellation.
    """

    at: float
    sku: str
    shop: str
    units: int
    fate: Fate = Fate.KEPT
    after: float = 0.0

    @property
    def keeps(self) -> bool:
        """Return whether the units stay sold."""
        return self.fate in (Fate.KEPT, Fate.PAID_LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Who comes, in the order of time, and what is there of every SKU; `past` came in the days before."""

    buyers: tuple[Buyer, ...]
    stock: dict[str, int]
    shops: tuple[str, ...]
    past: tuple[Buyer, ...] = ()


def draw_demand(scenario: Scenario, seed: int) -> Demand:
    """Return the buyers and the stock of a day; the same seed gives the same day."""
    dice = np.random.default_rng(seed)
    shops = tuple(f"shop_{number + 1}" for number in range(scenario.shops))
    skus = [f"SKU-{number + 1:04}" for number in range(scenario.skus)]
    crowd = _crowds(scenario, dice)
    wanted_skus = _wanted(scenario, dice, scenario.orders - len(crowd))
    affinity = _affinity(scenario, dice)
    everyday = _everyday(scenario, dice, wanted_skus, affinity)
    at, sku, shop = (np.concatenate(pair) for pair in zip(everyday, crowd.T, strict=True))
    count = len(at)
    units = 1 + (dice.random(count) < scenario.double)
    fates = _fates(scenario, dice, count)
    buyers = [
        Buyer(float(when), skus[int(which)], shops[int(where)], int(many), *fate)
        for when, which, where, many, fate in zip(at, sku, shop, units, fates, strict=True)
    ]
    wanted = dict.fromkeys(skus, 0)
    for buyer in buyers:
        wanted[buyer.sku] += buyer.units
    part = dice.uniform(scenario.stock_low, scenario.stock_high, len(skus))
    stock = {name: round(wanted[name] * share) for name, share in zip(skus, part.tolist(), strict=True)}
    past = _past(scenario, np.random.default_rng((seed, 1)), affinity)
    before = tuple(Buyer(when, skus[int(which)], shops[int(where)], 1) for when, which, where in past)
    return Demand(buyers=tuple(sorted(buyers)), stock=stock, shops=shops, past=before)


Columns = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


def _wanted(scenario: Scenario, dice: np.random.Generator, count: int) -> Whole:
    """Return the SKUs that so many ordinary buyers want: some are wanted far more than others."""
    popular = 1.0 / np.arange(1, scenario.skus + 1) ** scenario.zipf
    return dice.choice(scenario.skus, size=count, p=popular / popular.sum())


def _affinity(scenario: Scenario, dice: np.random.Generator) -> Columns:
    """Return by SKU and shop the share of a SKU's buyers that the shop and those before it have."""
    spread = dice.dirichlet(np.full(scenario.shops, scenario.affinity), size=scenario.skus)
    return np.cumsum(spread, axis=1)


def _everyday(
    scenario: Scenario, dice: np.random.Generator, sku: Whole, affinity: Columns, begins: float = 0.0
) -> Columns:
    """Return times, SKUs and shops of ordinary buyers from `begins` on; some hours are far busier."""
    count, ends = len(sku), scenario.length if begins >= 0 else 0.0
    shop = np.minimum((dice.random(count)[:, None] > affinity[sku]).sum(axis=1), scenario.shops - 1)
    minutes = np.arange(begins, ends, _MINUTE)
    busy = 1 + _SWING * np.cos((minutes - _BUSIEST) / DAY * 2 * np.pi)
    at = dice.choice(minutes, size=count, p=busy / busy.sum()) + dice.uniform(0, _MINUTE, count)
    return np.stack([np.minimum(at, ends), sku, shop]).astype(np.float64)


def _past(scenario: Scenario, dice: np.random.Generator, affinity: Columns) -> list[list[float]]:
    """Return times, SKUs and shops of those who bought in the days before, in the order of time."""
    if not scenario.past_days:
        return []
    count = round(scenario.orders / scenario.length * DAY * scenario.past_days)
    bought = _everyday(
        scenario, dice, _wanted(scenario, dice, count), affinity, begins=-scenario.past_days * DAY
    )
    bought[0] -= _HOUR
    found: list[list[float]] = sorted(bought.T.tolist())
    return found


def _crowds(scenario: Scenario, dice: np.random.Generator) -> Columns:
    """Return one row per buyer of a flash crowd: all want one SKU of one shop within minutes."""
    rows = []
    latest = max(scenario.length - scenario.crowd_length, 0.0)
    for _ in range(scenario.crowds):
        begins = dice.uniform(0, latest)
        at = begins + dice.uniform(0, min(scenario.crowd_length, scenario.length), scenario.crowd_orders)
        sku, shop = dice.integers(scenario.skus), dice.integers(scenario.shops)
        rows.append(np.stack([at, np.full(len(at), sku), np.full(len(at), shop)], axis=1))
    return np.concatenate(rows) if rows else np.empty((0, 3))


def _fates(scenario: Scenario, dice: np.random.Generator, count: int) -> list[tuple[Fate, float]]:
    chance, late, after = dice.random(count), dice.random(count) < 0.5, dice.random(count)
    found = []
    for luck, is_late, part in zip(chance.tolist(), late.tolist(), after.tolist(), strict=True):
        if luck >= scenario.unpaid + scenario.cancels:
            found.append((Fate.KEPT, 0.0))
        elif luck >= scenario.unpaid:
            found.append((Fate.CANCELLED, 600.0 + part * 6600.0))
        elif is_late:
            found.append((Fate.PAID_LATE, 30.0 + part * 600.0))
        else:
            found.append((Fate.NEVER_PAID, HOLD))
    return found
