"""The token that a seller granted, and the call that buys the next one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.channels.jd.settings import JdSettings
from syncd.ports.tokens import Tokens

REFRESH = "refresh_token"

AHEAD = timedelta(hours=20)
"""How long before its end a token is renewed: JD takes a renewal within the last 24 hours only."""

_MOST_SECONDS = 100 * 366 * 86_400


def configured(settings: JdSettings) -> Tokens:
    """Return the tokens that the settings hold."""
    refresh = settings.refresh_token.get_secret_value() if settings.refresh_token else ""
    return Tokens(
        access=settings.access_token.get_secret_value(),
        refresh=refresh,
        access_expires=settings.token_expires,
    )


def bought(body: Mapping[str, Any], spent: Tokens, *, now: datetime) -> Tokens:
    """Return the tokens in an answer; times are seconds from `now`, one that is not above 0 is not known.

    A refresh token can be used no longer than the token that it came with is good.

    Raises:
        LookupError, TypeError, ValueError: it holds no token.
    """
    access = _text(body["access_token"])
    life = _seconds(body.get("expires_in"))
    ends = now + timedelta(seconds=life) if life else None
    return Tokens(
        access=access,
        refresh=_text(body.get("refresh_token") or spent.refresh),
        access_expires=ends,
        refresh_expires=ends,
    )


def refusal_text(body: Any) -> str:  # noqa: ANN401 - JSON is anything
    """Return what a refusal says, for people; empty where it is none."""
    if not isinstance(body, Mapping) or body.get("code") in (None, "", "0", 0):
        return ""
    message = body.get("msg")
    return f"code {body['code']}: {message if isinstance(message, str) else 'without a reason'}"


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
