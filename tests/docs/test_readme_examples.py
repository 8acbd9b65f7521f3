"""The configurations, the worked example and the adapter in README.md work as they stand."""

import csv
import importlib.util
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from syncd.adapters.http import open_http
from syncd.config.configuration import Configuration
from syncd.config.loader import load
from syncd.config.registry import Registry
from syncd.domain.book import State, make_book
from syncd.domain.model import (
    ItemId,
    ListingId,
    ListingRow,
    Part,
    ShopName,
    Sku,
    Snapshot,
    SnapshotKind,
    SourceName,
    StockRow,
    WarehouseName,
)
from syncd.domain.pipeline import Figures, compute
from syncd.domain.records import ClaimRow, SourceState
from syncd.errors import PortError
from syncd.ports.plugin import Adapter
from tests.docs.readme_rig import README, blocks, rows

TEXT = README.read_text(encoding="utf-8")
FIRST, *ADDED = [block.text for block in blocks(TEXT, "toml", "Configuration by example")]
EXAMPLE = blocks(TEXT, "toml", "How it decides")[0].text
SECRET = "planted"
SECRET_FILE = "/etc/syncd/secrets/jd"
"""The only thing in the configurations that is rewritten: where the file with a secret lies."""

IMPORTS = """
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict

from syncd.domain.model import Part, Sku, Snapshot, SnapshotKind, SourceName, WarehouseName
from syncd.errors import Kind, PortError
from syncd.ports.plugin import Adapter
from syncd.ports.source import Source
"""


def loaded(folder: Path, text: str, registry: Registry | None = None) -> Configuration:
    secret = folder / "jd"
    secret.write_text(SECRET, encoding="utf-8")
    secret.chmod(0o600)
    file = folder / "syncd.toml"
    file.write_text(text.replace(SECRET_FILE, str(secret)), encoding="utf-8")
    environ = dict.fromkeys(re.findall(r'"env:(\w+)"', text), SECRET)
    return load(file, environ=environ, registry=registry or Registry.installed())


# --- configuration by example ------------------------------------------------------------------------------


def test_the_smallest_configuration_loads(tmp_path: Path) -> None:
    assert sorted(loaded(tmp_path, FIRST).shops) == ["jd", "tmall"]


@pytest.mark.parametrize("added", ADDED)
def test_what_is_added_to_it_loads(tmp_path: Path, added: str) -> None:
    notes = loaded(tmp_path, f"{FIRST}\n{added}").notes
    assert [note.key for note in notes if "credential" not in note.message] == []


def test_all_of_it_together_loads(tmp_path: Path) -> None:
    assert len(loaded(tmp_path, "\n".join([FIRST, *ADDED])).shops) == 5


def test_the_hook_of_the_manual_loads(tmp_path: Path) -> None:
    [hook] = blocks(TEXT, "toml", "Webhooks")
    text = "\n".join([FIRST, *ADDED]) + hook.text.replace("shops.douyin", "shops.flagship")
    core = loaded(tmp_path, text).shops[ShopName("flagship")].core
    assert core.hook is not None
    assert core.hook.rule == "douyin"


def test_no_configuration_is_left_out() -> None:
    sections = {block.section for block in blocks(TEXT, "toml")}
    assert sections == {"How it decides", "Configuration by example", "Webhooks"}


# --- the worked example ------------------------------------------------------------------------------------


def figures_of(configuration: Configuration, now: datetime) -> Figures:
    lines = csv.DictReader(blocks(TEXT, "csv", "How it decides")[0].text.splitlines())
    stock = [
        StockRow(
            SourceName("erp"),
            Sku(line["sku"]),
            WarehouseName(line["warehouse"]),
            now,
            0,
            False,
            *(int(line.get(part.word, 0)) for part in Part),
        )
        for line in lines
    ]
    source = SourceState(name=SourceName("erp"), seq=1, as_of=now, kind=SnapshotKind.FULL)
    listings = [
        listing("jd", "MUG-6", 6, now),
        listing("tmall", "1-MUG", 1, now),
        listing("tmall", "2-MUG", 1, now),
    ]
    state = State(
        topology=configuration.topology,
        now=now,
        stock=stock,
        listings=listings,
        sources={source.name: source},
        unrouted=(),
        claims=[ClaimRow(ShopName("tmall"), "sold", Sku("MUG"), "", 3, now)],
        levels=(),
    )
    return compute(make_book(state))


def listing(shop: str, code: str, units: int, now: datetime) -> ListingRow:
    return ListingRow(
        shop=ShopName(shop),
        id=ListingId(code),
        code=code,
        item=ItemId(code),
        location="",
        title="",
        sku=Sku("MUG"),
        units=units,
        unbound_because="",
        desired=None,
        want_off=False,
        expected_lo=0,
        expected_hi=0,
        observed=0,
        observed_at=now,
        withheld=0,
        on_sale=True,
        delisted_by="",
        gone=False,
    )


def computed(figures: Figures) -> Mapping[str, int]:
    """Return the figures by the words of the manual's table."""
    pools, shares = figures.pools, figures.shares
    shops = [shop.name for shop in figures.book.topology.shops]
    by_listing = zip(figures.book.state.listings, figures.listings.units.tolist(), strict=True)
    return {
        "net of hangzhou": int(pools.net[0, 0]),
        "net of shanghai": int(pools.net[1, 0]),
        "available": int(pools.available[0, 0]),
        "reserve": int(pools.reserve[0, 0]),
        "rest": int(pools.rest[0, 0]),
        **{f"share of {edge.shop}": int(shares.base[at, 0]) for at, edge in enumerate(figures.book.edges)},
        **{f"quantity of {name}": int(shares.quantity[at, 0]) for at, name in enumerate(shops)},
        **{row.code: units for row, units in by_listing},
    }


def test_the_worked_example_is_what_the_program_computes(tmp_path: Path, now: datetime) -> None:
    shown = {row[0]: int(row[2]) for row in rows(TEXT, "three mugs were sold")}
    assert shown == computed(figures_of(loaded(tmp_path, EXAMPLE), now))


# --- the adapter -------------------------------------------------------------------------------------------


@pytest.fixture
def shelf(tmp_path: Path) -> ModuleType:
    file = tmp_path / "shelf.py"
    file.write_text(IMPORTS + blocks(TEXT, "python", "Writing an adapter")[0].text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("shelf", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def collected(shelf: ModuleType, folder: Path, content: str) -> Snapshot:
    """Return what the source of the manual says of a file, in a configuration that names it by its word."""
    file = folder / "shelf.txt"
    file.write_text(content, encoding="utf-8")
    text = FIRST.replace('type = "csv"', 'type = "shelf"').replace("/srv/erp/stock.csv", str(file))
    http_shop = Registry.installed().channel("http")
    assert isinstance(http_shop, Adapter)
    registry = Registry(channels={"http": http_shop}, sources={"shelf": shelf.ADAPTER})
    source = loaded(folder, text, registry).sources[SourceName("erp")]
    async with open_http() as http, source.adapter.open(source.options, "erp", http) as port:
        return await port.collect(now=datetime(2026, 3, 2, tzinfo=UTC), cursor="")


async def test_the_adapter_of_the_manual_collects(shelf: ModuleType, tmp_path: Path) -> None:
    snapshot = await collected(shelf, tmp_path, "MUG 3\nTEAPOT 1\nEND\n")
    counts = dict(zip(snapshot.skus, snapshot.parts[:, Part.ON_HAND].tolist(), strict=True))
    assert (snapshot.complete, counts) == (True, {"MUG": 3, "TEAPOT": 1})


async def test_a_file_that_was_cut_is_incomplete_for_the_adapter(shelf: ModuleType, tmp_path: Path) -> None:
    assert (await collected(shelf, tmp_path, "MUG 3\nTEAPOT 1\n")).complete is False


@pytest.mark.parametrize("content", ["MUG three\nEND\n", "MUG\nEND\n"])
async def test_a_line_that_is_none_fails_the_adapter(shelf: ModuleType, tmp_path: Path, content: str) -> None:
    with pytest.raises(PortError, match="source erp"):
        await collected(shelf, tmp_path, content)
