"""The session that a seller granted, and the call that buys the next one."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.channels.taobao.settings import TaobaoSettings
from syncd.errors import Kind
from syncd.ports.tokens import Tokens

REFRESH = "taobao.top.auth.token.refresh"

AHEAD = timedelta(hours=12)
"""How long before its end a session is renewed; TOP's documents set no earliest time."""

_WRITING = ("w1_expires_in", "w2_expires_in")
_MOST_SECONDS = 100 * 366 * 86_400


def configured(settings: TaobaoSettings) -> Tokens:
    """Return the tokens that the settings hold."""
    refresh = settings.refresh_token.get_secret_value() if settings.refresh_token else ""
    return Tokens(
        access=settings.session.get_secret_value(),
        refresh=refresh,
        access_expires=settings.session_expires,
    )


def bought(body: Mapping[str, Any], spent: Tokens, *, now: datetime) -> Tokens:
    """Return the tokens in the answer to `REFRESH`: `token_result` is a text that holds JSON.

    Times are seconds from `now`; one that is not there or not above 0 is not known. The right to write stock
    may end before the session does (`w1_expires_in`, `w2_expires_in`; either level will do).

    Raises:
        LookupError, TypeError, ValueError: it holds no session.
    """
    result = _read(body["token_result"])
    session = _text(result["access_token"])
    writing = max(_seconds(result.get(name)) for name in _WRITING)
    known = [seconds for seconds in (_seconds(result.get("expires_in")), writing) if seconds]
    refresh = _seconds(result.get("re_expires_in"))
    return Tokens(
        access=session,
        refresh=_text(result.get("refresh_token") or spent.refresh),
        access_expires=now + timedelta(seconds=min(known)) if known else None,
        refresh_expires=now + timedelta(seconds=refresh) if refresh else spent.refresh_expires,
    )


def refusal_kind(kind: Kind) -> Kind:
    """Return what a refused renewal means: it has one argument of its own, the refresh token."""
    refused = (Kind.AUTH_EXPIRED, Kind.REJECTED, Kind.NOT_FOUND)
    return Kind.AUTH_REVOKED if kind in refused else kind


def _read(text: str) -> Mapping[str, Any]:
    try:
        result: Mapping[str, Any] = json.loads(text)
    except RecursionError:
        raise ValueError("is no sane JSON") from None
    return result


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("is no token")
    return value


def _seconds(value: object) -> int:
    """Return a span of time, 0 where none is told."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:12])
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _MOST_SECONDS:
        return 0
    return value
