"""Every setting described."""

import json
from typing import Any

import pytest

from syncd.config.registry import Registry
from syncd.config.schema import describe, describe_adapter, schema
from syncd.config.settings import ShopTable, SourceTable
from tests.unit.config.stand import FILE, REGISTRY, SHOP

ROWS = {row.key: row for row in describe()}


def table(kind: str) -> Any:  # noqa: ANN401 - JSON
    return schema(REGISTRY)["properties"][kind]["additionalProperties"]


def test_every_setting_has_a_description() -> None:
    assert [row.key for row in describe() if len(row.description) < 5] == []


def test_no_setting_is_described_twice() -> None:
    assert len(ROWS) == len(describe())


@pytest.mark.parametrize(
    ("key", "kind", "default"),
    [
        ("include", "list of text", "[]"),
        ("state.dir", "text", "/var/lib/syncd"),
        ("cycle.every", "duration", "1m"),
        ("cycle.observe_every", "duration", "0s"),
        ("cycle.policy", "full | no_raise | no_delist | freeze | dry_run", "full"),
        ("guard.max_off_count", "whole number", "no limit"),
        ("shops.NAME.guard.window", "duration", "that of [guard]"),
        ("sources.NAME.unsellable_suffix", "text", "empty"),
        ("pools.NAME.mode", "shared | split", "required"),
        ("pools.NAME.relist_level", "whole number", "warning_level + 1"),
        ("pools.NAME.last_units", "text", "none"),
        ("shops.NAME.prefix_separators", "list of text", "[]"),
        ("shops.NAME.packs[].units", "whole number", "required"),
        ("shops.NAME.buffer", "whole number", "0"),
        ("overrides[].sku", "text or list of text", "none"),
        ("bundles[].components", "table", "required"),
        ("virtual[].until", "date", "none"),
    ],
)
def test_a_setting_is_described_with_type_and_default(key: str, kind: str, default: str) -> None:
    assert (ROWS[key].type, ROWS[key].default) == (kind, default)


def test_an_adapters_own_keys_are_described_without_the_cores() -> None:
    assert [row.key for row in describe_adapter(FILE, core=SourceTable)] == ["path"]


def test_an_adapters_nested_tables_and_secrets_are_described() -> None:
    rows = describe_adapter(SHOP, core=ShopTable)
    assert [(row.key, row.type) for row in rows] == [
        ("url", "text"),
        ("token", "secret"),
        ("headers", "table"),
        ("keys", "list of secret"),
        ("login", "table"),
        ("extra_headers", "table"),
        ("page.size", "whole number"),
        ("page.seen", "list of text"),
        ("page.token", "secret"),
    ]


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(schema(REGISTRY)))["title"] == "syncd"


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    document = schema(REGISTRY)
    names = {part.split('"')[0] for part in json.dumps(document).split("#/$defs/")[1:]}
    assert names <= set(document["$defs"])


def test_the_schema_knows_the_adapters_keys() -> None:
    [shop] = table("shops")["oneOf"]
    assert shop["properties"]["type"] == {"const": "stall"}
    assert {"url", "weight"} <= set(shop["properties"])
    assert shop["required"] == ["type", "url"]


def test_the_schema_wants_references_for_secrets() -> None:
    [shop] = table("shops")["oneOf"]
    assert shop["properties"]["token"]["pattern"] == "^(env|file|credential):.+"


def test_the_schema_writes_durations_as_the_file_does() -> None:
    cycle = schema(REGISTRY)["properties"]["cycle"]["properties"]
    assert (cycle["every"]["type"], cycle["every"]["default"]) == ("string", "1m")


def test_the_schema_offers_no_null() -> None:
    assert '"null"' not in json.dumps(schema(REGISTRY))


def test_the_schema_without_adapters_lets_their_keys_be() -> None:
    shops = schema(Registry(channels={}, sources={}))["properties"]["shops"]
    assert shops["additionalProperties"]["additionalProperties"] is True
