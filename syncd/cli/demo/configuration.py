"""The configuration that the demo writes: an example that runs."""

from collections.abc import Mapping
from pathlib import Path

from syncd.cli.demo.world import BUNDLE, ERP, IN_A_PACK, PACK, PACKED, PARTS

_TEXT = """\
# What `syncd demo` runs with; it is removed when the demo ends.
# A real one looks the same, with longer times: `syncd init` writes it.

[state]
dir = "state"

[cycle]
every = "1s"                # so that there is something to see; usual is 1m
jitter = "0s"

[guard]
from_listings = 50          # shops as small as these have no use for percents; all at once never pass


# --- where the stock figures come from ---------------------------------------------------------------------

[sources.erp]
type = "http_json"
warehouses = ["east", "west", "south"]
url = "{erp}/stock"
headers = {{ Authorization = "file:token" }}
since_param = ""            # read everything each time
max_age = "30s"             # older figures raise nothing


# --- who sells what ----------------------------------------------------------------------------------------

# Two warehouses, two shops: each shop shows all of it.
[pools.main]
mode = "shared"
warehouses = ["east", "west"]
shops = ["tmall", "jd"]
warning_level = 5           # below it everything goes off sale ...
relist_level = 10           # ... and comes back from here,
relist_after = 2            # when so many snapshots agree,
least_off_time = "2s"       # and not before

# One warehouse, two shops: each has a share of its own, no unit is shown twice.
[pools.split]
mode = "split"
warehouses = ["south"]
shops = ["outlet", "jd"]
warning_level = 4
relist_level = 8
relist_after = 2
least_off_time = "2s"

[[bundles]]
sku = "{bundle}"
components = {{ {parts} }}


# --- the shops ---------------------------------------------------------------------------------------------

[shops.tmall]
type = "http"
url = "{tmall}"
headers = {{ Authorization = "file:token" }}
prefix_separators = ["-"]   # 1-MUG-RED and 2-MUG-RED are MUG-RED
suffix_separators = []
calls_per_second = 20
burst = 20
erp_lag = "{lag}s"              # so long a sale takes at most to reach the ERP

[shops.jd]
type = "http"
url = "{jd}"
headers = {{ Authorization = "file:token" }}
prefix_separators = []
suffix_separators = ["-"]   # MUG-RED-2 is MUG-RED
calls_per_second = 20
burst = 20
erp_lag = "{lag}s"

[shops.outlet]
type = "http"
url = "{outlet}"
headers = {{ Authorization = "file:token" }}
prefix_separators = []
suffix_separators = []
packs = [
    {{ code = "{pack}", sku = "{packed}", units = {in_a_pack} }},
]
weight = 2                  # of each split SKU it gets two parts where jd gets one
calls_per_second = 20
burst = 20
erp_lag = "{lag}s"
"""

LAG = 3
"""Seconds until a sale is in the ERP at the latest; the demo books it well before."""


def configuration_text(urls: Mapping[str, str]) -> str:
    """Return the configuration for mocks that are served at `urls`."""
    return _TEXT.format(
        erp=urls[ERP],
        tmall=urls["tmall"],
        jd=urls["jd"],
        outlet=urls["outlet"],
        bundle=BUNDLE,
        parts=", ".join(f"{sku} = {units}" for sku, units in PARTS.items()),
        pack=PACK,
        packed=PACKED,
        in_a_pack=IN_A_PACK,
        lag=LAG,
    )


def write_configuration(folder: Path, text: str, *, token: str) -> Path:
    """Write the configuration and, beside it, the file with its secret; return the configuration's path."""
    secret = folder / "token"
    secret.touch(mode=0o600)
    secret.write_text(f"Bearer {token}\n", encoding="utf-8")
    file = folder / "syncd.toml"
    file.write_text(text, encoding="utf-8")
    return file
