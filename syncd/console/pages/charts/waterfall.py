"""The way of a number, from what lies in the warehouses to what every shop shows, as bars."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from typing import Any

from syncd.console.pages.charts.scale import WIDTH, Scale

_LEAST = 3.0
"""A bar of a figure that is not zero is at least so wide, to be seen beside huge ones."""


class Kind(StrEnum):
    """What a bar stands for: units added or taken off, what is left, what a shop shows."""

    ADD = "add"
    TAKE = "take"
    LEVEL = "level"
    SHOP = "shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row: `value` is signed and None where it is not known, which draws no bar.

    `x` and `width` are the bar's place in a frame of `WIDTH`; `end` is the level after it, where the next one
    begins. `low` and `high` of a shop are the interval that its counters can read, None where not known.
    """

    name: str
    kind: Kind
    value: int | None
    x: float = 0.0
    width: float = 0.0
    end: float = 0.0
    symbol: str = ""
    share: int | None = None
    low: float | None = None
    high: float | None = None


_PARTS = (("on_hand", "I", 1), ("allocated", "O", -1), ("unsellable", "U", -1), ("locked", "L", -1))


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    symbol: str
    change: int


def waterfall(explained: Mapping[str, Any]) -> list[Bar]:
    """Return the bars of an explanation: each begins where the one before it ended, and they add up.

    A pool that knows nothing of the SKU adds nothing; where none does, nobody knows what is left.
    """
    pools = [pool for pool in explained["pools"].values() if pool["known"]]
    taken = list(_until_available(explained, pools))
    kept = list(_until_rest(pools))
    available = sum(pool["available"] for pool in pools) if pools else None
    rest = sum(pool["rest"] for pool in pools)
    levels = [0, *accumulate(step.change for step in (*taken, *kept))]
    shown = [*_shown(explained["shops"])]
    reach = [figure for one in shown for figure in (one[1], one[2], *(one[3] or ())) if figure is not None]
    scale = Scale.around([*levels, *reach])
    bars = [*_drawn(taken, 0, scale), _level("available", available, scale)]
    if kept:
        bars += [*_drawn(kept, available or 0, scale), _level("rest", rest, scale)]
    return [*bars, *(_of_shop(one, scale) for one in shown)]


def _until_available(explained: Mapping[str, Any], pools: Sequence[Mapping[str, Any]]) -> Iterator[_Step]:
    """Yield what makes the available units; what is not said apart is what was cut off at zero."""
    places = list(explained["warehouses"].values())
    sums = {name: sum(place[name] for place in places) for name in _WORDS}
    parts = [_Step(name, symbol, sign * sums[name]) for name, symbol, sign in _PARTS]
    out = _Step("transfer_out", "T", -sums["transfer_out"])
    net = sum(place["net"] for place in places)
    air = _Step("in_air", "A", net - sum(step.change for step in (*parts, out)))
    virtual = sum(pool["virtual"] for pool in pools) if pools else sums["virtual"]
    claims = sum(pool["claims"] for pool in pools) if pools else explained["claims"]
    unrouted = _Step("unrouted", "", -sum(pool["unrouted"] for pool in pools))
    steps = [*parts, _Step("virtual", "V", virtual), out, air, unrouted, _Step("claims", "", -claims)]
    if pools:
        left = sum(pool["available"] for pool in pools)
        steps.append(_Step("cut", "", left - sum(step.change for step in steps)))
    return (step for step in steps if step.change or step.symbol)


_WORDS = ("on_hand", "allocated", "unsellable", "locked", "virtual", "transfer_out", "in_air")


def _until_rest(pools: Sequence[Mapping[str, Any]]) -> Iterator[_Step]:
    """Yield what is kept back from the shops; nothing where all is theirs."""
    names = ("locked", "held", "reserve")
    steps = [_Step(name, "", -sum(pool[name] for pool in pools)) for name in names]
    steps = [_Step("our_locks" if s.name == "locked" else s.name, s.symbol, s.change) for s in steps]
    left = sum(pool["rest"] for pool in pools) - sum(pool["available"] for pool in pools)
    steps.append(_Step("cut", "", left - sum(step.change for step in steps)))
    return (step for step in steps if step.change)


def _drawn(steps: Sequence[_Step], start: int, scale: Scale) -> Iterator[Bar]:
    level = start
    for step in steps:
        before, level = level, level + step.change
        x, width = _bar(before, level, scale)
        kind = Kind.TAKE if step.change < 0 else Kind.ADD
        yield Bar(
            name=step.name,
            symbol=step.symbol,
            kind=kind,
            value=step.change,
            x=x,
            width=width,
            end=scale.at(level),
        )


def _level(name: str, figure: int | None, scale: Scale) -> Bar:
    if figure is None:
        return Bar(name=name, kind=Kind.LEVEL, value=None)
    x, width = _bar(0, figure, scale)
    return Bar(name=name, kind=Kind.LEVEL, value=figure, x=x, width=width, end=scale.at(figure))


_Shown = tuple[str, int | None, int | None, Sequence[int] | None]
"""A shop: its name, what it may sell, what its listings should show, and what they can read."""


def _shown(shops: Mapping[str, Mapping[str, Any]]) -> Iterator[_Shown]:
    for name, entry in shops.items():
        yield name, entry.get("quantity"), entry["desired"], entry["expected"]


def _of_shop(shown: _Shown, scale: Scale) -> Bar:
    name, share, desired, expected = shown
    x, width = _bar(0, desired or 0, scale)
    low, high = (scale.at(expected[0]), scale.at(expected[1])) if expected else (None, None)
    return Bar(
        name=name,
        kind=Kind.SHOP,
        value=desired,
        x=x,
        width=width,
        end=scale.at(desired or 0),
        share=share,
        low=low,
        high=high,
    )


def _bar(start: int, end: int, scale: Scale) -> tuple[float, float]:
    """Return where a bar begins and how wide it is, never outside the frame."""
    if start == end:
        return scale.at(start), 0.0
    x, until = sorted((scale.at(start), scale.at(end)))
    width = max(until - x, _LEAST)
    return min(x, WIDTH - width), round(width, 2)
