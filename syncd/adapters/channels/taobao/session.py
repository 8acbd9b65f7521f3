"""The session that a seller granted, and the call that buys the next one."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.channels.taobao.settings import TaobaoSettings
from syncd.adapters.wire.granted import span, token_text
from syncd.ports.tokens import Tokens

REFRESH = "taobao.top.auth.token.refresh"

AHEAD = timedelta(hours=12)
"""How long before its end a session is renewed; TOP's documents set no earliest time."""

_WRITING = ("w1_expires_in", "w2_expires_in")


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
    session = token_text(result["access_token"])
    writing = max(span(result.get(name)) for name in _WRITING)
    known = [seconds for seconds in (span(result.get("expires_in")), writing) if seconds]
    refresh = span(result.get("re_expires_in"))
    return Tokens(
        access=session,
        refresh=token_text(result.get("refresh_token") or spent.refresh),
        access_expires=now + timedelta(seconds=min(known)) if known else None,
        refresh_expires=now + timedelta(seconds=refresh) if refresh else spent.refresh_expires,
    )


def _read(text: str) -> Mapping[str, Any]:
    try:
        result: Mapping[str, Any] = json.loads(text)
    except RecursionError:
        raise ValueError("is no sane JSON") from None
    return result
