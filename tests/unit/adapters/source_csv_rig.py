"""A folder of exports, and a source that reads it."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from syncd.adapters.sources.csv import CsvSettings, CsvSource
from syncd.domain.model import Part, Snapshot

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HEAD = "sku,warehouse,on_hand\n"


def written(path: Path, text: str | bytes, *, minutes_ago: int = 10) -> Path:
    """Write an export as if it had been there for some minutes."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    time = (NOW - timedelta(minutes=minutes_ago)).timestamp()
    os.utime(path, (time, time))
    return path


def source(path: Path, **options: object) -> CsvSource:
    """Return a source that counts the warehouses main and east."""
    return CsvSource(settings(path, **options), "erp")


def settings(path: Path, **options: object) -> CsvSettings:
    """Return settings as the loader makes them."""
    return CsvSettings.model_validate({"path": str(path), "warehouses": ("main", "east")} | options)


async def collected(path: Path, *, cursor: str = "", **options: object) -> Snapshot:
    """Return what the source says of `path` at `NOW`."""
    return await source(path, **options).collect(now=NOW, cursor=cursor)


async def read(folder: Path, text: str | bytes, **options: object) -> Snapshot:
    """Return what the source says of a file with this text."""
    path = written(folder / "stock.csv", text)
    return await source(path, **options).collect(now=NOW, cursor="")


def on_hand(snapshot: Snapshot) -> Mapping[str, int]:
    """Return the units on hand by SKU, for snapshots of one warehouse."""
    return dict(zip(snapshot.skus, snapshot.parts[:, Part.ON_HAND].tolist(), strict=True))


def problems(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return where and what."""
    return [(problem.row, problem.message) for problem in snapshot.problems]
