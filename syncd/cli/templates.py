"""The text that `syncd init` writes: commented TOML with references for every secret."""

import json
from collections.abc import Mapping
from pathlib import Path

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
[sources.erp]
# A file that the ERP or WMS writes, with the columns sku, on_hand and any of allocated, unsellable,
# locked, virtual, transfer_out; other names are mapped: columns = {{ sku = "商品编码", on_hand = "库存" }}.
type = "csv"
warehouses = ["main"]
# Every row counts for this warehouse; leave it out if the file has a column `warehouse`.
warehouse = "main"
# FILL IN: the file, or a folder of exports of which the newest counts.
path = {file}
# A file that was cut off must not look like an empty shelf: "end_marker" or "row_count" prove it whole.
proof = "none"
# How old the figures may be before nothing is raised on them.
max_age = "1h"
""",
    "http_json": """
[sources.erp]
# An ERP or WMS that answers with JSON; `paths` says where a row has what if it is not called so:
# paths = {{ rows = "data.items", sku = "code", on_hand = "qty.total", allocated = "qty.reserved" }}.
type = "http_json"
# FILL IN: the warehouses by the names that the ERP uses, and the address that lists the stock.
warehouses = ["main"]
url = "https://erp.example/stock"
headers = {{ Authorization = "env:ERP_AUTHORIZATION" }}
# How old the figures may be before nothing is raised on them.
max_age = "1h"
""",
}

_POOL = """
[pools.main]
# Every shop shows the whole of a "shared" pool; in a "split" pool each shop has a share of its own and no
# unit is shown twice.
mode = "shared"
warehouses = ["main"]
shops = [{shops}]
# Below so many units everything goes off sale, so that two buyers in two shops do not get the same unit.
# FILL IN: about what all shops together sell between two cycles.
warning_level = 2
relist_level = 4
"""

_SHOPS = {
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
    "taobao": """
[shops.{name}]
# A shop on Taobao or Tmall, by the app key of an app on the open platform.
type = "taobao"
# FILL IN: the app's key; its secret and the session that the shop's owner granted are references.
app_key = "12345678"
app_secret = "env:{app_secret}"
session = "env:{session}"
# With "-" here 1-ABC, or ABC-2, is the SKU ABC; none where the codes in this shop are the SKUs themselves.
prefix_separators = []
suffix_separators = []
""",
}

_SECRETS = {"http": ("authorization",), "taobao": ("app_secret", "session")}
"""What is secret of a shop, by its type."""

_OTHER = """
[{table}.{name}]
# FILL IN: the keys of this type, see its manual.
type = "{word}"
"""


def configuration(source: str, shops: Mapping[str, str], *, state: str, folder: Path) -> str:
    """Return the text of a configuration that keeps its state in `state` and finds files in `folder`."""
    head = _HEAD.format(state=_quoted(state))
    parts = [
        head,
        _source(source, folder / "stock.csv"),
        _POOL.format(shops=", ".join(f'"{name}"' for name in shops)),
    ]
    return "".join([*parts, *(_shop(name, word) for name, word in shops.items())])


def variables(source: str, shops: Mapping[str, str]) -> list[str]:
    """Return the environment variables that the text refers to."""
    erp = ["ERP_AUTHORIZATION"] if source == "http_json" else []
    return erp + [_variable(name, part) for name, word in shops.items() for part in _SECRETS.get(word, ())]


def _source(word: str, file: Path) -> str:
    if word in _SOURCES:
        return _SOURCES[word].format(file=_quoted(str(file)))
    return _OTHER.format(table="sources", name="erp", word=word) + 'warehouses = ["main"]\n'


def _shop(name: str, word: str) -> str:
    if word not in _SHOPS:
        return _OTHER.format(table="shops", name=name, word=word)
    secrets = {part: _variable(name, part) for part in _SECRETS[word]}
    return _SHOPS[word].format(name=name, host=name.replace("_", "-"), **secrets)


def _quoted(text: str) -> str:
    # What JSON escapes, TOML reads the same way.
    return json.dumps(text, ensure_ascii=False)


def _variable(name: str, part: str) -> str:
    return f"{name}_{part}".upper()
