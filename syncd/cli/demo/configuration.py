"""The configuration that the demo writes: an example that runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from syncd.cli.demo.world import BUNDLE, ERP, IN_A_PACK, PACK, PACKED, PARTS
from syncd.console.security.tokens import new_hash, new_token

GUEST = "guest"
"""The name of whoever signs in to the console of the demo."""

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

[http]
port = {console_port}                    # 0 takes a free one

[http.tokens.{console_name}]
role = "operator"
hash = "{console_hash}"


# --- where the stock figures come from ---------------------------------------------------------------------

[sources.erp]
type = "http_json"
warehouses = ["east", "west", "south"]
url = "{erp}/stock"
headers = {{ Authorization = "file:token" }}
since_param = ""            # read everything each time
max_age = "30s"             # older figures raise nothing
imported_by = "paid"        # the ERP says until when it has the orders of each shop
paths = {{ imported_until = "imported_until" }}


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

# One warehouse, three shops: each has a share of its own, no unit is shown twice.
[pools.split]
mode = "split"
warehouses = ["south"]
shops = ["tmall", "jd", "outlet"]
warning_level = 4
relist_level = 8
relist_after = 2
least_off_time = "2s"

[[bundles]]
sku = "{bundle}"
components = {{ {parts} }}


# --- the shops ---------------------------------------------------------------------------------------------

[shops.tmall]
type = "taobao"
url = "{tmall}/router/rest"
app_key = "mock-app"
app_secret = "file:secret"
session = "file:session"
prefix_separators = ["-"]   # 1-MUG-RED and 2-MUG-RED are MUG-RED
suffix_separators = []
weight = 2                  # of each split SKU it gets two parts where the others get one at first
{common}
[shops.jd]
type = "taobao"
url = "{jd}/router/rest"
app_key = "mock-app"
app_secret = "file:secret"
session = "file:session"
prefix_separators = []
suffix_separators = ["-"]   # MUG-RED-2 is MUG-RED
{common}
[shops.outlet]
type = "taobao"
url = "{outlet}/router/rest"
app_key = "mock-app"
app_secret = "file:secret"
session = "file:session"
prefix_separators = []
suffix_separators = []
packs = [
    {{ code = "{pack}", sku = "{packed}", units = {in_a_pack} }},
]
{common}"""

_COMMON = """\
deducts_at = "order"        # an order lowers the counter, its payment does not
restores_unpaid = "yes"     # what ends before it was paid comes back into the counter,
restores_paid = "no"        # what is refunded after that does not
occupies_at = "hold"        # and an unpaid one takes its units until the platform closes it, or
hold_minutes = 1            # for so long
orders_overlap = "5s"
clock_skew = "1s"           # one clock for all here, but orders are stamped by the second; usual is 2m
hold_grace = "0s"
erp_lag = "{lag}s"              # so long a sale takes at most to reach the ERP
calls_per_second = 200
burst = 200
"""

LAG = 3
"""Seconds until a sale is in the ERP at the latest; the demo's ERP imports it well before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """Where the console is to be, 0 for anywhere, and the token that opens it, with its hash."""

    port: int
    token: str = field(repr=False)
    hash: str = field(repr=False)

    @classmethod
    def fresh(cls, port: int = 0) -> "Console":
        """Return one with a token for this one demo."""
        token = new_token(GUEST)
        return cls(port=port, token=token, hash=new_hash(token))


def configuration_text(urls: Mapping[str, str], console: Console) -> str:
    """Return the configuration for mocks that are served at `urls`; of the token it has only the hash."""
    return _TEXT.format(
        console_port=console.port,
        console_name=GUEST,
        console_hash=console.hash,
        erp=urls[ERP],
        tmall=urls["tmall"],
        jd=urls["jd"],
        outlet=urls["outlet"],
        bundle=BUNDLE,
        parts=", ".join(f"{sku} = {units}" for sku, units in PARTS.items()),
        pack=PACK,
        packed=PACKED,
        in_a_pack=IN_A_PACK,
        common=_COMMON.format(lag=LAG),
    )


def write_configuration(folder: Path, text: str, *, token: str, secret: str) -> Path:
    """Write the configuration and, beside it, the files with its secrets; return the configuration's path."""
    for name, content in (("token", f"Bearer {token}"), ("session", token), ("secret", secret)):
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(f"{content}\n", encoding="utf-8")
    file = folder / "syncd.toml"
    file.write_text(text, encoding="utf-8")
    return file
