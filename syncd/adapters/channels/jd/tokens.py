"""The token that a seller granted, and the call that buys the next one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.channels.jd.settings import JdSettings
from syncd.adapters.wire.granted import span, token_text
from syncd.ports.tokens import Tokens

REFRESH = "refresh_token"

AHEAD = timedelta(hours=20)
"""How long before its end a token is renewed: JD takes a renewal within the last 24 hours only."""


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
    access = token_text(body["access_token"])
    life = span(body.get("expires_in"))
    ends = now + timedelta(seconds=life) if life else None
    return Tokens(
        access=access,
        refresh=token_text(body.get("refresh_token") or spent.refresh),
        access_expires=ends,
        refresh_expires=ends,
    )


def refusal_text(body: Any) -> str:  # noqa: ANN401 - JSON is anything
    """Return what a refusal says, for people; empty where it is none."""
    if not isinstance(body, Mapping) or body.get("code") in (None, "", "0", 0):
        return ""
    message = body.get("msg")
    return f"code {body['code']}: {message if isinstance(message, str) else 'without a reason'}"
