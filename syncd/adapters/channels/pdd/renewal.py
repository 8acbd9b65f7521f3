"""The call by which Pinduoduo's tokens are renewed."""

from datetime import datetime

from syncd.adapters.channels.pdd.client import PddClient, PddRefused
from syncd.adapters.channels.pdd.tokens import REFRESH, bought
from syncd.adapters.http import expecting
from syncd.errors import Kind, PortError
from syncd.ports.tokens import Tokens

_REFUSED = frozenset({Kind.AUTH_EXPIRED, Kind.AUTH_REVOKED, Kind.REJECTED, Kind.NOT_FOUND})


async def renewed(client: PddClient, name: str, tokens: Tokens, *, now: datetime) -> Tokens:
    """Return the tokens that come after `tokens`, asked for once; the access token is not sent with it.

    That a refresh token is good for one use only is documented nowhere, and taken for granted: a call
    without an answer may have spent it. By which code one is refused is not documented either: what the
    service refuses for a reason that it tells cannot be mended by asking again.

    Raises:
        PortError: there are none; `AUTH_REVOKED` where the refresh token is refused or empty.
    """
    place = f"{name}: {REFRESH}"
    if not tokens.refresh:
        message = "there is no refresh_token: the owner must authorize the app again, for a new access_token"
        raise PortError(Kind.AUTH_REVOKED, f"{place}: {message}", sent=False)
    alone = Tokens(access="", refresh=tokens.refresh)
    try:
        body = await client.call(REFRESH, {"refresh_token": tokens.refresh}, writes=True, tokens=alone)
    except PddRefused as error:
        if error.kind not in _REFUSED and not (error.kind is Kind.UNKNOWN and error.is_of_service):
            raise
        message = f"{error}; the refresh_token was not accepted: the owner must authorize the app again"
        raise PortError(Kind.AUTH_REVOKED, message) from None
    with expecting(place):
        return bought(body, tokens, now=now)
