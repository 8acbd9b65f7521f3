"""Read every table of the document as far as it goes, so that one mistake does not hide the others."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from syncd.config.alerts import AlertsTable
from syncd.config.documents import LISTED_TABLES, NAMED_TABLES, Documents
from syncd.config.hooks import HooksTable
from syncd.config.http import ARGON2, HttpTable
from syncd.config.lines import KeyPath
from syncd.config.mqtt import MqttTable
from syncd.config.problems import Problems, suggestion
from syncd.config.registry import Refusal, Registry
from syncd.config.scalars import NAME_PATTERN, duration_text, takes_duration
from syncd.config.secrets import Secrets
from syncd.config.settings import (
    BundleTable,
    CycleTable,
    GuardTable,
    LogTable,
    OverrideTable,
    PoolTable,
    ShopTable,
    SourceTable,
    VirtualTable,
)
from syncd.config.state import StateTable
from syncd.config.validation import Table, add_errors, field_keys, read_table
from syncd.ports.channel import Channel
from syncd.ports.plugin import Adapter
from syncd.ports.source import Source

CoreT = TypeVar("CoreT", SourceTable, ShopTable)
PortT = TypeVar("PortT")
ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugged(Generic[CoreT, PortT]):
    """A source or shop: its core table, its adapter, and the adapter's settings; None where that failed."""

    table: Table[CoreT]
    adapter: Adapter[PortT] | None
    options: Any
    unresolved: tuple[KeyPath, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafts:
    """Everything that could be read; `whole` says that no file and no name is missing from it."""

    state: Table[StateTable]
    cycle: Table[CycleTable]
    guard: Table[GuardTable]
    log: Table[LogTable]
    mqtt: Table[MqttTable]
    alerts: Table[AlertsTable]
    http: Table[HttpTable]
    hooks: Table[HooksTable]
    sources: Mapping[str, Plugged[SourceTable, Source]]
    pools: Mapping[str, Table[PoolTable]]
    shops: Mapping[str, Plugged[ShopTable, Channel]]
    overrides: tuple[Table[OverrideTable], ...]
    bundles: tuple[Table[BundleTable], ...]
    virtual: tuple[Table[VirtualTable], ...]
    whole: bool


SINGLE_TABLES = ("state", "cycle", "guard", "log", "mqtt", "http", "alerts", "hooks")
"""Tables that stand once."""


def read_drafts(documents: Documents, registry: Registry, secrets: Secrets, problems: Problems) -> Drafts:
    """Return all tables of `documents`; everything that is wrong inside one of them goes to `problems`."""
    values = documents.values
    known = ("include", *SINGLE_TABLES, *NAMED_TABLES, *LISTED_TABLES)
    for key in values:
        if key not in known:
            problems.add((key,), "is no table of the configuration", suggestion(key, known, "tables"))
    for kind in NAMED_TABLES:
        _check_names((kind,), values.get(kind, {}), problems)
    plug = _Plug(secrets, problems)
    return Drafts(
        state=read_table(StateTable, values.get("state", {}), ("state",), problems),
        cycle=read_table(CycleTable, values.get("cycle", {}), ("cycle",), problems),
        guard=read_table(GuardTable, values.get("guard", {}), ("guard",), problems),
        log=read_table(LogTable, values.get("log", {}), ("log",), problems),
        mqtt=_with_secrets(MqttTable, "mqtt", values, secrets, problems),
        alerts=_with_secrets(AlertsTable, "alerts", values, secrets, problems),
        http=_http(values.get("http", {}), secrets, problems),
        hooks=read_table(HooksTable, values.get("hooks", {}), ("hooks",), problems),
        sources={
            name: plug.read(SourceTable, table, ("sources", name), registry.source)
            for name, table in values.get("sources", {}).items()
        },
        pools={
            name: read_table(PoolTable, table, ("pools", name), problems)
            for name, table in values.get("pools", {}).items()
        },
        shops={
            name: plug.read(ShopTable, table, ("shops", name), registry.channel)
            for name, table in values.get("shops", {}).items()
        },
        overrides=_rows(OverrideTable, "overrides", values, problems),
        bundles=_rows(BundleTable, "bundles", values, problems),
        virtual=_rows(VirtualTable, "virtual", values, problems),
        whole=not documents.broken,
    )


def _rows(
    model: type[ModelT], key: str, values: Mapping[str, Any], problems: Problems
) -> tuple[Table[ModelT], ...]:
    return tuple(
        read_table(model, row, (key, position), problems) for position, row in enumerate(values.get(key, ()))
    )


def _with_secrets(
    model: type[ModelT], key: str, values: Mapping[str, Any], secrets: Secrets, problems: Problems
) -> Table[ModelT]:
    table = values.get(key, {})
    if isinstance(table, Mapping):
        table = secrets.resolve_all(model, table, (key,))
    return read_table(model, table, (key,), problems)


def _http(values: object, secrets: Secrets, problems: Problems) -> Table[HttpTable]:
    if isinstance(values, Mapping):
        tokens = values.get("tokens")
        if isinstance(tokens, Mapping):
            _check_names(("http", "tokens"), tokens, problems)
            values = {**values, "tokens": {name: _hashed(table) for name, table in tokens.items()}}
        values = secrets.resolve_all(HttpTable, values, ("http",))
    table = read_table(HttpTable, values, ("http",), problems)
    if table.has("port", "tokens") and table.model.port is not None and not table.model.tokens:
        hint = "`syncd token NAME` prints a token and the lines to paste"
        problems.note(("http",), "nobody can sign in: there is no [http.tokens.NAME]", hint)
    return table


def _hashed(table: object) -> object:
    """Return the table of a token, its hash marked as one where it stands there itself."""
    if isinstance(table, Mapping) and str(table.get("hash")).startswith(ARGON2):
        return {**table, "hash": SecretStr(str(table["hash"]))}
    return table


def _check_names(kind: KeyPath, tables: Mapping[str, Any], problems: Problems) -> None:
    for name in tables:
        if not NAME_PATTERN.fullmatch(name):
            problems.add((*kind, name), "is no name", "a name has 1 to 64 of the characters a-z, 0-9 and _")


def _handed_on(value: object, field: FieldInfo) -> object:
    return duration_text(value) if isinstance(value, float) and takes_duration(field) else value


class _Plug:
    """Reads a table whose keys belong partly to the core and partly to an adapter."""

    def __init__(self, secrets: Secrets, problems: Problems) -> None:
        self._secrets = secrets
        self._problems = problems

    def read(
        self,
        model: type[CoreT],
        values: object,
        path: KeyPath,
        lookup: Callable[[str], Adapter[PortT] | Refusal],
    ) -> Plugged[CoreT, PortT]:
        if not isinstance(values, Mapping):
            table = read_table(model, values, path, self._problems)
            return Plugged(table=table, adapter=None, options=None, unresolved=())
        core = {key: value for key, value in values.items() if key in model.model_fields}
        # A hook's credential is not in `unresolved`: without it the shop can be called all the same.
        table = read_table(model, self._secrets.resolve_all(model, core, path), path, self._problems)
        adapter = self._adapter(table, lookup)
        if adapter is None:
            return Plugged(table=table, adapter=None, options=None, unresolved=())
        earlier = len(self._secrets.unresolved)
        options = self._options(table, adapter.settings, values)
        unresolved = tuple(self._secrets.unresolved[earlier:])
        return Plugged(table=table, adapter=adapter, options=options, unresolved=unresolved)

    def _adapter(
        self, table: Table[CoreT], lookup: Callable[[str], Adapter[PortT] | Refusal]
    ) -> Adapter[PortT] | None:
        if not table.has("type"):
            return None
        found = lookup(table.model.type)
        if isinstance(found, Refusal):
            self._problems.add((*table.path, "type"), found.message, found.hint)
            return None
        return found

    def _options(self, table: Table[CoreT], settings: type[BaseModel], values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the adapter's model
        core_keys: frozenset[str] = frozenset(type(table.model).model_fields)
        own_keys: list[str] = field_keys(settings)
        own: dict[str, Any] = {}
        for key, value in values.items():
            if key in own_keys or settings.model_config.get("extra") == "allow":
                own[key] = value
            elif key not in core_keys:
                hint = suggestion(key, {*core_keys, *own_keys}, "keys")
                self._problems.add((*table.path, key), "is no key of this table", hint)
        own = {key: value for key, value in own.items() if key not in core_keys}
        resolved = self._secrets.resolve_all(settings, own, table.path)
        # What the core has read already an adapter gets as the core understood it.
        shared = {
            key: _handed_on(getattr(table.model, key), field)
            for key, field in settings.model_fields.items()
            if key in core_keys and table.has(key)
        }
        try:
            return settings.model_validate({**resolved, **shared})
        except ValidationError as error:
            written = {**values, **resolved}
            add_errors(error, settings, written, table.path, self._problems, told_already=table.broken)
        return None
