"""The tokens that a seller granted, and the call that buys the next ones."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from syncd.adapters.channels.aliexpress.settings import AliexpressSettings
from syncd.adapters.wire.granted import span, token_text
from syncd.ports.tokens import Tokens

REFRESH = "/auth/token/refresh"

AHEAD = timedelta(hours=12)
"""How long before its end an access token is renewed; the documents set no earliest time."""


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
    access = span(body.get("expires_in"))
    refresh = span(body.get("refresh_expires_in"))
    return Tokens(
        access=token_text(body["access_token"]),
        refresh=token_text(body.get("refresh_token") or spent.refresh),
        access_expires=now + timedelta(seconds=access) if access else None,
        refresh_expires=now + timedelta(seconds=refresh) if refresh else spent.refresh_expires,
    )
