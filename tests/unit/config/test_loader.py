"""The whole way from files to a configuration."""

from datetime import UTC, datetime
from pathlib import Path

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
from tests.unit.config.stand import SHOP, VALID, load_text

EAST, WEST = WarehouseName("east"), WarehouseName("west")
TMALL_SHOP, JD_SHOP = ShopName("tmall"), ShopName("jd")
MAIN = PoolName("main")

RICH = """
[cycle]
policy = "no_raise"
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
                aliases=AliasRules(),
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
