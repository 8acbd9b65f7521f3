"""The commented examples in config/ load as they stand and show every setting."""

import re
import shutil
from pathlib import Path

import pytest

from syncd.config.configuration import Configuration
from syncd.config.loader import load
from syncd.config.registry import Registry
from syncd.config.schema import describe
from syncd.domain.topology import PoolMode

CONFIG = Path(__file__).parents[2] / "config"
EXAMPLES = sorted(CONFIG.rglob("*.toml"))
SECRET = "Bearer planted"
ENVIRON = {
    "WMS_AUTHORIZATION": SECRET,
    "OUTLET_AUTHORIZATION": SECRET,
    "ALIEXPRESS_APP_SECRET": "planted",
    "ALIEXPRESS_ACCESS_TOKEN": "planted",
    "TAOBAO_APP_SECRET": "planted",
    "TAOBAO_SESSION": "planted",
    "DOUYIN_APP_SECRET": "planted",
    "DOUYIN_ACCESS_TOKEN": "planted",
    "DOUYIN_REFRESH_TOKEN": "planted",
    "JD_ACCESS_TOKEN": "planted",
    "JD_REFRESH_TOKEN": "planted",
    "PDD_CLIENT_SECRET": "planted",
    "PDD_ACCESS_TOKEN": "planted",
    "PDD_REFRESH_TOKEN": "planted",
}
COMMENTED_KEY = re.compile(r"^# ([a-z_]+ = .*)$", re.MULTILINE)


def copied(folder: Path, *, defaults: bool) -> Path:
    """Copy the examples with their secret file in reach, and with the commented defaults switched on."""
    shutil.copytree(CONFIG, folder / "config")
    (folder / "tmall").write_text(SECRET, encoding="utf-8")
    (folder / "tmall").chmod(0o600)
    for path in (folder / "config").rglob("*.toml"):
        text = path.read_text(encoding="utf-8")
        text = text.replace("file:/etc/syncd/secrets/tmall", f"file:{folder / 'tmall'}")
        path.write_text(COMMENTED_KEY.sub(r"\1", text) if defaults else text, encoding="utf-8")
    return folder / "config/syncd.toml"


def loaded(folder: Path, *, defaults: bool = False) -> Configuration:
    return load(copied(folder, defaults=defaults), environ=ENVIRON, registry=Registry.installed())


def test_the_examples_load(tmp_path: Path) -> None:
    shops = ["aliexpress", "douyin", "jd", "outlet", "pdd", "taobao", "tmall"]
    assert sorted(loaded(tmp_path).shops) == shops


def test_the_defaults_in_comments_load_too(tmp_path: Path) -> None:
    assert loaded(tmp_path, defaults=True).settings.state.ledger_days == 90


def test_the_defaults_in_comments_are_the_defaults(tmp_path: Path) -> None:
    bare, full = (loaded(tmp_path / name, defaults=name == "full") for name in ("bare", "full"))
    free = {"max_off_count", "max_raised_units"}
    tables = [config.settings.model_dump(exclude={"guard": free}) for config in (bare, full)]
    assert tables[0] == tables[1]
    assert bare.topology.pools == full.topology.pools


def test_every_example_is_read(tmp_path: Path) -> None:
    assert len(loaded(tmp_path).files) == len(EXAMPLES)


def test_the_examples_show_a_shared_and_a_split_pool(tmp_path: Path) -> None:
    assert {pool.mode for pool in loaded(tmp_path).topology.pools} == set(PoolMode)


def test_the_examples_show_the_built_in_types(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    assert {source.core.type for source in config.sources.values()} == {"csv", "http_json"}
    types = {shop.core.type for shop in config.shops.values()}
    assert types == {"aliexpress", "douyin", "http", "jd", "pdd", "taobao"}


def test_the_only_notes_are_the_credential_and_the_hook_without_a_door(tmp_path: Path) -> None:
    notes = sorted(note.key for note in loaded(tmp_path).notes)
    assert notes == ["shops.douyin.hook", "shops.jd.app_secret"]


@pytest.mark.parametrize("key", [row.key for row in describe()])
def test_every_core_setting_is_shown(key: str) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in EXAMPLES)
    word = re.escape(key.rsplit(".", 1)[-1])
    assert re.search(rf"\b{word} = ", text), f"{key} occurs in no example"


def test_every_example_explains_itself() -> None:
    assert [path.name for path in EXAMPLES if not path.read_text(encoding="utf-8").startswith("# ")] == []
