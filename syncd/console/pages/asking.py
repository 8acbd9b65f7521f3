"""What a browser asks for, as the desk takes it: lists by their filters, changes as requests."""

from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import urlencode

from aiohttp import web

from syncd.console.keys import caller
from syncd.domain.model import PoolName, ShopName, Sku
from syncd.domain.said import say
from syncd.errors import UsageError
from syncd.services.desk import Asked, LockWanted

_MOST = 200
"""No code, name or cursor of ours is longer, and nobody types a longer one; cursors may be ten times that."""


def text_of(given: Mapping[str, object], name: str, most: int = _MOST) -> str:
    """Return a field as one line without the spaces around it, empty where it is not given.

    Raises:
        UsageError: it is longer than anything that can be meant.
    """
    value = given.get(name, "")
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > most:
        raise UsageError(say("%(name)s is longer than %(most)s characters", name=name, most=most))
    return text


def asked_of(request: web.Request) -> Asked:
    """Return which part of a list the address of a page asks for."""
    query = request.query
    shop, sku, pool = (text_of(query, name) for name in ("shop", "sku", "pool"))
    return Asked(
        search=text_of(query, "q"),
        shop=ShopName(shop) if shop else None,
        sku=Sku(sku) if sku else None,
        pool=PoolName(pool) if pool else None,
        what=text_of(query, "what"),
        open_only="open" in query,
        unbound="unbound" in query,
        ended="ended" in query,
        since=_since(text_of(query, "since")),
        cursor=text_of(query, "cursor", 10 * _MOST),
    )


def _since(text: str) -> datetime | None:
    """Return the time that a field of a date means; a day begins in UTC, which the page says."""
    if not text:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(say("%(text)r is no date; write it like 2026-11-11", text=text)) from error
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def whole(given: Mapping[str, object], name: str) -> int:
    """Return a field as a whole number of units.

    Raises:
        UsageError: it is none.
    """
    text = text_of(given, name)
    if not (text.isascii() and text.isdecimal()) or len(text) > _DIGITS:
        raise UsageError(say("%(name)s: write a whole number of units, not %(text)r", name=name, text=text))
    return int(text)


_DIGITS = 15


def releases_of(text: str) -> list[tuple[int, datetime]]:
    """Return the batches of `UNITS@TIME`, one a line or apart by spaces.

    Raises:
        UsageError: one of them cannot be read, or its time names no zone.
    """
    batches = []
    for entry in text.split():
        units, _, at = entry.partition("@")
        if not (units.isascii() and units.isdecimal()) or len(units) > _DIGITS:
            raise UsageError(say("%(entry)r: write UNITS@TIME, like 20@2026-11-11T00:00+08:00", entry=entry))
        batches.append((int(units), _moment(at, entry)))
    return batches


def _moment(at: str, entry: str) -> datetime:
    try:
        read = datetime.fromisoformat(at)
        if read.tzinfo is not None:
            return read.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            say("%(entry)r: %(at)r is no time; write it like 2026-11-11T00:00+08:00", entry=entry, at=at)
        ) from error
    # A campaign that begins eight hours early sells what was promised to others.
    raise UsageError(
        say("%(entry)r: say the zone of the time, as in %(at)s+08:00 or %(at)sZ", entry=entry, at=at)
    )


def lock_of(form: Mapping[str, object]) -> LockWanted:
    """Return the lock that a form asks for.

    Raises:
        UsageError: a field of it cannot be read.
    """
    shop, pool = text_of(form, "shop"), text_of(form, "pool")
    sku = text_of(form, "sku")
    if not sku:
        raise UsageError(say("say which SKU is to be locked"))
    return LockWanted(
        sku=Sku(sku),
        units=whole(form, "units"),
        shop=ShopName(shop) if shop else None,
        pool=PoolName(pool) if pool else None,
        only=text_of(form, "mode") == "only" and bool(shop),
        release=whole(form, "release") if text_of(form, "release") else 0,
        releases=releases_of(text_of(form, "releases", 10 * _MOST)),
    )


# --- changes -------------------------------------------------------------------------------------------


def asker(request: web.Request) -> str:
    """Return who is signed in, as the ledger names who asks."""
    return f"console:{caller(request).name}"


async def then_back(asked: Awaitable[int], path: str) -> NoReturn:
    """Leave a request and send the browser back to a page of ours, which tells what came of it.

    Raises:
        web.HTTPSeeOther: always, so that loading the page again asks for nothing twice.
    """
    number = await asked
    joint = "&" if "?" in path else "?"
    raise web.HTTPSeeOther(f"{path}{joint}{urlencode({'asked': number})}")


def local(path: str) -> str:
    """Return a path of this console as it is, and the start for anything that could lead elsewhere."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_ours and path.isprintable() else "/"
