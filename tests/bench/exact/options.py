"""What can be said on the command line of the bench."""

import argparse
import os
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from tests.bench.exact.day import STRATEGIES
from tests.bench.exact.scenario import Scenario

_MOST = 10_000_000

_FIGURES = (
    ("skus", "how many SKUs there are"),
    ("shops", "how many shops sell all of them"),
    ("crowds", "how many flash crowds come"),
    ("crowd_orders", "how many buyers each of them has"),
)
_TIMES = (
    ("poll", "seconds between two polls"),
    ("erp_delay", "seconds until the ERP knows of an order"),
    ("observe_every", "seconds between two readings of a whole shop by syncd"),
    ("latency", "seconds that a call takes"),
    ("past_days", "days before in which the shops have sold already and of which they can tell"),
    ("skew", "seconds by which the first shop's clock is ahead; the second is right, the others are behind"),
)
_SHARES = (
    ("unpaid", "share of the orders that are paid late, half of them never"),
    ("cancels", "share of the orders that are paid and cancelled"),
    ("faults", "share of the calls that are throttled, refused, slow, doubled, or lose their answer"),
    ("lost_messages", "share of the orders that the ERP learns of only by its sweep each half hour"),
)


USUAL = ("naive", "shared", "split")
"""The strategies of a run that names none; the other ones show what the ways of writing differ in."""


class Options(NamedTuple):
    """What was asked for; `orders` and `stock` are files, both or none."""

    scenario: Scenario
    strategies: tuple[str, ...]
    seeds: int
    processes: int
    on_disk: bool
    orders: Path | None
    stock: Path | None


def read_options(parser: argparse.ArgumentParser, arguments: list[str] | None) -> Options:
    """Return what `arguments` ask for; wrong ones end the program with 2 and say what to write."""
    for names, kind in ((_FIGURES, _count), (_TIMES, _seconds), (_SHARES, _share)):
        for name, text in names:
            usual = getattr(Scenario(), name)
            option = f"--{name.replace('_', '-')}"
            parser.add_argument(option, type=kind, default=usual, metavar="N", help=f"{text}; {usual:g}")
    _add_others(parser)
    found = parser.parse_args(arguments)
    if (found.orders_file is None) != (found.stock is None):
        parser.error("--orders FILE and --stock FILE belong together: give both")
    figures = {name: getattr(found, name) for names in (_FIGURES, _TIMES, _SHARES) for name, _ in names}
    on_disk = found.store == "sqlite"
    return Options(
        scenario=Scenario(orders=found.order_count, length=found.hours * 3600, **figures),
        strategies=found.strategies,
        # A day that is drawn from nothing is the same each time, and one on disk takes long.
        seeds=found.seeds or (1 if on_disk or found.orders_file else 5),
        processes=found.jobs,
        on_disk=on_disk,
        orders=found.orders_file,
        stock=found.stock,
    )


def _add_others(parser: argparse.ArgumentParser) -> None:
    usual = Scenario()
    add: Callable[..., object] = parser.add_argument
    names = ", ".join(STRATEGIES)
    add("--order-count", type=_count, default=usual.orders, metavar="N", help=f"buyers a day; {usual.orders}")
    add("--hours", type=_hours, default=24.0, metavar="N", help="how long a day is; 24")
    add(
        "--strategies",
        type=_strategies,
        default=USUAL,
        metavar="A,B",
        help=f"all, or some of {names}; {','.join(USUAL)}",
    )
    add("--seeds", type=_count, metavar="N", help="how many days; 5, and 1 with sqlite or files")
    add("--jobs", type=_count, default=os.cpu_count() or 1, metavar="N", help="days that are lived at a time")
    add("--store", choices=("memory", "sqlite"), default="memory", help="where syncd keeps its state; memory")
    add("--orders", type=Path, dest="orders_file", metavar="FILE", help="replay a CSV: time_s,sku,shop,units")
    add("--stock", type=Path, metavar="FILE", help="what was there when it began, a CSV: sku,units")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {_MOST}, not {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    number = _number(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"must be seconds, 0 or more, not {text!r}")
    return number


def _share(text: str) -> float:
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"must be a share from 0 to 1 (0.2 is 20 %), not {text!r}")
    return number


def _hours(text: str) -> float:
    number = _number(text)
    if not 0 < number <= 24 * 31:
        raise argparse.ArgumentTypeError(f"must be hours, more than 0, not {text!r}")
    return number


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise argparse.ArgumentTypeError(f"must be a number, not {text!r}")
    return number


def _strategies(text: str) -> tuple[str, ...]:
    names = tuple(STRATEGIES) if text == "all" else tuple(dict.fromkeys(text.replace(" ", "").split(",")))
    unknown = [name for name in names if name not in STRATEGIES]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no {unknown[0]!r}; choose all, or of {', '.join(STRATEGIES)}"
        )
    return names
