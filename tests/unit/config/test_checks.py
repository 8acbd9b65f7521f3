"""Tables against each other."""

from pathlib import Path

import pytest

from tests.unit.config.stand import POOL, SOURCE, TMALL, VALID, load_text, problems_of

WMS = '[sources.wms]\ntype = "file"\npath = "x"\nwarehouses = ["{}"]\n'
SIDE = '[pools.side]\nmode = "split"\nwarehouses = ["{}"]\nshops = ["{}"]\n'
JD = '[shops.jd]\ntype = "stall"\nurl = "http://127.0.0.1"\n'
NORTH = WMS.format("north")


def told(folder: Path, text: str) -> list[tuple[str, str]]:
    return [(row.key, row.message) for row in problems_of(folder, text)]


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        (
            VALID + WMS.format("east"),
            "sources.wms.warehouses[1]",
            "the warehouse east is counted by [sources.erp] already",
        ),
        (
            VALID + SIDE.format("east", "tmall"),
            "pools.side.warehouses[1]",
            "the warehouse east is in [pools.main] already",
        ),
        (VALID + NORTH, "sources.wms.warehouses[1]", "the warehouse north is in no pool"),
        (
            VALID + SIDE.format("north", "tmall"),
            "pools.side.warehouses[1]",
            "is a warehouse that no source counts",
        ),
        (
            VALID + NORTH + SIDE.format("north", "tmal"),
            "pools.side.shops[1]",
            "is a shop that is not configured",
        ),
        (VALID + JD, "shops.jd", "the shop jd is in no pool"),
        (VALID.replace('shops = ["tmall"]', "shops = []"), "pools.main.shops", "must not be empty"),
        (VALID.replace('["tmall"]', '["tmall", "tmall"]'), "pools.main.shops", "names the same thing twice"),
        (SOURCE + POOL + "last_units = 'jd'\n" + TMALL, "pools.main.last_units", "is no shop of this pool"),
        (SOURCE + POOL, "shops", "there is no [shops.NAME]"),
    ],
)
def test_what_does_not_fit_together_is_one_problem(tmp_path: Path, text: str, key: str, message: str) -> None:
    assert told(tmp_path, text) == [(key, message)]


@pytest.mark.parametrize(
    ("override", "key", "message"),
    [
        ("cap = 1", "overrides[1]", "is for everything"),
        ('sku = "A"', "overrides[1]", "sets no value"),
        ('sku = "A"\ncap = 1\npool = "maain"', "overrides[1].pool", "names what is not configured"),
        ('cap = 1\nshop = ["tmall", "jd"]', "overrides[1].shop[2]", "names what is not configured"),
        ('sku = ""\ncap = 1', "overrides[1].sku", "must not be empty"),
        ('sku = " "\ncap = 1', "overrides[1].sku", "has blanks around it or characters that cannot be seen"),
        ("sku = []\ncap = 1", "overrides[1].sku", "must not be empty"),
        ('sku = ["A", 5]\ncap = 1', "overrides[1].sku[2]", "must be text in quotes"),
    ],
)
def test_an_override_that_means_nothing_is_one_problem(
    tmp_path: Path, override: str, key: str, message: str
) -> None:
    assert told(tmp_path, VALID + "[[overrides]]\n" + override) == [(key, message)]


def test_an_override_whose_shop_is_not_in_its_pool_is_for_nothing(tmp_path: Path) -> None:
    other = NORTH + SIDE.format("north", "jd") + JD
    override = '[[overrides]]\npool = "main"\nshop = "jd"\ncap = 1\n'
    assert told(tmp_path, VALID + other + override) == [("overrides[1]", "is for nothing")]


def test_a_relist_level_in_the_same_table_must_be_above_the_warning_level(tmp_path: Path) -> None:
    text = SOURCE + POOL + "warning_level = 5\nrelist_level = 5\n" + TMALL
    assert told(tmp_path, text) == [("pools.main.relist_level", "must be more than the warning_level")]


def test_a_relist_level_one_above_the_warning_level_is_fine(tmp_path: Path) -> None:
    assert told(tmp_path, SOURCE + POOL + "warning_level = 5\nrelist_level = 6\n" + TMALL) == []


def test_a_shops_relist_level_is_held_against_its_pools_warning_level(tmp_path: Path) -> None:
    text = SOURCE + POOL + "warning_level = 5\n" + TMALL + "relist_level = 3\n"
    assert told(tmp_path, text) == [
        ("shops.tmall.relist_level", "must be more than the warning_level of pools.main")
    ]


def test_the_warning_level_that_counts_is_the_last_that_was_set(tmp_path: Path) -> None:
    text = SOURCE + POOL + "warning_level = 1\n" + TMALL + "warning_level = 5\n"
    assert told(tmp_path, text + "[[overrides]]\nsku = 'A'\nrelist_level = 3\n") == [
        ("overrides[1].relist_level", "must be more than the warning_level of shops.tmall")
    ]


def test_an_overrides_warning_level_is_held_against_the_relist_level_it_meets(tmp_path: Path) -> None:
    text = SOURCE + POOL + "relist_level = 8\n" + TMALL + "[[overrides]]\nsku = 'A'\nwarning_level = 9\n"
    assert told(tmp_path, text) == [
        ("overrides[1].warning_level", "must be less than the relist_level of pools.main")
    ]


def test_an_override_for_another_shop_is_not_held_against_this_one(tmp_path: Path) -> None:
    other = NORTH + SIDE.format("north", "jd") + JD
    levels = '[[overrides]]\nshop = "jd"\nwarning_level = 9\n'
    text = SOURCE + POOL + "relist_level = 8\n" + TMALL + other + levels
    assert told(tmp_path, text) == []


@pytest.mark.parametrize(
    ("rows", "key", "message"),
    [
        ('sku = "S"\ncomponents = {S = 1, A = 1}', "bundles[1].components.S", "contains itself"),
        (
            'sku = "S"\ncomponents = {T = 1}\n[[bundles]]\nsku = "T"\ncomponents = {A = 1}',
            "bundles[1].components.T",
            "contains another bundle",
        ),
        (
            'sku = "S"\ncomponents = {A = 1}\n[[bundles]]\nsku = "S"\ncomponents = {A = 2}',
            "bundles[2].sku",
            "is a bundle twice",
        ),
        (
            'sku = "SETU"\ncomponents = {A = 1}',
            "bundles[1].sku",
            "ends like the unsellable codes of the source erp",
        ),
        ('sku = "S"\ncomponents = {}', "bundles[1].components", "is empty"),
        ('sku = "S"\ncomponents = {A = 0}', "bundles[1].components.A", "must be 1 or more"),
        ('sku = "S"', "bundles[1].components", "is missing"),
        (
            'sku = "S"\ncomponents = {A = 1}\n[[virtual]]\nsku = "S"\nwarehouse = "east"\nunits = 1',
            "virtual[1].sku",
            "is a bundle, which lies in no warehouse",
        ),
    ],
)
def test_a_bundle_that_cannot_be_is_one_problem(tmp_path: Path, rows: str, key: str, message: str) -> None:
    text = SOURCE + "unsellable_suffix = 'U'\n" + POOL + TMALL + "[[bundles]]\n" + rows
    assert told(tmp_path, text) == [(key, message)]


def test_virtual_stock_needs_a_warehouse_that_is_counted(tmp_path: Path) -> None:
    text = VALID + "[[virtual]]\nsku = 'A'\nwarehouse = 'north'\nunits = 1\n"
    assert told(tmp_path, text) == [("virtual[1].warehouse", "is a warehouse that no source counts")]


def test_a_code_stands_for_one_pack(tmp_path: Path) -> None:
    packs = "packs = [{code='C', sku='A', units=2},\n {code='C', sku='B', units=2}]\n"
    assert told(tmp_path, VALID + packs) == [("shops.tmall.packs[2].code", "stands for two packs")]


def test_mirror_in_a_split_pool_is_noted(tmp_path: Path) -> None:
    text = VALID.replace("shared", "split") + 'repeated = "mirror"\n'
    assert [note.key for note in load_text(tmp_path, text).notes] == ["shops.tmall.repeated"]


def test_mirror_in_a_shared_pool_is_not_noted(tmp_path: Path) -> None:
    assert load_text(tmp_path, VALID + 'repeated = "mirror"\n').notes == ()


def test_a_wrong_list_of_warehouses_is_told_once_and_not_through_its_echoes(tmp_path: Path) -> None:
    text = VALID.replace('warehouses = ["east", "west"]\n\n[pools', "warehouses = 5\n\n[pools")
    assert told(tmp_path, text) == [("sources.erp.warehouses", "must be a list in [brackets]")]


def test_a_wrong_key_of_a_pool_does_not_hide_what_else_is_wrong_with_it(tmp_path: Path) -> None:
    text = SOURCE + POOL.replace("tmall", "tmal") + "reserve = 101\n" + TMALL
    assert sorted(told(tmp_path, text)) == [
        ("pools.main.reserve", "must be 100 or less"),
        ("pools.main.shops[1]", "is a shop that is not configured"),
        ("shops.tmall", "the shop tmall is in no pool"),
    ]
