"""The whole way from files to a configuration."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.config.loader import load
from syncd.domain.model import PoolName, ShopName, Sku, SourceName, WarehouseName
from syncd.domain.topology import (
    AliasRules,
    Assemble,
    Bundle,
    GuardLimits,
    Pack,
    PolicyName,
    Pool,
    PoolMode,
    Repeated,
    Rule,
    Shop,
    SourceRules,
    Topology,
    VirtualStock,
)
from syncd.errors import ConfigError
from tests.unit.config.stand import POOL, REGISTRY, SHOP, SOURCE, TMALL, VALID, load_text, problems_of, write

EAST, WEST = WarehouseName("east"), WarehouseName("west")
TMALL_SHOP, JD_SHOP = ShopName("tmall"), ShopName("jd")
MAIN = PoolName("main")

RICH = """
[cycle]
policy = "no_raise"
raise_after = 2
observe_every = "10m"

[guard]
max_off_percent = 20
window = "2h"

[sources.erp]
type = "file"
path = "x"
warehouses = ["east", "west"]
unsellable_suffix = "U"
max_age = "2h"
max_missing = 10
timeout = "5s"

[pools.main]
mode = "split"
warehouses = ["west", "east"]
shops = ["tmall", "jd"]
reserve = 10
relist_after = 3
least_off_time = "1m"
warning_level = 4
last_units = "jd"

[shops.tmall]
type = "stall"
url = "http://127.0.0.1"
prefix_separators = []
suffix_separators = ["_", "-"]
packs = [{code = "C12", sku = "C", units = 12}]
repeated = "mirror"
policy = "freeze"
observe_every = "1h"
weight = 3
percent = 90
[shops.tmall.guard]
max_off_count = 7

[shops.jd]
type = "stall"
url = "http://127.0.0.1"

[[overrides]]
sku = ["A*", "B"]
pool = "main"
shop = "jd"
cap = 0

[[bundles]]
sku = "S"
components = {A = 1, B = 2}
assemble = "pool"

[[virtual]]
sku = "A"
warehouse = "east"
units = 9
until = 2026-12-31
"""


def test_the_topology_is_what_the_tables_say(tmp_path: Path) -> None:
    assert load_text(tmp_path, RICH).topology == Topology(
        sources=(
            SourceRules(
                name=SourceName("erp"),
                warehouses=(EAST, WEST),
                unsellable_suffix="U",
                max_age_seconds=7200.0,
                max_missing_percent=10.0,
            ),
        ),
        pools=(
            Pool(
                name=MAIN,
                mode=PoolMode.SPLIT,
                warehouses=(WEST, EAST),
                shops=(TMALL_SHOP, JD_SHOP),
                reserve_percent=10,
                relist_after=3,
                least_off_seconds=60.0,
            ),
        ),
        shops=(
            Shop(
                name=TMALL_SHOP,
                aliases=AliasRules(suffix_separators=("_", "-")),
                packs=(Pack(code="C12", sku=Sku("C"), units=12),),
                repeated=Repeated.MIRROR,
                policy=PolicyName.FREEZE,
                guard=GuardLimits(max_off_percent=20, max_off_count=7, window_seconds=7200.0),
            ),
            Shop(
                name=JD_SHOP,
                aliases=AliasRules(prefix_separators=("-",), suffix_separators=("-",)),
                guard=GuardLimits(max_off_percent=20, window_seconds=7200.0),
            ),
        ),
        rules=(
            Rule(name="pools.main", values={"warning_level": 4}, pools=(MAIN,)),
            Rule(name="pools.main", values={"last_units": 1}, pools=(MAIN,), shops=(JD_SHOP,)),
            Rule(name="shops.tmall", values={"weight": 3, "percent": 90}, shops=(TMALL_SHOP,)),
            Rule(name="overrides[1]", values={"cap": 0}, pools=(MAIN,), shops=(JD_SHOP,), skus=("A*", "B")),
        ),
        bundles=(Bundle(sku=Sku("S"), components={Sku("A"): 1, Sku("B"): 2}, assemble=Assemble.POOL),),
        virtual=(
            VirtualStock(sku=Sku("A"), warehouse=EAST, units=9, until=datetime(2027, 1, 1, tzinfo=UTC)),
        ),
        policy=PolicyName.NO_RAISE,
        raise_after=2,
    )


def test_an_adapter_gets_the_core_keys_that_it_declares(tmp_path: Path) -> None:
    [source] = load_text(tmp_path, RICH).sources.values()
    assert (source.options.warehouses, source.options.timeout) == (("east", "west"), 5.0)


def test_an_adapter_that_declares_a_core_duration_as_one_gets_it_too(tmp_path: Path) -> None:
    [source] = load_text(tmp_path, RICH).sources.values()
    assert source.options.max_age == 7200.0


def test_a_shop_is_read_as_often_as_it_says_or_as_the_cycle_says(tmp_path: Path) -> None:
    shops = load_text(tmp_path, RICH).shops.values()
    assert [shop.observe_every for shop in shops] == [3600.0, 600.0]


def test_a_shop_carries_its_adapter(tmp_path: Path) -> None:
    [shop] = load_text(tmp_path, VALID).shops.values()
    assert shop.adapter is SHOP


def test_a_relative_state_folder_begins_beside_the_main_file(tmp_path: Path) -> None:
    config = load_text(tmp_path, VALID + '[state]\ndir = "var"\n')
    assert config.settings.state.dir == tmp_path / "var"


def test_an_absolute_state_folder_is_kept(tmp_path: Path) -> None:
    assert load_text(tmp_path, VALID).settings.state.dir == Path("/var/lib/syncd")


# --- the ten mistakes --------------------------------------------------------------------------------------

TEN = {
    "syncd.toml": """\
include = ["shops.d/*.toml"]

[cycle]
evry = "30s"
raise_after = "2"

[sources.erp]
type = "flie"
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
    ("syncd.toml", 4, "cycle.evry", "is no key of this table"),
    ("syncd.toml", 5, "cycle.raise_after", "must be a whole number, without quotes"),
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
    assert not [value for value in ("planted", "flie", "north", "101") if value in text]


def test_the_error_holds_all_problems(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cycle\.evry(.|\n)*shops\.tmall\.percent"):
        load(write(tmp_path, TEN), environ={}, registry=REGISTRY)


# --- single keys -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("[cycle]\nevery = '0s'", "cycle.every", "must be more than no time at all"),
        ("[cycle]\nraise_after = true", "cycle.raise_after", "must be a whole number, without quotes"),
        ("[cycle]\nraise_after = 1.0", "cycle.raise_after", "must be a whole number, without quotes"),
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
        ("[shops.tmall.page]\nsiez = 1", "shops.tmall.page.siez", "is no key of this table"),
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
    hints = [row.hint for row in problems_of(tmp_path, VALID + "ulr = 'x'\nwieght = 1\n")]
    assert hints == ["did you mean `url`?", "did you mean `weight`?"]


@pytest.mark.parametrize("kind", ["sources", "pools", "shops"])
def test_a_name_that_is_no_table_is_a_problem(tmp_path: Path, kind: str) -> None:
    rows = problems_of(tmp_path, f"{kind}.x = 5\n" + VALID.replace("[", "[", 1))
    assert (f"{kind}.x", "must be a table") in [(row.key, row.message) for row in rows]


# --- the environment ---------------------------------------------------------------------------------------


def test_a_variable_wins_over_the_file(tmp_path: Path) -> None:
    config = load_text(tmp_path, VALID + "[cycle]\nevery = '2m'\n", {"SYNCD_CYCLE__EVERY": "30s"})
    assert config.settings.cycle.every == 30.0


def test_a_variable_leaves_the_other_keys_of_its_table(tmp_path: Path) -> None:
    config = load_text(tmp_path, VALID + "[cycle]\njitter = '2s'\n", {"SYNCD_CYCLE__EVERY": "30s"})
    assert config.settings.cycle.jitter == 2.0


def test_a_variable_can_be_a_number(tmp_path: Path) -> None:
    environ = {"SYNCD_STATE__LEDGER_DAYS": "30", "SYNCD_GUARD__MAX_OFF_PERCENT": "0"}
    settings = load_text(tmp_path, VALID, environ).settings
    assert (settings.state.ledger_days, settings.guard.max_off_percent) == (30, 0)


def test_a_guard_variable_reaches_every_shop_that_does_not_say_otherwise(tmp_path: Path) -> None:
    config = load_text(tmp_path, VALID, {"SYNCD_GUARD__MAX_OFF_PERCENT": "7"})
    assert [shop.guard.max_off_percent for shop in config.topology.shops] == [7]


@pytest.mark.parametrize("value", ["", "abc", "1.5", "-1", "1e3"])
def test_a_wrong_variable_is_told_by_its_name(tmp_path: Path, value: str) -> None:
    [row] = problems_of(tmp_path, VALID, {"SYNCD_CYCLE__RAISE_AFTER": value})
    assert (row.file, row.key) == ("SYNCD_CYCLE__RAISE_AFTER in the environment", "cycle.raise_after")


@pytest.mark.parametrize(
    "name",
    [
        "SYNCD_CYCLE__EVRY",
        "SYNCD_CYCLE_EVERY",
        "SYNCD_cycle__every",
        "SYNCD_SHOPS__TMALL__CAP",
        "SYNCD_CYCLE",
    ],
)
def test_a_variable_that_matches_no_key_is_a_problem(tmp_path: Path, name: str) -> None:
    [row] = problems_of(tmp_path, VALID, {name: "30s"})
    assert (row.key, row.message) == (name, "matches no setting")


@pytest.mark.parametrize("name", ["SYNCD_CONFIG", "SYNCD_TOKEN", "HOME", "XSYNCD_CYCLE__EVRY"])
def test_other_variables_are_let_be(tmp_path: Path, name: str) -> None:
    assert problems_of(tmp_path, VALID, {name: "x"}) == []


def test_a_variable_that_is_a_secret_is_no_override(tmp_path: Path) -> None:
    text = VALID + 'token = "env:SYNCD_TMALL__TOKEN"\n'
    assert problems_of(tmp_path, text, {"SYNCD_TMALL__TOKEN": "x"}) == []


def test_the_environment_of_the_process_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_CYCLE__EVERY", "30s")
    assert load_text(tmp_path, VALID).settings.cycle.every == 60.0


# --- the fingerprint ---------------------------------------------------------------------------------------


def fingerprint(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    return load_text(folder, text, environ).fingerprint


@pytest.mark.parametrize(
    "text",
    [
        VALID + "# a comment\n",
        VALID + "[cycle]\nevery = '5m'\npolicy = 'freeze'\nraise_after = 5\n",
        VALID + "[guard]\nmax_off_percent = 5\n",
        VALID + "timeout = '5s'\ncalls_per_second = 1\npolicy = 'freeze'\n",
        SOURCE + "timeout = '5s'\n" + POOL + TMALL,
        VALID + '[log]\nlevel = "debug"\n',
    ],
)
def test_what_decides_no_quantity_leaves_the_fingerprint(tmp_path: Path, text: str) -> None:
    assert fingerprint(tmp_path, text) == fingerprint(tmp_path, VALID)


@pytest.mark.parametrize(
    "text",
    [
        VALID + "weight = 2\n",
        VALID + "suffix_separators = []\n",
        VALID.replace("stock.csv", "other.csv"),
        VALID.replace("127.0.0.1", "127.0.0.2"),
        VALID.replace("shared", "split"),
        SOURCE + "max_age = '2h'\n" + POOL + TMALL,
        VALID + "[[virtual]]\nsku = 'A'\nwarehouse = 'east'\nunits = 1\n",
        VALID + "[[bundles]]\nsku = 'S'\ncomponents = {A = 1}\n",
    ],
)
def test_what_decides_a_quantity_changes_the_fingerprint(tmp_path: Path, text: str) -> None:
    assert fingerprint(tmp_path, text) != fingerprint(tmp_path, VALID)


def test_a_secret_does_not_go_into_the_fingerprint(tmp_path: Path) -> None:
    text = VALID + 'token = "env:T"\nheaders = {A = "env:T"}\n'
    assert fingerprint(tmp_path, text, {"T": "one"}) == fingerprint(tmp_path, text, {"T": "two"})


def test_the_order_of_tables_keys_does_not_matter_to_the_fingerprint(tmp_path: Path) -> None:
    swapped = VALID.replace(
        'type = "stall"\nurl = "http://127.0.0.1"', 'url = "http://127.0.0.1"\ntype = "stall"'
    )
    assert fingerprint(tmp_path, swapped) == fingerprint(tmp_path, VALID)
