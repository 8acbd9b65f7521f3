"""Measure how fast the program is, each figure as a ratio against a baseline in the same run.

Progress goes to stderr, a table to stdout; the last line of stdout is one JSON object by figure.
"""

import argparse
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter

from rich.console import Console
from rich.table import Table

from tests.bench.latency import latency
from tests.bench.measuring import FULL, QUICK, Figure, Size
from tests.bench.planning import one_sku, plan
from tests.bench.pushing import push
from tests.bench.shops import shops
from tests.bench.starting import load
from tests.bench.storing import record

Benchmark = Callable[[Size, Callable[[str], None]], Iterator[Figure]]

BENCHMARKS: Mapping[str, Benchmark] = {
    "plan": plan,
    # Of the catalogue that was planned, before another takes its place.
    "load": load,
    "one_sku": one_sku,
    "push": push,
    "shops": shops,
    "record": record,
    "latency": latency,
}

_WIDTH = 110


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the benchmarks that are asked for and print what they found."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes, one run: shows only that all works")
    parser.add_argument("--only", choices=BENCHMARKS, help="one benchmark alone")
    options = parser.parse_args(arguments)
    names = [options.only] if options.only else list(BENCHMARKS)
    size = QUICK if options.quick else FULL
    began = perf_counter()

    def tell(text: str) -> None:
        print(f"[{perf_counter() - began:6.1f} s] {text}", file=sys.stderr, flush=True)

    cores = os.cpu_count() or 0
    figures: list[Figure] = []
    for name in names:
        for figure in BENCHMARKS[name](size, tell):
            # Told at once: a run of minutes that is broken off shall not have been for nothing.
            tell(f"{figure.name}: {figure.as_json()}")
            figures.append(figure)
    figures.append(Figure(name="cores", unit="cores", ours=[cores]))
    tell(f"done on {cores} cores, at most {_peak_mib()} MiB in memory")
    _show(figures, f"{size.skus} SKUs x {size.shops} shops, {cores} cores, medians")
    print(json.dumps({figure.name: figure.as_json() for figure in figures}))


def _show(figures: Sequence[Figure], title: str) -> None:
    table = Table(title=title)
    table.add_column("benchmark")
    for column in ("value", "min - max", "baseline", "its min - max", "ratio"):
        table.add_column(column, justify="right")
    table.add_column("unit")
    table.add_column("runs", justify="right")
    for figure in figures:
        row = figure.as_json()
        table.add_row(
            figure.name,
            f"{row['value']:,g}",
            _span(figure.ours),
            _shown(row["baseline"]),
            _span(figure.theirs),
            _shown(row["ratio"]),
            figure.unit,
            str(len(figure.ours)),
        )
    Console(file=sys.stdout, width=_WIDTH).print(table)


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}"


def _span(samples: Sequence[float]) -> str:
    return f"{min(samples):,.3g} - {max(samples):,.3g}" if len(samples) > 1 else ""


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
