"""What DESIGN 4.2 says about one SKU of one split pool, unit by unit, slow and obvious; no arrays."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from syncd.domain.virtual import Rebalancing


class Shelf(NamedTuple):
    """What one shop has of the SKU; `pack` None where it lists none of it, `exposure` None where unread."""

    share: int = 0
    moving: int = 0
    exposure: int | None = 0
    weight: int = 1
    cap: int = 1_000_000
    pack: int | None = 1
    writable: bool = True
    off: bool = False

    @property
    def takes(self) -> bool:
        return self.writable and not self.off and self.weight > 0 and self.pack is not None

    @property
    def most(self) -> int:
        """The most units that the shop may have: whole packs up to its cap."""
        return self.cap - self.cap % (self.pack or 1) if self.takes else 0


@dataclass
class Desk:
    """The SKU while it is being divided; changed in place, step by step."""

    room: int
    shelves: list[Shelf]
    known: bool = True
    held: bool = False
    deficit: int = 0

    @property
    def short(self) -> int:
        return sum(shelf.share + shelf.moving for shelf in self.shelves) - self.room

    @property
    def reserve(self) -> int:
        return max(-self.short, 0) if self.known else 0

    @property
    def proven(self) -> int:
        """Units that are in no share and on sale nowhere."""
        if self.held or any(shelf.exposure is None for shelf in self.shelves):
            return 0
        return max(self.room - sum(max(shelf.share, shelf.exposure or 0) for shelf in self.shelves), 0)

    def alter(self, at: int, *, share: int = 0, moving: int = 0) -> None:
        shelf = self.shelves[at]
        self.shelves[at] = shelf._replace(share=shelf.share + share, moving=shelf.moving + moving)


def settle(desk: Desk) -> Desk:
    """Settle the SKU with the configured weights, without any move by demand."""
    if not desk.known:
        return desk
    _release(desk)
    _pin(desk)
    _drop(desk)
    _adopt(desk)
    _land(desk)
    _refill(desk)
    return desk


def hand_out(units: int, start: list[int], weights: list[int], caps: list[int]) -> list[int]:
    """Give unit by unit to the largest weight / (2 * share + 1), ties to the first."""
    have = list(start)
    for _ in range(units):
        open_ = [at for at, weight in enumerate(weights) if weight and have[at] < caps[at]]
        if not open_:
            break
        best = max(open_, key=lambda at: (Fraction(weights[at], 2 * have[at] + 1), -at))
        have[best] += 1
    return [now - before for now, before in zip(have, start, strict=True)]


def take_back(units: int, start: list[int], weights: list[int]) -> list[int]:
    """Take unit by unit where weight / (2 * share - 1) is smallest, ties from the last: giving, backward."""
    have = list(start)
    for _ in range(min(units, sum(start))):
        worst = min(
            (at for at, share in enumerate(have) if share),
            key=lambda at: (Fraction(weights[at], 2 * have[at] - 1), -at),
        )
        have[worst] -= 1
    return [before - now for now, before in zip(have, start, strict=True)]


def _release(desk: Desk) -> None:
    for at, shelf in enumerate(desk.shelves):
        if shelf.writable:
            allowed = min(shelf.share, shelf.most)
            allowed -= allowed % (shelf.pack or 1)
            desk.alter(at, share=allowed - shelf.share)
    _turn_back(desk)


def _turn_back(desk: Desk) -> None:
    for at, shelf in enumerate(desk.shelves):
        room = max(shelf.most - shelf.share, 0)
        desk.alter(at, moving=-max(shelf.moving - room, 0))


def _pin(desk: Desk) -> None:
    for at, shelf in enumerate(desk.shelves):
        if not shelf.writable and shelf.exposure is not None:
            desk.alter(at, share=max(shelf.exposure - shelf.share, 0))


def _drop(desk: Desk) -> None:
    """Reserve first (it is what is left), then moving, then shares within reach, then what is not on sale."""
    if desk.short <= 0:
        return
    weights = [max(shelf.weight, 1) for shelf in desk.shelves]
    moving = take_back(desk.short, [shelf.moving for shelf in desk.shelves], weights)
    for at, units in enumerate(moving):
        desk.alter(at, moving=-units)
    _cut(desk, weights, lambda shelf: shelf.share if shelf.writable else 0)
    _cut(desk, weights, lambda shelf: 0 if shelf.writable else max(shelf.share - _on_sale(shelf), 0))
    desk.deficit = max(desk.short, 0)


def _cut(desk: Desk, weights: list[int], reach: Callable[[Shelf], int]) -> None:
    cuts = take_back(max(desk.short, 0), [reach(shelf) for shelf in desk.shelves], weights)
    for at, units in enumerate(cuts):
        if units:
            desk.alter(at, share=-units)
            shelf = desk.shelves[at]
            if shelf.writable:
                desk.alter(at, share=-(shelf.share % (shelf.pack or 1)))


def _on_sale(shelf: Shelf) -> int:
    return shelf.share if shelf.exposure is None else shelf.exposure


def _adopt(desk: Desk) -> None:
    weights = [shelf.weight if shelf.takes else 0 for shelf in desk.shelves]
    most = [shelf.most for shelf in desk.shelves]
    excess = [
        max(min(shelf.exposure, shelf.most) - shelf.share, 0)
        if shelf.takes and shelf.exposure is not None
        else 0
        for shelf in desk.shelves
    ]
    nothing = [0] * len(excess)
    if all(shelf.share == shelf.moving == 0 for shelf in desk.shelves):
        target = hand_out(desk.reserve, nothing, weights, most)
        excess = [min(pair) for pair in zip(excess, target, strict=True)]
    for at, units in enumerate(hand_out(desk.reserve, nothing, weights, excess)):
        desk.alter(at, share=units - units % (desk.shelves[at].pack or 1))


def _land(desk: Desk) -> None:
    _turn_back(desk)
    shown = [
        min(shelf.moving, max((shelf.exposure or 0) - shelf.share, 0)) if shelf.takes else 0
        for shelf in desk.shelves
    ]
    _arrive(desk, shown)
    moving = [shelf.moving for shelf in desk.shelves]
    weights = [shelf.weight for shelf in desk.shelves]
    _arrive(desk, hand_out(desk.proven, [0] * len(weights), weights, moving))


def _arrive(desk: Desk, units: list[int]) -> None:
    for at, landed in enumerate(units):
        whole = landed - landed % (desk.shelves[at].pack or 1)
        desk.alter(at, share=whole, moving=-whole)


def _refill(desk: Desk) -> None:
    units = min(desk.reserve, desk.proven)
    weights = [shelf.weight if shelf.takes else 0 for shelf in desk.shelves]
    start = [shelf.share for shelf in desk.shelves]
    added = hand_out(units, start, weights, [shelf.most for shelf in desk.shelves])
    for at, more in enumerate(added):
        whole = more - more % (desk.shelves[at].pack or 1)
        desk.alter(at, share=whole)
        units -= whole
    asked: set[int] = set()
    while True:
        able = [
            at
            for at, shelf in enumerate(desk.shelves)
            if at not in asked and shelf.takes and (shelf.pack or 1) <= min(units, shelf.most - shelf.share)
        ]
        if not able:
            return
        best = max(able, key=lambda at: (Fraction(weights[at], 2 * desk.shelves[at].share + 1), -at))
        asked.add(best)
        shelf = desk.shelves[best]
        pack = shelf.pack or 1
        whole = min(units, shelf.most - shelf.share) // pack * pack
        desk.alter(best, share=whole)
        units -= whole


# --- by demand -------------------------------------------------------------------------------------------


def moved(shelves: list[Shelf], rates: list[float], rules: Rebalancing) -> list[int]:
    """Return by shop how many units leave (negative) or come by demand; every pack is one unit."""
    part = [at for at, shelf in enumerate(shelves) if shelf.takes]
    change = [0] * len(shelves)
    total = sum(shelves[at].share for at in part)
    if not total:
        return change
    target = _aims(shelves, rates, part, rules.lot)
    lasts = total / sum(rates[at] for at in part)
    limit = min(rules.cover_seconds, rules.cover_ratio * lasts)
    need = {at for at in part if shelves[at].share < rates[at] * limit}
    small = {at for at in part if shelves[at].share < min(rules.lot, shelves[at].cap)}
    small = {at for at in small if rates[at] * rules.lot_seconds >= 1}
    lack = {at: target[at] - shelves[at].share for at in need | small if target[at] > shelves[at].share}
    over = {at: shelves[at].share - target[at] for at in part if shelves[at].share > target[at]}
    if not lack or not over:
        return change
    best = max(rates[at] / (2 * shelves[at].share + 1) for at in lack)
    worst = min(rates[at] / (2 * shelves[at].share - 1) for at in over)
    spare = any(shelves[at].share > rules.lot for at in over)
    if best / worst < rules.gain and not (spare and small & lack.keys()):
        return change
    units = min(sum(lack.values()), sum(over.values()))
    for parts, sign in ((over, -1), (lack, 1)):
        left = units
        for at in sorted(parts, key=lambda at: (-parts[at], at)):
            change[at] = sign * min(parts[at], left)
            left -= min(parts[at], left)
    return change


def _aims(shelves: list[Shelf], rates: list[float], part: list[int], lot: int) -> list[int]:
    """Return what each shop should have: a usual order everywhere, the rest by weight."""
    pulls = [rates[at] * shelf.weight for at, shelf in enumerate(shelves)]
    whole = [max(round(pull / max(pulls) * 1_000_000), 1) for pull in pulls]
    weights = [whole[at] if at in part else 0 for at in range(len(shelves))]
    total = sum(shelves[at].share for at in part)
    first = hand_out(total, [0] * len(shelves), weights, [min(lot, shelf.cap) for shelf in shelves])
    rest = hand_out(total - sum(first), first, weights, [shelf.cap for shelf in shelves])
    return [a + b for a, b in zip(first, rest, strict=True)]
