"""What shops show, as units of their shares: what is missing was sold or could not be given."""

from typing import NamedTuple

import numpy as np

from syncd.domain.availability import Availability
from syncd.domain.book import UNBOUNDED, Levels
from syncd.domain.levels import EdgeRules
from syncd.domain.model import Bools, Ints
from syncd.domain.shares import NO_PACK, ByShop, shaping
from syncd.domain.virtual.rows import spread_exposure


class Given(NamedTuple):
    """What shops have by (edge, sku), `pack` being the smallest listed, and what they show by (shop, sku)."""

    units: Ints
    shown: Ints
    used: Ints
    pack: Ints


def worth_of(
    pools: Availability, levels: Levels, rules: EdgeRules, shared: Bools, given: Given
) -> tuple[Ints, Ints]:
    """Return by (edge, sku) what the shop shows, as units of its share, and what it shows less than `extra`.

    `shared` says which edges are of shared pools.

    What a shop shows is its share after percent, buffer, cap, extra and floor, so that the difference to what
    it should show is a difference of the share. A shop of several pools shows one figure: a shared pool
    explains any difference, else the first pools in the order of the configuration do.
    """
    units, shown, used, pack = given
    base = np.where(shared[:, None], pools.rest[rules.pool], np.maximum(units, 0))
    has = pools.known[rules.pool]
    off = levels.off & shared[:, None] | ~has
    *_, (_, shaped) = shaping(base, off, rules.without_locks(), used)
    beside = shown - _of_locks(shown, shaped, rules)
    spread = spread_exposure(beside, rules.shop, shaped, has)
    mixed = ByShop(len(shown), rules.shop).any(has & shared[:, None])[rules.shop]
    worth = base - _missing(shaped - spread, shaped, pack)
    unread = shown[rules.shop] >= UNBOUNDED
    # A sale takes the share first: only what is missing beyond it was sold on what is shown on top.
    beyond = np.where(mixed | unread, 0, np.maximum(-worth, 0))
    worth = np.where(mixed, base, np.maximum(worth, 0))
    return np.where(unread, UNBOUNDED, worth), beyond


def _missing(units: Ints, shaped: Ints, pack: Ints) -> Ints:
    """Return how many units a shop shows less than it should, without those that fill no pack.

    They are not shown because they cannot be, and must not pass for a sale each time.
    """
    broken = np.where(pack < NO_PACK, shaped % pack, 0)
    return units - np.clip(units, 0, broken)


def _of_locks(shown: Ints, shaped: Ints, rules: EdgeRules) -> Ints:
    """Return by (shop, sku) how much of what shops show is of their locks.

    A shop shows its shares first: what is sold from a lock, or was just released and is not shown yet, must
    not pass for a sale from a share.
    """
    beside, open_ = np.zeros_like(shown), np.zeros_like(shown)
    if not rules.lock.any():
        return open_
    np.add.at(beside, rules.shop, shaped)
    np.add.at(open_, rules.shop, rules.lock)
    return np.where(shown >= UNBOUNDED, 0, np.clip(shown - beside, 0, open_))
