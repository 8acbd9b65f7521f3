"""The tokens that a seller granted, and the call that buys the next ones."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.channels.aliexpress.settings import AliexpressSettings
from syncd.errors import Kind
from syncd.ports.tokens import Tokens

REFRESH = "/auth/token/refresh"

AHEAD = timedelta(hours=12)
"""How long before its end an access token is renewed; the documents set no earliest time."""

_MOST_SECONDS = 100 * 366 * 86_400
_REFUSED = frozenset({Kind.AUTH_EXPIRED, Kind.REJECTED, Kind.NOT_FOUND})


def configured(settings: AliexpressSettings) -> Tokens:
    """Return the tokens that the settings hold."""
    return Tokens(
        access=settings.access_token.get_secret_value(),
        refresh=settings.refresh_token.get_secret_value() if settings.refresh_token else "",
        access_expires=settings.access_expires,
    )


def bought(body: Mapping[str, Any], spent: Tokens, *, now: datetime) -> Tokens:
    """Return the tokens in the answer to `REFRESH`; what it says of their ends are seconds from `now`.

    Raises:
        LookupError, ValueError: it holds no access token.
    """
    access = _seconds(body.get("expires_in"))
    refresh = _seconds(body.get("refresh_expires_in"))
    return Tokens(
        access=_token(body["access_token"]),
        refresh=_token(body.get("refresh_token") or spent.refresh),
        access_expires=now + timedelta(seconds=access) if access else None,
        refresh_expires=now + timedelta(seconds=refresh) if refresh else spent.refresh_expires,
    )


def refusal_kind(kind: Kind) -> Kind:
    """Return what a refused renewal means: it has one argument of its own, the refresh token."""
    return Kind.AUTH_REVOKED if kind in _REFUSED else kind


def _token(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("is no token")
    return value


def _seconds(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:12])
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _MOST_SECONDS:
        return None
    return value
