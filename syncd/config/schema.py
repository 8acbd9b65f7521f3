"""Describe every setting: as a JSON schema for editors, and as rows for the manual."""

import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from syncd.config.registry import Refusal, Registry
from syncd.config.scalars import DURATION_PATTERN, NAME_PATTERN, duration_text
from syncd.config.settings import (
    BundleTable,
    CoreSettings,
    OverrideTable,
    PoolTable,
    RuleValues,
    ShopTable,
    SourceTable,
    VirtualTable,
)
from syncd.domain.model import LARGEST
from syncd.ports.plugin import Adapter

Json = dict[str, Any]

_INCLUDE = (
    "Other files to read, as names or globs beside the main file; each pool, shop and source stands once."
)
_SECRET = {"type": "string", "pattern": "^(env|file|credential):.+"}
_RULE_DEFAULTS = {
    "weight": "1",
    "percent": "100",
    "cap": "no limit",
    "relist_level": "warning_level + 1",
    "notice_level": "nobody is told",
}
_LISTS: Mapping[str, type[BaseModel]] = {
    "overrides": OverrideTable,
    "bundles": BundleTable,
    "virtual": VirtualTable,
}


class _Generate(GenerateJsonSchema):
    """A default that JSON cannot hold is left out without a warning."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - as the library


# --- for editors -------------------------------------------------------------------------------------------


def schema(registry: Registry) -> Json:
    """Return the JSON schema of a configuration, with the keys of every adapter that can be loaded."""
    defs: Json = {}
    names = {"pattern": f"^{NAME_PATTERN.pattern}$"}
    properties: Json = {
        "include": {"type": "array", "items": {"type": "string"}, "description": _INCLUDE},
        **{key: _of(model, "", defs) for key, model in _single_tables().items()},
    }
    pool = _of(PoolTable, "", defs)
    for key, table in (
        ("sources", _plugged(SourceTable, _adapters(registry, "source"), "source", defs)),
        ("pools", pool),
        ("shops", _plugged(ShopTable, _adapters(registry, "channel"), "channel", defs)),
    ):
        properties[key] = {"type": "object", "propertyNames": names, "additionalProperties": table}
    for key, model in _LISTS.items():
        properties[key] = {"type": "array", "items": _of(model, "", defs)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "syncd",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": defs,
    }


def _single_tables() -> dict[str, type[BaseModel]]:
    tables = {key: field.annotation for key, field in CoreSettings.model_fields.items()}
    return {
        key: model
        for key, model in tables.items()
        if isinstance(model, type) and issubclass(model, BaseModel)
    }


def _adapters(registry: Registry, what: str) -> dict[str, Adapter[Any]]:
    words = registry.source_types if what == "source" else registry.channel_types
    found = {word: registry.source(word) if what == "source" else registry.channel(word) for word in words}
    return {word: adapter for word, adapter in found.items() if not isinstance(adapter, Refusal)}


def _plugged(core: type[BaseModel], adapters: Mapping[str, Adapter[Any]], what: str, defs: Json) -> Json:
    tables = []
    for word, adapter in adapters.items():
        table = _of(core, "", defs)
        own = _of(adapter.settings, f"{what}_{word}_", defs)
        # A key that both have is read by the core, which passes it on.
        table["properties"] = {**own["properties"], **table["properties"], "type": {"const": word}}
        required = {*table["required"], *(set(own.get("required", ())) - set(core.model_fields))}
        table["required"] = sorted(required)
        table["description"] = adapter.summary
        tables.append(table)
    return {"oneOf": tables} if tables else {**_of(core, "", defs), "additionalProperties": True}


def _of(model: type[BaseModel], prefix: str, defs: Json) -> Json:
    """Return the schema of one table; what it refers to goes to `defs`, under names of its own."""
    template = "#/$defs/" + prefix + "{model}"
    table = model.model_json_schema(ref_template=template, schema_generator=_Generate)
    for name, inner in table.pop("$defs", {}).items():
        defs[prefix + name] = _as_written(inner)
    written: Json = _as_written(table)
    return written


def _as_written(part: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a schema for the file: references for secrets, durations with units, no null, no titles."""
    if isinstance(part, list):
        return [_as_written(inner) for inner in part if inner != {"type": "null"}]
    if not isinstance(part, dict):
        return part
    if part.get("format") == "password":
        return {**_SECRET, "description": part["description"]} if "description" in part else dict(_SECRET)
    result = {key: _as_written(inner) for key, inner in part.items() if key not in {"title", "default"}}
    if "properties" in part:
        # Here the keys are names of settings, which may be `title` or `default`.
        result["properties"] = {key: _as_written(inner) for key, inner in part["properties"].items()}
    default = part.get("default")
    if part.get("pattern") == DURATION_PATTERN and isinstance(default, float):
        result["default"] = duration_text(default)
    elif default is not None and not isinstance(default, dict):
        result["default"] = default
    members = result.get("anyOf", ())
    if len(members) == 1:
        result = {**{key: value for key, value in result.items() if key != "anyOf"}, **members[0]}
    return result


# --- for the manual ----------------------------------------------------------------------------------------


class Described(NamedTuple):
    """One setting, in words."""

    key: str
    type: str
    default: str
    description: str


def describe() -> list[Described]:
    """Return every core setting in the manual's order: `cycle.every`, `shops.NAME.cap`, `bundles[].sku`."""
    rows = [Described("include", "list of text", "[]", _INCLUDE)]
    for key, model in _single_tables().items():
        rows += _rows(key, model)
    rows += _rows("sources.NAME", SourceTable)
    rows += _rows("pools.NAME", PoolTable)
    rows += [
        row._replace(default="that of [guard]") if row.key.startswith("shops.NAME.guard.") else row
        for row in _rows("shops.NAME", ShopTable)
    ]
    for key, model in _LISTS.items():
        rows += _rows(f"{key}[]", model)
    return rows


def describe_adapter(adapter: Adapter[Any], *, core: type[BaseModel]) -> list[Described]:
    """Return the adapter's own settings, without the keys of `core`; keys begin in its table: `list.path`."""
    rows = [row for row in _rows("", adapter.settings) if row.key not in core.model_fields]
    # What only this adapter has comes before what it shares with others; the account is part of it.
    own = adapter.settings.__annotations__
    return sorted(rows, key=lambda row: re.split(r"[.\[]", row.key)[0] not in own)


def _rows(prefix: str, model: type[BaseModel]) -> Iterator[Described]:
    document = model.model_json_schema(schema_generator=_Generate)
    for name, field in model.model_fields.items():
        key = ".".join(part for part in (prefix, field.alias or name) if part)
        table, suffix = _table_in(field.annotation)
        if table is not None:
            yield from _rows(key + suffix, table)
            continue
        part = document["properties"][field.alias or name]
        default = _default(name, field, part, model)
        yield Described(key, _type(part, document.get("$defs", {})), default, field.description or "")


def _table_in(kind: Any) -> tuple[type[BaseModel] | None, str]:  # noqa: ANN401 - any annotation
    """Return the model of a table, a list of tables or tables by name, and what its keys have between."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind, ""
    origin = get_origin(kind)
    inner = [each for each in get_args(kind) if each not in {..., type(None)}]
    if origin is dict:
        inner = inner[1:]
    if len(inner) == 1 and isinstance(inner[0], type) and issubclass(inner[0], BaseModel):
        return inner[0], {tuple: "[]", list: "[]", dict: ".NAME"}.get(origin, "")
    return None, ""


_WORDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "true or false",
    "object": "table",
}


def _type(part: Json, defs: Json) -> str:
    if "$ref" in part:
        return _type(defs[part["$ref"].rsplit("/", 1)[-1]], defs)
    if "enum" in part or "const" in part:
        return " | ".join(map(str, part.get("enum", [part.get("const")])))
    members = [each for each in part.get("anyOf", []) if each != {"type": "null"}]
    if members and part.get("type") != "string":
        return " or ".join(dict.fromkeys(_type(each, defs) for each in members))
    if part.get("type") == "array":
        return f"list of {_type(part.get('items', {}), defs)}"
    return _scalar_type(part)


def _scalar_type(part: Json) -> str:
    if part.get("format") == "password":
        return "secret"
    if part.get("pattern") == DURATION_PATTERN:
        return "duration"
    if "anyOf" in part:
        return "date"
    return _WORDS.get(str(part.get("type")), "any")


def _default(name: str, field: FieldInfo, part: Json, model: type[BaseModel]) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None:
        is_rule = issubclass(model, RuleValues) and name in RuleValues.model_fields
        return _RULE_DEFAULTS.get(name, "0") if is_rule else "none"
    if isinstance(value, int | float) and part.get("pattern") == DURATION_PATTERN:
        return duration_text(value)
    if value == LARGEST:
        return "no limit"
    if isinstance(value, Enum | str | Path):
        return str(value.value if isinstance(value, Enum) else value) or "empty"
    return json.dumps(value, ensure_ascii=False, default=str)
