"""Ten mistakes are told at once."""

from pathlib import Path

import pytest

from syncd.config.loader import load
from syncd.errors import ConfigError
from tests.unit.config.stand import REGISTRY, problems_of, write

TEN = {
    "syncd.toml": """\
include = ["shops.d/*.toml"]

[cycle]
everyy = "30s"
jitter = 5

[sources.erp]
type = "fiile"
path = "x"
warehouses = ["east"]
max_age = 15

[pools.main]
mode = "shared"
warehouses = ["east", "north"]
shops = ["tmall", "jd"]
warning_level = 9
relist_level = 3

[[overrides]]
sku = "A"
cap = -1
""",
    "shops.d/jd.toml": """\
[shops.jd]
type = "stall"
token = "planted-s3cret"
""",
    "shops.d/tmall.toml": """\
[shops.tmall]
type = "stall"
url = "http://127.0.0.1"
percent = 101
""",
}

EXPECTED = [
    ("syncd.toml", 4, "cycle.everyy", "is no key of this table"),
    ("syncd.toml", 5, "cycle.jitter", "is a duration without a unit"),
    ("syncd.toml", 8, "sources.erp.type", "is no type that is installed"),
    ("syncd.toml", 11, "sources.erp.max_age", "is a duration without a unit"),
    ("syncd.toml", 15, "pools.main.warehouses[2]", "is a warehouse that no source counts"),
    ("syncd.toml", 18, "pools.main.relist_level", "must be more than the warning_level"),
    ("syncd.toml", 22, "overrides[1].cap", "must be 0 or more"),
    ("shops.d/jd.toml", 1, "shops.jd.url", "is missing"),
    ("shops.d/jd.toml", 3, "shops.jd.token", "must be a reference, not the secret itself"),
    ("shops.d/tmall.toml", 4, "shops.tmall.percent", "must be 100 or less"),
]


def test_ten_mistakes_are_ten_problems_each_with_file_line_and_key(tmp_path: Path) -> None:
    rows = problems_of(tmp_path, TEN)
    told = [(str(Path(row.file).relative_to(tmp_path)), row.line, row.key, row.message) for row in rows]
    assert sorted(told) == sorted(EXPECTED)


def test_each_of_the_ten_says_what_to_do(tmp_path: Path) -> None:
    assert all(row.hint for row in problems_of(tmp_path, TEN))


def test_no_value_is_repeated_in_a_problem(tmp_path: Path) -> None:
    text = "\n".join(map(str, problems_of(tmp_path, TEN)))
    assert not [value for value in ("planted", "fiile", "north", "101") if value in text]


def test_the_error_holds_all_problems(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cycle\.everyy(.|\n)*shops\.tmall\.percent"):
        load(write(tmp_path, TEN), environ={}, registry=REGISTRY)
