"""Wrong keys, one at a time."""

from pathlib import Path

import pytest

from tests.unit.config.stand import VALID, problems_of


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("[cycle]\nevery = '0s'", "cycle.every", "must be more than no time at all"),
        ("[guard]\nfrom_listings = true", "guard.from_listings", "must be a whole number, without quotes"),
        ("[guard]\nfrom_listings = 1.0", "guard.from_listings", "must be a whole number, without quotes"),
        (
            "[cycle]\npolicy = 'all'",
            "cycle.policy",
            "must be one of 'full', 'no_raise', 'no_delist', 'freeze', 'dry_run'",
        ),
        ("[guard]\nmax_off_percent = 101", "guard.max_off_percent", "must be 100 or less"),
        ("[state]\ndir = '~/x'", "state.dir", "is not a folder"),
        ("[state]\ndir = ''", "state.dir", "is not a folder"),
        ("[state]\ndir = 5", "state.dir", "is not a folder"),
        ("[shop.x]\na = 1", "shop", "is no table of the configuration"),
        ("[shops.Tmall]\ntype = 'stall'\nurl = 'x'", "shops.Tmall", "is no name"),
        ("[shops.tmall.guard]\nmax_of = 1", "shops.tmall.guard.max_of", "is no key of this table"),
        ("[shops.tmall.page]\nsizee = 1", "shops.tmall.page.sizee", "is no key of this table"),
        ("[shops.tmall.page]\nsize = 'x'", "shops.tmall.page.size", "must be a whole number"),
        ("cycle = 1", "cycle", "must be a table"),
        ("[[virtual]]\nsku = 'A'\nwarehouse = 'east'\nunits = -1", "virtual[1].units", "must be 0 or more"),
    ],
)
def test_a_wrong_key_is_one_problem(tmp_path: Path, text: str, key: str, message: str) -> None:
    first = [text, VALID] if "[" not in text else [VALID, text]
    rows = problems_of(tmp_path, "\n".join(first))
    assert [(row.key, row.message) for row in rows] == [(key, message)]


@pytest.mark.parametrize(
    ("line", "key", "message"),
    [
        ("calls_per_second = 0", "calls_per_second", "must be more than 0"),
        ("calls_per_second = true", "calls_per_second", "must be a number, without quotes"),
        ("calls_per_second = inf", "calls_per_second", "must be a finite number"),
        ("calls_per_second = '5'", "calls_per_second", "must be a number, without quotes"),
        ("weight = 1.5", "weight", "must be a whole number, without quotes"),
        ("weight = 1_000_001", "weight", "must be 1,000,000 or less"),
        ("percent = -1", "percent", "must be 0 or more"),
        ("prefix_separators = '-'", "prefix_separators", "must be a list in [brackets]"),
        ("prefix_separators = ['']", "prefix_separators[1]", "must not be empty"),
        ("packs = [{code='C', sku='A'}]", "packs[1].units", "is missing"),
        ("packs = [{code='C', sku='A', units=0}]", "packs[1].units", "must be 1 or more"),
        ("packs = [5]", "packs[1]", "must be a table"),
        ("last_units = 'tmall'", "last_units", "is no key of this table"),
        ("headers = 5", "headers", "must be a table"),
    ],
)
def test_a_wrong_key_of_a_shop_is_one_problem(tmp_path: Path, line: str, key: str, message: str) -> None:
    rows = problems_of(tmp_path, VALID + line)
    assert [(row.key, row.message, row.line) for row in rows] == [(f"shops.tmall.{key}", message, 15)]


def test_a_misspelt_key_is_told_with_the_likeliest_of_core_and_adapter(tmp_path: Path) -> None:
    hints = [row.hint for row in problems_of(tmp_path, VALID + "urll = 'x'\nwieght = 1\n")]
    assert hints == ["did you mean `url`?", "did you mean `weight`?"]


@pytest.mark.parametrize("kind", ["sources", "pools", "shops"])
def test_a_name_that_is_no_table_is_a_problem(tmp_path: Path, kind: str) -> None:
    rows = problems_of(tmp_path, f"{kind}.x = 5\n" + VALID.replace("[", "[", 1))
    assert (f"{kind}.x", "must be a table") in [(row.key, row.message) for row in rows]
