"""The mocks by name, and how a command runs one."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from syncd.mock.aliexpress import build_aliexpress
from syncd.mock.catalogue import make_listings, make_skus, make_stock
from syncd.mock.clock import Clock, RealClock, VirtualClock
from syncd.mock.core import ErpState, ShopState
from syncd.mock.douyin import build_douyin
from syncd.mock.erp import erp_app
from syncd.mock.fields import Fields, MockError, read_json
from syncd.mock.jd import build_jd
from syncd.mock.pdd import build_pdd
from syncd.mock.rig import Rig
from syncd.mock.server import running
from syncd.mock.shop import shop_app
from syncd.mock.taobao import build_taobao

Builder = Callable[[int, Clock, object], web.Application]
"""Builds a mock from a seed, its clock, and the state to begin with, None for one made from the seed."""


def build_erp(seed: int, clock: Clock, state: object = None) -> web.Application:
    """Return a mock ERP; without a state its catalogue comes from the seed."""
    rig = Rig(name="erp", state=ErpState(), seed=seed, clock=clock)
    if state is not None:
        rig.merge(state)
        return erp_app(rig)
    stock = make_stock(seed, make_skus(seed))
    rig.state = ErpState(cells=stock.cells, unrouted=stock.unrouted)
    return erp_app(rig)


def build_shop(seed: int, clock: Clock, state: object = None) -> web.Application:
    """Return a mock shop; without a state its listings come from the seed, of the SKUs in that seed's ERP."""
    rig = Rig(name="shop", state=ShopState(), seed=seed, clock=clock)
    if state is not None:
        rig.merge(state)
        return shop_app(rig)
    rig.state = ShopState(listings=make_listings(seed, "shop", make_skus(seed)).listings)
    return shop_app(rig)


BUILDERS: Mapping[str, Builder] = {
    "aliexpress": build_aliexpress,
    "douyin": build_douyin,
    "erp": build_erp,
    "jd": build_jd,
    "pdd": build_pdd,
    "shop": build_shop,
    "taobao": build_taobao,
}
"""The mocks that `syncd mock NAME` knows."""


async def serve(
    name: str,
    *,
    port: int,
    seed: int,
    state_file: Path | None,
    announce: Callable[[str], None],
    stop: asyncio.Event,
) -> None:
    """Serve one mock until `stop` is set; the first line announced is `listening http://127.0.0.1:PORT`.

    It runs on the machine's time; a state file with `"clock": "virtual"` makes its time stand still until it
    is moved.

    Raises:
        MockError: no mock has this name, the state file or the port cannot be used.
    """
    builder = BUILDERS.get(name)
    if builder is None:
        raise MockError(f"no mock is called {name}, there are {', '.join(sorted(BUILDERS))}")
    document = None if state_file is None else await asyncio.to_thread(_read_state, state_file)
    try:
        clock = _take_clock(document)
        app = builder(seed, clock, document)
    except MockError as error:
        raise MockError(f"state file {state_file}: {error}") from None
    async with running(app, port=port) as url:
        announce(f"listening {url}")
        await stop.wait()


def _read_state(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise MockError(f"state file {path}: cannot be read ({reason})") from None
    document = read_json(text, f"state file {path}")
    if not isinstance(document, dict):
        raise MockError(f"state file {path}: must hold an object as /_mock/state shows it")
    return document


def _take_clock(document: dict[str, Any] | None) -> Clock:
    if document is None:
        return RealClock()
    word = Fields(document, "").text("clock", "real")
    document.pop("clock", None)
    if word not in ("real", "virtual"):
        raise MockError('clock: must be "real" or "virtual"')
    return VirtualClock() if word == "virtual" else RealClock()
