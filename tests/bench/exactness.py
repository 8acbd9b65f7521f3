"""Let simulated buyers buy for a day and count what was sold though it was not there, strategy by strategy.

The program that runs is the real one; the shops, their buyers and the ERP are simulated, and so is the time.
Progress goes to stderr, a table to stdout; the last line of stdout is one JSON object by strategy.
"""

import argparse
import gc
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from time import perf_counter, process_time

from tests.bench.exact.day import STRATEGIES, Day, live
from tests.bench.exact.demand import Demand, draw_demand
from tests.bench.exact.options import Options, read_options
from tests.bench.exact.replay import ReplayError, read_demand
from tests.bench.exact.report import show
from tests.bench.exact.scenario import Scenario

_RARELY = 100_000
"""A day leaves rows that stay; looking through all of them for garbage again and again would be wasted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One day of one strategy; `demand` None is drawn from the seed."""

    name: str
    seed: int
    scenario: Scenario
    demand: Demand | None
    on_disk: bool


def main(arguments: list[str] | None = None) -> None:
    """Run what is asked for and print what came of it; wrong options or files end with 2."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.exactness", description=__doc__)
    options = read_options(parser, arguments)
    try:
        jobs = list(_jobs(options))
    except ReplayError as error:
        parser.error(str(error))
    began = perf_counter()
    days: dict[str, dict[int, Day]] = {name: {} for name in options.strategies}
    for count, (job, day, cost) in enumerate(_lived(jobs, options.processes), start=1):
        days[job.name][job.seed] = day
        told = f"{day.oversold} oversold, {day.lost_pct:.2f} % lost, {day.writes} writes ({cost:.0f} CPU s)"
        place = f"[{perf_counter() - began:6.1f} s] {count}/{len(jobs)}"
        print(f"{place} {job.name}, seed {job.seed}: {told}", file=sys.stderr, flush=True)
    by_name = {name: [day for _, day in sorted(found.items())] for name, found in days.items()}
    show(by_name, _title(jobs[0].scenario, options.seeds, next(iter(by_name.values()))))


def run_day(job: Job) -> tuple[Day, float]:
    """Return how the job's day went, and what it cost in CPU seconds."""
    began = process_time()
    gc.set_threshold(_RARELY, 50, 50)
    demand, strategy = job.demand or draw_demand(job.scenario, job.seed), STRATEGIES[job.name]
    if not strategy.learns:
        demand = replace(demand, past=())
    day = live(strategy, job.scenario, demand, seed=job.seed, on_disk=job.on_disk)
    return day, process_time() - began


def _jobs(options: Options) -> Iterator[Job]:
    scenario, demand = options.scenario, None
    if options.orders and options.stock:
        demand = read_demand(options.orders, options.stock)
        scenario = replace(scenario, length=demand.buyers[-1].at + scenario.poll)
    for seed in range(1, options.seeds + 1):
        for name in options.strategies:
            yield Job(name=name, seed=seed, scenario=scenario, demand=demand, on_disk=options.on_disk)


def _lived(jobs: Sequence[Job], processes: int) -> Iterator[tuple[Job, Day, float]]:
    """Yield the days as they end."""
    if processes == 1:
        yield from ((job, *run_day(job)) for job in jobs)
        return
    # A fresh process each: a copy of this one would share its locks and its listeners.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(jobs)), mp_context=context) as pool:
        # The long ones first, so that no processor waits at the end.
        ordered = sorted(jobs, key=lambda job: STRATEGIES[job.name].effort, reverse=True)
        waiting = {pool.submit(run_day, job): job for job in ordered}
        for done in as_completed(waiting):
            yield waiting[done], *done.result()


def _title(scenario: Scenario, seeds: int, days: Sequence[Day]) -> str:
    span = "" if seeds == 1 else f", mean (least - most) of {seeds} days"
    orders = sum(day.orders for day in days) // len(days)
    return f"{orders:,} orders in {scenario.length / 3600:.4g} h, polls of {scenario.poll:g} s{span}"


if __name__ == "__main__":
    main()
