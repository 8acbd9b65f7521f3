"""`last_units` of single SKUs: who may be named, and which rules come of it."""

from pathlib import Path

import pytest

from syncd.domain.model import PoolName, ShopName
from syncd.domain.topology import Rule
from tests.unit.config.stand import SOURCE, TMALL, load_text, problems_of

JD = '[shops.jd]\ntype = "stall"\nurl = "http://127.0.0.1"\n'
SIDE_STALL = '[shops.outlet]\ntype = "stall"\nurl = "http://127.0.0.1"\n'
POOLS = """
[pools.main]
mode = "split"
warehouses = ["east"]
shops = ["tmall", "jd"]
last_units = "jd"

[pools.side]
mode = "split"
warehouses = ["west"]
shops = ["outlet"]
"""
TEXT = SOURCE + POOLS + TMALL + JD + SIDE_STALL
MAIN = PoolName("main")


def override(lines: str) -> str:
    return f"{TEXT}[[overrides]]\n{lines}\n"


def rules(folder: Path, lines: str) -> list[Rule]:
    topology = load_text(folder, override(lines)).topology
    return [rule for rule in topology.rules if rule.name.startswith("overrides")]


@pytest.mark.parametrize(
    ("lines", "message", "hint"),
    [
        (
            'sku = "A"\npool = "main"\nlast_units = "outlet"',
            "is no shop of [pools.main]",
            "known shops of the pool: jd, tmall",
        ),
        (
            'sku = "A"\npool = ["main", "side"]\nlast_units = "jd"',
            "is no shop of [pools.side]",
            "known shops of the pool: outlet",
        ),
        ('sku = "A"\nlast_units = "tmal"', "is no shop of any pool", "did you mean `tmall`?"),
        (
            'sku = "A"\nshop = "jd"\nlast_units = "jd"',
            "cannot stand beside shop",
            "it names its shop itself; take shop out, or write it into an [[overrides]] of its own",
        ),
        (
            'sku = "A"\nshop = "jd"\nlast_units = ""',
            "cannot stand beside shop",
            "it names its shop itself; take shop out, or write it into an [[overrides]] of its own",
        ),
    ],
)
def test_a_shop_that_cannot_have_the_last_units_is_one_problem(
    tmp_path: Path, lines: str, message: str, hint: str
) -> None:
    told = [(row.key, row.message, row.hint) for row in problems_of(tmp_path, override(lines))]
    assert told == [("overrides[1].last_units", message, hint)]


def test_the_shop_of_the_last_units_is_text(tmp_path: Path) -> None:
    rows = problems_of(tmp_path, override('sku = "A"\nlast_units = 5'))
    assert [(row.key, row.message) for row in rows] == [("overrides[1].last_units", "must be text in quotes")]


def test_an_unknown_pool_is_told_once_and_not_through_its_last_units(tmp_path: Path) -> None:
    rows = problems_of(tmp_path, override('sku = "A"\npool = "maain"\nlast_units = "nobody"'))
    assert [row.key for row in rows] == ["overrides[1].pool"]


def test_last_units_for_everything_is_refused(tmp_path: Path) -> None:
    rows = problems_of(tmp_path, override('last_units = "jd"'))
    assert [(row.key, row.message) for row in rows] == [("overrides[1]", "is for everything")]


def test_an_override_gives_the_last_units_of_its_skus_to_its_shop(tmp_path: Path) -> None:
    assert rules(tmp_path, 'sku = ["A", "B*"]\npool = "main"\nlast_units = "tmall"') == [
        Rule(
            name="overrides[1]",
            values={"last_units": 1},
            pools=(MAIN,),
            shops=(ShopName("tmall"),),
            skus=("A", "B*"),
        )
    ]


def test_an_override_can_take_the_last_units_from_every_shop(tmp_path: Path) -> None:
    assert rules(tmp_path, 'sku = "A"\nlast_units = ""') == [
        Rule(name="overrides[1]", values={"last_units": 0}, skus=("A",))
    ]


def test_the_other_values_of_the_override_stay_those_of_every_shop(tmp_path: Path) -> None:
    assert rules(tmp_path, 'sku = "A"\nwarning_level = 9\nlast_units = "jd"') == [
        Rule(name="overrides[1]", values={"warning_level": 9}, skus=("A",)),
        Rule(name="overrides[1]", values={"last_units": 1}, shops=(ShopName("jd"),), skus=("A",)),
    ]
