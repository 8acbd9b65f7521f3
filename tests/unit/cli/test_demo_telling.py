"""What the demo tells: the story on stderr, the books on stdout."""

import json
import os
import re
from datetime import UTC, datetime

import pytest

from syncd.cli.demo.narrator import Move
from syncd.cli.demo.report import Report, reckoned, show
from syncd.cli.demo.world import IMPORTED_AFTER, PAY_WITHIN
from tests.unit.cli.demo_stage import Stage

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def stage() -> Stage:
    """Return a stage whose lamps and only they are right."""
    stage = Stage()
    stage.set_stock("LAMP", south=30)
    for shop, code in (("tmall", "1-LAMP"), ("jd", "LAMP-2"), ("outlet", "LAMP")):
        stage.show(shop, code, quantity=10)
    return stage


def _report(stage: Stage) -> Report:
    return reckoned(stage.world, stage.books, stage.recount, transfers=3)


# --- the story ---------------------------------------------------------------------------------------------


def test_a_change_is_told_with_shop_code_sku_figures_and_reason(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = {"shop": "jd", "listing": stage.ware("jd", "LAMP-2").key[1], "kind": "lower"}
    stage.now = 3.21
    stage.narrator.tell("changed", **facts, old=8, new=6, cause="snapshot", rule="pools.split weight")
    told = "   3.2s  syncd    writes jd LAMP-2 (LAMP) 8 -> 6: the ERP has new figures (pools.split weight)"
    assert capsys.readouterr().err == told + os.linesep


def test_an_unknown_counter_is_told_as_unknown(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    facts = {"shop": "jd", "listing": stage.ware("jd", "LAMP-2").key[1], "kind": "lower"}
    stage.narrator.tell("changed", **facts, old=None, new=6, cause="claim", rule="")
    assert " ? -> 6" in capsys.readouterr().err


def test_a_raise_after_sales_elsewhere_is_told_as_such(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = {"shop": "outlet", "listing": stage.ware("outlet", "LAMP").key[1], "kind": "raise"}
    stage.narrator.tell("changed", **facts, old=1, new=6, cause="claim", rule="")
    assert "1 -> 6: they sell sooner here" in capsys.readouterr().err


def test_what_a_stranger_would_not_understand_is_not_told(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.narrator.tell("counter_moved", shop="jd", listing="1", sku="LAMP", by=-1)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("orders_failing", {"shop": "jd", "error": "gone"}, "cannot read the orders of jd"),
        ("orders_recovered", {"shop": "jd"}, "knows the orders of jd again"),
        (
            "order_doubted",
            {"shop": "jd", "order": "7", "because": "odd"},
            "does not understand order 7 of jd",
        ),
        ("drift", {"shop": "jd", "sku": "LAMP", "by": -1}, "finds -1 LAMP in jd that no order explains"),
        ("put_back", {"shop": "jd", "listing": "1"}, "sees that a person put 1 in jd back on sale"),
    ],
)
def test_what_becomes_of_orders_is_told(
    stage: Stage, capsys: pytest.CaptureFixture[str], name: str, facts: dict[str, object], words: str
) -> None:
    stage.narrator.tell(name, **facts)
    assert words in capsys.readouterr().err


def test_a_plan_ends_the_quiet(stage: Stage) -> None:
    for name in ("source_collected", "planned", "source_collected", "source_collected"):
        stage.narrator.tell(name, changes=1)
    assert stage.narrator.quiet == 2


async def test_orders_that_come_into_the_erp_are_told_once(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await stage.buy("jd", "LAMP-2", 1)
    await stage.buy("jd", "LAMP-2", 2)
    stage.wait(IMPORTED_AFTER + 1)
    for _ in range(2):
        stage.narrator.look()
    assert [line.split("  ")[-1] for line in capsys.readouterr().err.splitlines()] == [
        "imports 2 orders of jd"
    ]


async def test_a_set_is_told_as_one_order(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.show("tmall", "1-TEA-SET", quantity=3)
    await stage.buy("tmall", "1-TEA-SET", 1)
    stage.wait(IMPORTED_AFTER + 1)
    stage.narrator.look()
    assert "imports 1 order of tmall" in capsys.readouterr().err


async def test_an_order_that_was_never_paid_is_told(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    await stage.buy("jd", "LAMP-2", 1, paid=False)
    stage.wait(PAY_WITHIN + 1)
    stage.narrator.look()
    assert "jd has 1 unpaid order less" in capsys.readouterr().err


def _moves() -> list[Move]:
    ways = ((True, False), (False, True), (False, False))
    return [Move(_NOON, "LAMP", "jd", "outlet", 4, is_sent=sent, is_proven=proven) for sent, proven in ways]


def test_units_that_move_are_told_as_they_leave_and_as_they_arrive_or_not(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.narrator.hear_moves(_moves())
    told = {line.partition("4 LAMP ")[2] for line in capsys.readouterr().err.splitlines()}
    assert told == {
        "leave jd for outlet, on sale in neither",
        "of jd are outlet's now: their taking is proven",
        "do not go to outlet: they are in the reserve",
    }


def test_a_move_counts_once_however_often_it_is_heard(stage: Stage) -> None:
    for _ in range(3):
        stage.narrator.hear_moves(_moves())
    assert stage.narrator.transfers == 1


# --- the books ---------------------------------------------------------------------------------------------


def test_the_books_name_every_sku_and_counter_that_is_wrong(stage: Stage) -> None:
    stage.show("jd", "LAMP-2", quantity=11)
    stage.set_stock("MUG-BLU", east=20)
    problems = {problem for problem in _report(stage).problems if problem.startswith(("LAMP", "MUG-BLU: jd"))}
    assert problems == {
        "LAMP: 1 too many on sale: 31, 30 there are",
        "MUG-BLU: jd MUG-BLU-2 reads 0, it should read 20",
    }


def test_a_listing_that_is_on_sale_below_the_warning_level_is_named(stage: Stage) -> None:
    stage.set_stock("LAMP", south=1)
    assert "LAMP: jd LAMP-2 reads 10, it should read 0, off sale" in _report(stage).problems


def test_the_books_show_their_figures_in_one_row(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    show(_report(stage))
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["LAMP", "30", "0", "0", "30", "0", "0", "0", "30", "30", "0", "0", "0", "yes"] in rows


def test_books_that_do_not_agree_say_how_many_do(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    show(_report(stage))
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"only \d of 8 SKUs agree, \d+ of 24 counters are right", last)


def test_the_document_says_whether_a_sku_agrees(stage: Stage) -> None:
    document = json.loads(json.dumps(_report(stage).as_json(seed=7)))
    agrees = {row["sku"]: row["agrees"] for row in document["skus"]}
    assert (agrees["LAMP"], agrees["TOWEL"], document["agrees"]) == (True, False, False)


def test_the_document_has_the_totals_of_the_run(stage: Stage) -> None:
    run = _report(stage).as_json(seed=7)["run"]
    assert sorted(run) == [
        *("calls", "cancelled", "orders", "oversold", "slowest", "transfers", "units", "writes"),
    ]
