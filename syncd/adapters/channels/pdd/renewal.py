"""The call by which Pinduoduo's tokens are renewed."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from syncd.adapters.channels.pdd.client import PddClient, PddRefused
from syncd.adapters.channels.pdd.reading import plain, whole
from syncd.adapters.http import expecting
from syncd.errors import Kind, PortError
from syncd.ports.tokens import Tokens

_REFRESH = "pdd.pop.auth.token.refresh"

_LATEST = datetime(9000, 1, 1, tzinfo=UTC)
_REFUSED = frozenset({Kind.AUTH_EXPIRED, Kind.AUTH_REVOKED, Kind.REJECTED, Kind.NOT_FOUND})


async def renewed(client: PddClient, name: str, tokens: Tokens, *, now: datetime) -> Tokens:
    """Return the tokens that come after `tokens`, asked for once; an access token is not needed for it.

    That a refresh token is good for one use only is documented nowhere, and taken for granted here: a call
    without an answer may have spent it.

    Raises:
        PortError: there are none; `AUTH_REVOKED` where the refresh token is refused or empty.
    """
    place = f"{name}: {_REFRESH}"
    if not tokens.refresh:
        message = "there is no refresh_token: the owner must authorize the app again, for a new access_token"
        raise PortError(Kind.AUTH_REVOKED, f"{place}: {message}", sent=False)
    alone = Tokens(access="", refresh=tokens.refresh)
    try:
        body = await client.call(_REFRESH, {"refresh_token": tokens.refresh}, writes=True, tokens=alone)
    except PddRefused as error:
        if error.kind not in _REFUSED:
            raise
        message = f"{error}; the refresh_token was not accepted: the owner must authorize the app again"
        raise PortError(Kind.AUTH_REVOKED, message) from None
    with expecting(place):
        access = _token(body["access_token"])
        refresh = _token(body["refresh_token"]) if body.get("refresh_token") else tokens.refresh
        return Tokens(
            access=access,
            refresh=refresh,
            access_expires=_expiry(body, "", now),
            refresh_expires=_expiry(body, "refresh_token_", now),
        )


def _token(value: object) -> str:
    found = plain(value)
    if not found or not found.isascii():
        raise ValueError("no token")
    return found


def _expiry(body: Mapping[str, Any], of: str, now: datetime) -> datetime | None:
    """Return when a token expires, None where the answer does not say it plainly.

    The seconds that it lasts count before the time of its end: they need no clock but ours.
    """
    lasts, ends = whole(body.get(f"{of}expires_in")), body.get(f"{of}expires_at")
    if lasts is not None:
        return now + timedelta(seconds=lasts)
    try:
        moment = datetime.fromtimestamp(int(plain(ends)), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment < _LATEST else None
