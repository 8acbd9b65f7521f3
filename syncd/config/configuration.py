"""What a loaded configuration is: checked, typed and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from syncd.config.settings import CoreSettings, ShopTable, SourceTable
from syncd.domain.model import ShopName, SourceName
from syncd.domain.topology import Topology
from syncd.errors import Problem
from syncd.ports.channel import Channel
from syncd.ports.plugin import Adapter
from syncd.ports.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceConfig:
    """One source: its core keys, its adapter, and the adapter's own settings with secrets in them.

    `unresolved` are the keys of credentials that cannot be read here; while there are any, opening the source
    leads to nothing but a refused login.
    """

    name: SourceName
    core: SourceTable
    adapter: Adapter[Source]
    options: Any = field(repr=False)
    unresolved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopConfig:
    """One shop, as `SourceConfig`; `observe_every` is the cycle's where the shop says nothing."""

    name: ShopName
    core: ShopTable
    adapter: Adapter[Channel]
    options: Any = field(repr=False)
    observe_every: float
    unresolved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """All that the files and the environment say.

    `notes` are worth telling but stop nothing. `fingerprint` changes exactly when something changes that can
    decide a quantity; no secret goes into it.
    """

    file: Path
    files: tuple[Path, ...]
    settings: CoreSettings
    topology: Topology
    sources: Mapping[SourceName, SourceConfig]
    shops: Mapping[ShopName, ShopConfig]
    notes: tuple[Problem, ...] = ()
    fingerprint: str
