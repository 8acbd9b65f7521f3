"""The exactness bench works, shows what it promises, and finds out who oversells."""

import argparse
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.bench.exact.day import STRATEGIES, Day, Strategy, live
from tests.bench.exact.demand import draw_demand
from tests.bench.exact.options import Options, read_options
from tests.bench.exact.program import Setup
from tests.bench.exact.report import figures
from tests.bench.exact.scenario import Scenario, WriteMode
from tests.bench.exactness import main

ROOT = Path(__file__).resolve().parents[3]

BUSY = Scenario(skus=4, shops=2, orders=240, length=2400.0, crowds=2, crowd_orders=30, observe_every=0.0)


def bench(*options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.bench.exactness", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)


def chosen(*options: str) -> Options:
    return read_options(argparse.ArgumentParser(), list(options))


def refusal(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(list(options))
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.fixture(scope="module")
def quick() -> "subprocess.CompletedProcess[str]":
    small = ("--skus=3", "--shops=2", "--order-count=40", "--crowds=1", "--crowd-orders=10", "--hours=0.2")
    return bench(*small, "--seeds=2")


@pytest.fixture(scope="module")
def answer(quick: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(quick.stdout.splitlines()[-1])
    return found


# --- what it prints ----------------------------------------------------------------------------------------


def test_the_last_line_has_every_strategy(answer: dict[str, Any]) -> None:
    assert list(answer) == ["naive", "shared", "split"]


def test_every_strategy_has_the_agreed_figures(answer: dict[str, Any]) -> None:
    keys = ["oversold_per_10k", "lost_pct", "writes", "calls", "transfers"]
    assert all(list(row) == keys for row in answer.values())


def test_the_table_stands_above_the_last_line(quick: "subprocess.CompletedProcess[str]") -> None:
    assert "oversold" in quick.stdout.rpartition('{"naive"')[0]


def test_progress_goes_to_stderr(quick: "subprocess.CompletedProcess[str]") -> None:
    assert len(re.findall(r"\d/6 (naive|shared|split), seed [12]: ", quick.stderr)) == 6


def test_naive_shared_and_split_run_unless_others_are_named() -> None:
    assert chosen().strategies == ("naive", "shared", "split")


def test_all_strategies_can_be_run() -> None:
    assert chosen("--strategies=all").strategies == tuple(STRATEGIES)


def test_five_days_are_lived_in_memory() -> None:
    assert chosen().seeds == 5


def test_one_day_is_lived_on_disk() -> None:
    assert chosen("--store=sqlite").seeds == 1


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--strategies=best", "there is no 'best'; choose all, or of naive"),
        ("--seeds=0", "must be a whole number from 1"),
        ("--faults=20", "must be a share from 0 to 1"),
        ("--poll=-1", "must be seconds, 0 or more"),
        ("--hours=none", "must be a number"),
        ("--orders=orders.csv", "belong together: give both"),
    ],
)
def test_a_wrong_option_ends_with_2_and_what_to_write(
    capsys: pytest.CaptureFixture[str], option: str, said: str
) -> None:
    assert said in refusal(capsys, option)


def test_own_orders_are_replayed_from_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "orders.csv").write_text("time_s,sku,shop,units\n90,A,jd,3\n", encoding="utf-8")
    (tmp_path / "stock.csv").write_text("sku,units\nA,3\n", encoding="utf-8")
    files = (f"--orders={tmp_path}/orders.csv", f"--stock={tmp_path}/stock.csv")
    main([*files, "--strategies=split", "--jobs=1"])
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["split"]["lost_pct"] == 0


def test_a_bad_file_ends_with_2_and_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "orders.csv").write_text("time_s,sku,shop,units\n90,A,jd,x\n", encoding="utf-8")
    (tmp_path / "stock.csv").write_text("sku,units\nA,3\n", encoding="utf-8")
    said = refusal(capsys, f"--orders={tmp_path}/orders.csv", f"--stock={tmp_path}/stock.csv")
    assert "orders.csv:2: units must be a whole number" in said


def test_figures_are_the_means_of_all_days() -> None:
    day = Day(
        orders=10, taken=9, oversold=0, oversold_per_10k=0.0, lost_pct=1.0, writes=4, calls=6, transfers=1
    )
    other = Day(
        orders=10, taken=9, oversold=0, oversold_per_10k=3.0, lost_pct=2.0, writes=5, calls=6, transfers=0
    )
    found = figures([day, other])
    assert list(found.values()) == [1.5, 1.5, 4.5, 6.0, 0.5]


# --- what it finds -----------------------------------------------------------------------------------------


def lived(strategy: Strategy, scenario: Scenario = BUSY, *, on_disk: bool = False) -> Day:
    return live(strategy, scenario, draw_demand(scenario, 1), seed=1, on_disk=on_disk)


def test_the_usual_connector_oversells() -> None:
    assert lived(STRATEGIES["naive"]).oversold > 0


@pytest.mark.parametrize("name", [name for name in STRATEGIES if name.startswith("split")])
def test_a_split_pool_oversells_nothing(name: str) -> None:
    assert lived(STRATEGIES[name]).oversold == 0


@pytest.mark.parametrize("name", [name for name in STRATEGIES if name.startswith("split")])
def test_an_erp_that_says_to_know_of_sales_that_it_does_not_know_is_found_out(name: str) -> None:
    boastful = replace(BUSY, watermark_ahead=BUSY.erp_delay)
    assert lived(STRATEGIES[name], boastful).oversold > 0


def test_a_program_that_forgets_its_sales_at_once_is_found_out() -> None:
    forgetful = Strategy(mode=WriteMode.KEYED, setup=Setup(pool="split", erp_lag=0.0))
    assert lived(forgetful, replace(BUSY, watermark=False)).oversold > 0


def test_a_day_goes_the_same_way_twice() -> None:
    assert lived(STRATEGIES["split"]) == lived(STRATEGIES["split"])


def test_a_day_goes_the_same_way_with_the_state_on_disk() -> None:
    assert lived(STRATEGIES["split"], on_disk=True) == lived(STRATEGIES["split"])
