"""Call every source and shop once, and see what their credentials allow; nothing is written anywhere."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Generic, TypeVar

from syncd.bootstrap import App, Seams, open_app, open_vault
from syncd.cli.opening import in_folder
from syncd.cli.output import Json
from syncd.config.configuration import Configuration, ShopConfig, SourceConfig
from syncd.domain.model import ObservedListing, Snapshot
from syncd.errors import Kind, PortError, StateError
from syncd.ports.listening import Listening
from syncd.ports.orders import OrderFeed
from syncd.services.gate import Gate, within
from syncd.services.renewal import WARN_AHEAD, Renewal, ends_of

ResultT = TypeVar("ResultT")

WHOLE_READING = 10
"""How many single calls' time-outs a reading of a whole source or shop may take."""

ORDERS_BACK = timedelta(hours=1)
"""How far back orders are read, only to see whether they can be."""

YES, NO, UNKNOWN = "yes", "no", "?"
NOT_OFFERED, NOT_TRIED = "not offered", "not tried"

_UNREADABLE = "its credential can only be read inside the systemd unit, so it was not called"
_OF_CREDENTIALS = frozenset({Kind.AUTH_EXPIRED, Kind.AUTH_REVOKED, Kind.SIGNATURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Generic[ResultT]):
    """What came of one question; `error` is empty where it was answered."""

    result: ResultT | None = None
    error: str = ""
    kind: Kind | None = None

    @property
    def word(self) -> str:
        """Return whether the credentials allow it; what failed otherwise proves nothing."""
        if self.kind is Kind.PERMISSION or self.kind in _OF_CREDENTIALS:
            return NO
        return UNKNOWN if self.error else YES


async def ask_all(configuration: Configuration) -> Json:
    """Return what every source and shop answered, by `sources` and `shops` and their names."""
    vault = open_vault(configuration)
    # The state belongs to the daemon, and nothing of this is to be remembered but tokens that were renewed.
    with TemporaryDirectory(prefix="syncd-") as folder:
        async with open_app(in_folder(configuration, Path(folder)), Seams(vault=vault)) as app:
            sources = [_ask_source(app, each) for each in configuration.sources.values()]
            shops = [_ask_shop(app, each) for each in configuration.shops.values()]
            of_sources, of_shops = await asyncio.gather(asyncio.gather(*sources), asyncio.gather(*shops))
    return {
        "sources": dict(zip(configuration.sources, of_sources, strict=True)),
        "shops": dict(zip(configuration.shops, of_shops, strict=True)),
    }


async def _ask_source(app: App, source: SourceConfig) -> Json:
    port = app.sources[source.name]
    if isinstance(port, Listening):
        return {"rows": None, "problems": None, "error": (await _answer(source, port.knock)).error}

    async def collect() -> Snapshot:
        return await port.collect(now=app.clock.now(), cursor="")

    answer = await _answer(source, collect)
    snapshot = answer.result
    if snapshot is None:
        return {"rows": None, "problems": None, "error": answer.error}
    error = "" if snapshot.complete else f"its answer is not whole: {snapshot.incomplete_because}"
    return {"rows": len(snapshot.skus), "problems": len(snapshot.problems), "error": error}


async def _ask_shop(app: App, shop: ShopConfig) -> Json:
    async def observe() -> list[ObservedListing]:
        return [row async for page in app.channels[shop.name].observe() for row in page]

    listings = await _answer(shop, observe, app.gates[shop.name])
    orders = await _ask_orders(app, shop, listings.kind)
    return {
        "listings": None if listings.result is None else len(listings.result),
        "read_listings": listings.word,
        "read_orders": NOT_OFFERED if orders is None else orders.word,
        "write_stock": NOT_TRIED,
        **_login(app.renewals.get(shop.name), app.clock.now()),
        "error": "; ".join(dict.fromkeys(one.error for one in (listings, orders) if one and one.error)),
    }


async def _ask_orders(app: App, shop: ShopConfig, before: Kind | None) -> Answer[int] | None:
    """Return whether the orders of the last hour can be read, None where the shop tells none.

    Credentials that were refused before are not tried again: it would tell nobody anything.
    """
    channel = app.channels[shop.name]
    if not channel.traits.order_feed or not isinstance(channel, OrderFeed):
        return None
    if before in _OF_CREDENTIALS:
        return Answer(kind=before)

    async def read() -> int:
        now = app.clock.now()
        return sum([len(page) async for page in channel.orders(since=now - ORDERS_BACK, until=now)])

    answer = await _answer(shop, read, app.gates[shop.name])
    return answer if not answer.error else Answer(error=f"orders: {answer.error}", kind=answer.kind)


def _login(renewal: Renewal | None, now: datetime) -> Json:
    """Return until when the credentials are good; null is not known."""
    if renewal is None:
        return {
            "renews": False,
            "session_ends": None,
            "authorized_until": None,
            "days_left": None,
            "warning": "",
        }
    tokens, ends = renewal.tokens, ends_of(renewal.tokens)
    days = None if ends is None else (ends - now).days
    warning = ""
    if ends is not None and ends - now < WARN_AHEAD:
        when = f"ends in {days} days" if ends > now else "is over"
        warning = f"its authorization {when}: have the app authorized again and correct {renewal.settings}"
    return {
        "renews": bool(tokens.refresh),
        "session_ends": _iso(tokens.access_expires),
        "authorized_until": _iso(ends),
        "days_left": days,
        "warning": warning,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


async def _answer(
    part: SourceConfig | ShopConfig, call: Callable[[], Awaitable[ResultT]], gate: Gate | None = None
) -> Answer[ResultT]:
    """Return what a source or shop answered, or why there is no answer."""
    if part.unresolved:
        return Answer(error=_UNREADABLE)
    limit = part.core.timeout * WHOLE_READING
    try:
        async with within(gate, limit):
            return Answer(result=await call())
    except PortError as error:
        return Answer(error=str(error), kind=error.kind)
    except StateError as error:
        # The tokens of a shop, which are all of the true state that is looked at.
        return Answer(error=str(error))
    except TimeoutError:
        return Answer(error=f"no whole answer within {limit:g} s")
