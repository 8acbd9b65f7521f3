"""The tokens that a seller granted, and what the call that renews them tells."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.adapters.channels.pdd.settings import PddSettings
from syncd.adapters.wire.values import plain, whole
from syncd.ports.tokens import Tokens

REFRESH = "pdd.pop.auth.token.refresh"

AHEAD = timedelta(hours=1)
"""How long before its end a token is renewed; the documents set no earliest time."""

_LATEST = 4_102_444_800
"""The year 2100: no token lasts so long."""

_WRITING = ("w1", "w2")


def configured(settings: PddSettings) -> Tokens:
    """Return the tokens that the settings hold."""
    refresh = settings.refresh_token
    return Tokens(
        access=settings.access_token.get_secret_value(),
        refresh="" if refresh is None else refresh.get_secret_value(),
        access_expires=settings.access_expires,
    )


def bought(body: Mapping[str, Any], spent: Tokens, *, now: datetime) -> Tokens:
    """Return the tokens in the answer to `REFRESH`.

    The right to write may end before the token does (`w1`, `w2`; either level will do).

    Raises:
        LookupError, ValueError: it holds no token.
    """
    writing = [end for end in (_end(body, f"{level}_", now) for level in _WRITING) if end is not None]
    known = [end for end in (_end(body, "", now), max(writing, default=None)) if end is not None]
    return Tokens(
        access=_token(body["access_token"]),
        refresh=_token(body.get("refresh_token") or spent.refresh),
        access_expires=min(known, default=None),
        refresh_expires=_end(body, "refresh_token_", now) or spent.refresh_expires,
    )


def _token(value: object) -> str:
    found = plain(value)
    if not found or not found.isascii():
        raise ValueError("no token")
    return found


def _end(body: Mapping[str, Any], of: str, now: datetime) -> datetime | None:
    """Return when something expires, None where the answer does not say it plainly.

    The seconds that it lasts go before the time of its end: they need no clock but ours.
    """
    lasts, ends = whole(body.get(f"{of}expires_in")), _seconds(body.get(f"{of}expires_at"))
    if lasts:
        return now + timedelta(seconds=lasts)
    return datetime.fromtimestamp(ends, UTC) if ends else None


def _seconds(value: object) -> int:
    text = plain(value)
    found = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(_LATEST)) else 0
    return found if found < _LATEST else 0
