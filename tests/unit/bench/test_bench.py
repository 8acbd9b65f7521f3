"""The benchmarks work and show what they promise; how long anything takes is never judged here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bench.measuring import Figure

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def quick() -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.bench", "--quick"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)


@pytest.fixture(scope="module")
def figures(quick: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(quick.stdout.splitlines()[-1])
    return found


def test_the_last_line_has_every_figure(figures: dict[str, Any]) -> None:
    whole = {"plan.book", "plan.decide", "plan.whole", "plan.changes", "plan.peak"}
    plans = whole | {"plan.total", "plan.one_percent", "plan.beginning", "plan.memory", "one_sku"}
    stored = {"record", "record.whole", "load", "start", "start.read"}
    shops = {"shops.least", "shops.outage", "shops.rate", "shops.busy", "shops.stalls"}
    pushed = {"push.wall", "push.bare", "push.cpu", "push.calls", "push.stalls"}
    latency = {"latency.p50", "latency.p95", "latency.p99", "latency.stalls"}
    assert set(figures) == plans | stored | pushed | shops | latency | {"cores"}


def test_every_figure_has_the_agreed_shape(figures: dict[str, Any]) -> None:
    keys = {"value", "unit", "baseline", "ratio", "goal"}
    assert all(set(figure) == keys for figure in figures.values())


def test_every_figure_stands_against_a_baseline_or_a_bound(figures: dict[str, Any]) -> None:
    bare = [name for name, figure in figures.items() if figure["ratio"] is None]
    assert [name for name in bare if figures[name]["goal"] is None] == ["cores"]


def test_the_pace_of_a_push_must_be_at_least_its_goals(figures: dict[str, Any]) -> None:
    goals = [(figures[name]["unit"], figures[name]["goal"]) for name in ("push.wall", "push.bare")]
    assert goals == [("changes/s", 0.8), ("changes/s", 0.5)]


def test_a_push_takes_the_fewest_calls(figures: dict[str, Any]) -> None:
    assert (figures["push.calls"]["value"], figures["push.calls"]["baseline"]) == (6, 6)


def test_the_table_stands_above_the_last_line(quick: subprocess.CompletedProcess[str]) -> None:
    assert "push.calls" in quick.stdout.rpartition('{"plan.book"')[0]


def test_progress_goes_to_stderr(quick: subprocess.CompletedProcess[str]) -> None:
    assert "push: run 1 of 1" in quick.stderr


def test_one_benchmark_can_be_run_alone() -> None:
    command = [sys.executable, "-m", "tests.bench", "--quick", "--only", "record"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)
    assert set(json.loads(done.stdout.splitlines()[-1])) == {"record", "record.whole", "cores"}


def test_a_figure_is_the_median_against_the_median() -> None:
    figure = Figure(name="x", unit="s", ours=[9.0, 2.0, 4.0], theirs=[1.0, 2.0, 70.0])
    assert (figure.value, figure.baseline, figure.ratio) == (4.0, 2.0, 2.0)


def test_a_figure_without_a_baseline_has_no_ratio() -> None:
    assert Figure(name="x", unit="s", ours=[1.0]).ratio is None
