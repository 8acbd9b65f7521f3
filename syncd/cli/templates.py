"""The text that `syncd init` writes: commented TOML with references for every secret."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import NamedTuple

from pydantic import BaseModel

from syncd.config.registry import Refusal, Registry
from syncd.config.schema import Described, describe_adapter
from syncd.config.settings import ShopTable, SourceTable

_HEAD = """\
# Configuration of syncd. `syncd check` says all that is wrong with it at once, `syncd check --schema`
# prints every key. Places that only you can know are marked FILL IN.
# A secret is never written here: "env:NAME", "file:PATH" or "credential:NAME" say where it is.

[state]
# The folder where syncd remembers what it did; it belongs to the user who runs syncd.
dir = {state}

[cycle]
# How often syncd looks. Only differences are written, so a short time costs readings, not writes.
every = "1m"
# Nothing is written while this is "dry_run": look at `syncd plan` for some days, then write "full".
policy = "full"

[guard]
# A plan that would take more than so many percent of a shop's listings off sale because of the stock
# figures is held until a person has looked: `syncd approve DIGEST`.
max_off_percent = 30
"""

_SOURCES = {
    "csv": """
[sources.{name}]
# A file that the ERP or WMS writes, with the columns sku, on_hand and any of allocated, unsellable,
# locked, virtual, transfer_out; other names are mapped: columns = {{ sku = "商品编码", on_hand = "库存" }}.
type = "csv"
warehouses = ["{warehouse}"]
# Every row counts for this warehouse; leave it out if the file has a column `warehouse`.
warehouse = "{warehouse}"
# FILL IN: the file, or a folder of exports of which the newest counts.
path = {file}
# A file that was cut off must not look like an empty shelf: "end_marker" or "row_count" prove it whole.
proof = "none"
# How old the figures may be before nothing is raised on them.
max_age = "1h"
""",
    "http_json": """
[sources.{name}]
# An ERP or WMS that answers with JSON; `paths` says where a row has what if it is not called so:
# paths = {{ rows = "data.items", sku = "code", on_hand = "qty.total", allocated = "qty.reserved" }}.
type = "http_json"
# FILL IN: the warehouses by the names that the ERP uses, and the address that lists the stock.
warehouses = ["{warehouse}"]
url = "https://{host}.example/stock"
headers = {{ Authorization = "env:{authorization}" }}
# How old the figures may be before nothing is raised on them.
max_age = "1h"
""",
    "mqtt": """
[sources.{name}]
# An ERP or WMS that publishes its figures on BASE/stock/{name}: all of them when it is asked on
# BASE/stock/{name}/ask, and then every change; only the daemon hears them.
type = "mqtt"
warehouses = ["{warehouse}"]
# FILL IN: the broker, the user there, and what all topics begin with.
host = "{host}.example"
tls = true
user = "syncd"
password = "env:{password}"
base = "syncd"
# How old the figures may be before nothing is raised on them; a message without lines keeps them young.
max_age = "15m"
""",
    "tryton": """
[sources.{name}]
# A Tryton ERP. Its user needs to read products, locations, moves and shipments, and writes nothing.
type = "tryton"
warehouses = ["{warehouse}"]
# FILL IN: the code of the warehouse in Tryton, the address without the database, the database, the user.
codes = {{ {warehouse} = "WH1" }}
url = "https://{host}.example:8000"
database = "tryton"
user = "syncd"
password = "env:{password}"
# How old the figures may be before nothing is raised on them.
max_age = "1h"
""",
}

_POOL = """
[pools.main]
# Every shop shows the whole of a "shared" pool; in a "split" pool each shop has a share of its own and no
# unit is shown twice.
mode = "shared"
warehouses = [{warehouses}]
shops = [{shops}]
# Below so many units everything goes off sale, so that two buyers in two shops do not get the same unit.
# FILL IN: about what all shops together sell between two cycles.
warning_level = 2
relist_level = 4
"""

_SHOPS = {
    "douyin": """
[shops.{name}]
# A shop on Douyin (抖店), by the app key of an app on its open platform.
type = "douyin"
# FILL IN: the app's key; its secret and the token that the shop's owner granted are references.
app_key = "7000000000000000001"
app_secret = "env:{app_secret}"
access_token = "env:{access_token}"
# What buys the next token, which the owner's grant came with; otherwise the day on which this one ends:
# refresh_token = "env:{refresh_token}"
# access_expires = 2027-12-31
# With "-" here 1-ABC, or ABC-2, is the SKU ABC; none where the codes in this shop are the SKUs themselves.
prefix_separators = []
suffix_separators = []
""",
    "http": """
[shops.{name}]
# A shop with a JSON API; `syncd check --schema` shows how to describe one that speaks otherwise.
type = "http"
# FILL IN: where its API begins.
url = "https://{host}.example/api"
headers = {{ Authorization = "env:{authorization}" }}
# With "-" here 1-ABC, or ABC-2, is the SKU ABC; none where the codes in this shop are the SKUs themselves.
prefix_separators = []
suffix_separators = []
""",
    "aliexpress": """
[shops.{name}]
# A shop on AliExpress, by the app key of an app on its open platform.
type = "aliexpress"
# FILL IN: the app's key; its secret and the token that the seller granted are references.
app_key = "12345678"
app_secret = "env:{app_secret}"
access_token = "env:{access_token}"
# What buys the next tokens; without it the day on which this one ends:
# refresh_token = "env:{refresh_token}"
# access_expires = 2027-12-31
# Listings go by the seller's codes: every SKU needs one, and no two of a product the same.
# With "-" here 1-ABC, or ABC-2, is the SKU ABC; none where the codes in this shop are the SKUs themselves.
prefix_separators = []
suffix_separators = []
""",
    "jd": """
[shops.{name}]
# A shop on JD, by the app key of an app on its open platform.
type = "jd"
# FILL IN: the app's key; its secret and the token that the shop's owner granted are references.
app_key = "0123456789ABCDEF"
app_secret = "env:{app_secret}"
access_token = "env:{access_token}"
# What buys the next token, and when this one ends: JD renews it in the 24 hours before that, and never after.
# refresh_token = "env:{refresh_token}"
# token_expires = 2027-12-31T18:00:00+08:00
# Write one quantity by hand, look at what the answer names, and set this to true if it is failed rows only.
unlisted_is_done = false
# With "-" here 1-ABC, or ABC-2, is the SKU ABC; none where the codes in this shop are the SKUs themselves.
prefix_separators = []
suffix_separators = []
""",
    "pdd": """
[shops.{name}]
# A shop on Pinduoduo, by the client id of an app on its open platform.
type = "pdd"
# FILL IN: the app's id; its secret and the token that the shop's owner granted are references.
client_id = "0123456789abcdef"
client_secret = "env:{client_secret}"
access_token = "env:{access_token}"
# What buys the next token, which the owner's grant came with; otherwise the day on which this one ends:
# refresh_token = "env:{refresh_token}"
# access_expires = 2027-12-31
# With "-" here 1-ABC, or ABC-2, is the SKU ABC; none where the codes in this shop are the SKUs themselves.
prefix_separators = []
suffix_separators = []
""",
    "taobao": """
[shops.{name}]
# A shop on Taobao or Tmall, by the app key of an app on the open platform.
type = "taobao"
# FILL IN: the app's key; its secret and the session that the shop's owner granted are references.
app_key = "12345678"
app_secret = "env:{app_secret}"
session = "env:{session}"
# What buys the next session, where the app may refresh it; otherwise the day on which this one ends:
# refresh_token = "env:{refresh_token}"
# session_expires = 2027-12-31
# With "-" here 1-ABC, or ABC-2, is the SKU ABC; none where the codes in this shop are the SKUs themselves.
prefix_separators = []
suffix_separators = []
""",
}

_SEPARATORS = """\
# With "-" here 1-ABC, or ABC-2, is the SKU ABC; none where the codes in this shop are the SKUs themselves.
prefix_separators = []
suffix_separators = []
"""

_SECRETS: Mapping[str, tuple[str, ...]] = {
    "sources.http_json": ("authorization",),
    "sources.mqtt": ("password",),
    "sources.tryton": ("password",),
    "shops.aliexpress": ("app_secret", "access_token"),
    "shops.douyin": ("app_secret", "access_token"),
    "shops.http": ("authorization",),
    "shops.jd": ("app_secret", "access_token"),
    "shops.pdd": ("client_secret", "access_token"),
    "shops.taobao": ("app_secret", "session"),
}
"""What is secret of a source or shop with a text of its own, by its type."""

_UNUSED = ("refresh_token",)

_WIDTH = 106

_VALUES = {
    "date": "2027-12-31",
    "text": '"FILL-IN"',
    "whole number": "1",
    "true or false": "false",
    "table": "{}",
    "list of text": "[]",
}


class Part(NamedTuple):
    """A source or a shop that was asked for."""

    name: str
    type: str


def configuration(
    sources: Sequence[Part], shops: Sequence[Part], *, registry: Registry, state: str, folder: Path
) -> str:
    """Return the text of a configuration that keeps its state in `state` and finds files in `folder`."""
    alone = len(sources) == 1
    warehouses = ["main" if alone else source.name for source in sources]
    parts = [_HEAD.format(state=_quoted(state))]
    for source, warehouse in zip(sources, warehouses, strict=True):
        file = folder / ("stock.csv" if alone else f"{source.name}.csv")
        parts.append(_source(source, warehouse, file, registry))
    parts.append(_POOL.format(warehouses=_listed(warehouses), shops=_listed([shop.name for shop in shops])))
    return "".join([*parts, *(_shop(shop, registry) for shop in shops)])


def variables(sources: Sequence[Part], shops: Sequence[Part], *, registry: Registry) -> list[str]:
    """Return the environment variables that the text refers to."""
    parts = [("sources", source) for source in sources] + [("shops", shop) for shop in shops]
    return [_variable(part.name, key) for table, part in parts for key in _secrets(table, part, registry)]


def _secrets(table: str, part: Part, registry: Registry) -> Sequence[str]:
    known = _SOURCES if table == "sources" else _SHOPS
    if part.type in known:
        return _SECRETS.get(f"{table}.{part.type}", ())
    return [
        row.key
        for row in _settings(table, part, registry)
        if row.default == "required" and row.type == "secret"
    ]


def _source(part: Part, warehouse: str, file: Path, registry: Registry) -> str:
    if part.type in _SOURCES:
        return _SOURCES[part.type].format(
            name=part.name,
            warehouse=warehouse,
            file=_quoted(str(file)),
            host=_host(part),
            **_references("sources", part),
        )
    return _described("sources", part, registry) + f'warehouses = ["{warehouse}"]\n'


def _shop(part: Part, registry: Registry) -> str:
    if part.type in _SHOPS:
        return _SHOPS[part.type].format(name=part.name, host=_host(part), **_references("shops", part))
    return _described("shops", part, registry) + _SEPARATORS


def _references(table: str, part: Part) -> dict[str, str]:
    keys = (*_SECRETS.get(f"{table}.{part.type}", ()), *_UNUSED)
    return {key: _variable(part.name, key) for key in keys}


# --- types without a text of their own ---------------------------------------------------------------------


def _described(table: str, part: Part, registry: Registry) -> str:
    """Return the table of a type by what it says itself of its settings: all that it cannot do without."""
    summary = _commented(f"{_summary(table, part, registry)}.")
    lines = [f"\n[{table}.{part.name}]", *summary, f'type = "{part.type}"']
    for row in _settings(table, part, registry):
        lines += _lines(row, part.name)
    return "\n".join([*lines, ""])


def _lines(row: Described, name: str) -> Iterator[str]:
    is_needed = row.default == "required"
    if "." in row.key or "[" in row.key or not (is_needed or row.type in {"secret", "date"}):
        return
    is_marked = is_needed and row.type != "secret"
    yield from _commented(f"{'FILL IN: ' if is_marked else ''}{row.description}")
    yield f"{'' if is_needed else '# '}{row.key} = {_value(row, name)}"


def _commented(text: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _value(row: Described, name: str) -> str:
    if row.type == "secret":
        return f'"env:{_variable(name, row.key)}"'
    if row.key.endswith("url"):
        return '"https://example.com/"'
    # Of words that can be chosen among the first is as good as any.
    return _VALUES.get(row.type) or _quoted(row.type.split(" | ")[0])


def _settings(table: str, part: Part, registry: Registry) -> Sequence[Described]:
    adapter = registry.source(part.type) if table == "sources" else registry.channel(part.type)
    core: type[BaseModel] = SourceTable if table == "sources" else ShopTable
    return [] if isinstance(adapter, Refusal) else describe_adapter(adapter, core=core)


def _summary(table: str, part: Part, registry: Registry) -> str:
    adapter = registry.source(part.type) if table == "sources" else registry.channel(part.type)
    text = (
        "FILL IN: the keys of this type, see its manual" if isinstance(adapter, Refusal) else adapter.summary
    )
    return text[:1].upper() + text[1:]


# --- words -------------------------------------------------------------------------------------------------


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(_quoted, names))


def _host(part: Part) -> str:
    return part.name.replace("_", "-")


def _quoted(text: str) -> str:
    # What JSON escapes, TOML reads the same way.
    return json.dumps(text, ensure_ascii=False)


def _variable(name: str, part: str) -> str:
    return f"{name}_{part}".upper()
