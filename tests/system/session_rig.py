"""A mock Taobao shop whose session runs out, and the command line in front of it, each a process."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from syncd.mock.clock import RealClock
from syncd.mock.core import Listing, ShopSettings
from syncd.mock.rig import Rig
from syncd.mock.server import running
from syncd.mock.taobao import Item, TaobaoState, TopSettings, taobao_app
from tests.system.cli_rig import PATIENCE, ROOT, Done

REFRESH = "taobao.top.auth.token.refresh"
SECRETS = {
    "SECRET": "planted-app-secret",
    "SESSION": "planted-session",
    "REFRESH": "planted-refresh",
}
GRANTED = "mock-token-"
"""How the sessions begin that the mock grants, and `mock-refresh-` what buys the next ones."""

CONFIG = """
[state]
dir = "state"

[sources.erp]
type = "csv"
warehouses = ["main"]
warehouse = "main"
path = "{stock}"

[pools.main]
mode = "shared"
warehouses = ["main"]
shops = ["tb"]

[shops.tb]
type = "taobao"
url = "{url}/router/rest"
app_key = "mock-app"
app_secret = "env:SECRET"
session = "env:SESSION"
calls_per_second = 1000
orders_back = "1h"
burst = 100
"""

WITH_REFRESH = 'refresh_token = "env:REFRESH"\n'


@dataclass(slots=True, kw_only=True)
class Desk:
    """The folder, the shop, and everything that was printed."""

    folder: Path
    shop: Rig[TaobaoState]
    config: str
    printed: list[str] = field(default_factory=list)

    @property
    def renewals(self) -> int:
        return self.shop.calls.counts.get(REFRESH, 0)

    @property
    def counter(self) -> int:
        return self.shop.state.listings["801"].quantity

    def configure(self, more: str) -> None:
        """Write the configuration with more keys of the shop."""
        (self.folder / "syncd.toml").write_text(self.config + more, "utf-8")

    def end_session(self) -> None:
        self.top(session_until=datetime.now(UTC) - timedelta(seconds=1))

    def top(self, **changes: Any) -> None:  # noqa: ANN401 - settings of the mock
        self.shop.state.top = replace(self.shop.state.top, **changes)

    def kept(self) -> dict[str, Any]:
        """Return what is kept of the shop."""
        document = json.loads((self.folder / "state/tokens.json").read_text("utf-8"))
        found: dict[str, Any] = document["shops"]["tb"]
        return found

    async def run(self, *words: str, env: Mapping[str, str] | None = None) -> Done:
        """Run a command as people do and return what it printed."""
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "syncd", "--config", str(self.folder / "syncd.toml"), *words),
            cwd=self.folder,
            env={"PATH": "", "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **SECRETS, **(env or {})},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(PATIENCE):
            out, err = await program.communicate()
        assert program.returncode is not None
        done = Done(code=program.returncode, out=out.decode(), err=err.decode())
        self.printed += [done.out, done.err]
        return done


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Desk]:
    """Yield the desk with a shop that shows 5 of what is there 9 times; nothing secret may be printed."""
    clock = RealClock()
    state = TaobaoState(
        settings=ShopSettings(token=SECRETS["SESSION"], unlists_items=True),
        top=TopSettings(app_secret=SECRETS["SECRET"], refresh_token=SECRETS["REFRESH"]),
        items=[Item(id="800")],
        listings=[Listing(id="801", item="800", code="MUG", quantity=5)],
        now=clock.now,
    )
    shop = Rig(name="tb", clock=clock, state=state)
    (folder / "stock.csv").write_text("sku,on_hand\nMUG,9\n", "utf-8")
    async with running(taobao_app(shop)) as url:
        desk = Desk(folder=folder, shop=shop, config=CONFIG.format(url=url, stock=folder / "stock.csv"))
        desk.configure(WITH_REFRESH)
        yield desk
    told = "".join(desk.printed)
    secrets = [*SECRETS.values(), GRANTED, "mock-refresh-"]
    assert [secret for secret in secrets if secret in told] == []
