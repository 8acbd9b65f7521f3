"""The two calls of OAuth: a token for a code, and a new one for a refresh token.

The numbers of their errors are ours; the document gives only the form of the answer.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hmac import compare_digest
from typing import Any

from aiohttp import web

from syncd.mock.core import Call
from syncd.mock.delivery import Parcel, carry_out
from syncd.mock.faults import Strikes
from syncd.mock.gateway import written
from syncd.mock.jd.refusal import Refusal
from syncd.mock.jd.state import JdState
from syncd.mock.jd.wire import Row, as_treatment
from syncd.mock.rig import Rig

REFRESH = "/oauth2/refresh_token"
"""Where a refresh token is turned into a new access token."""

BAD_APP, BAD_GRANT, BAD_TOKEN, TOO_EARLY, TOO_LATE, TOO_OFTEN = 101, 102, 103, 104, 105, 106

_MESSAGES = {
    BAD_APP: "app_key or app_secret is wrong",
    BAD_GRANT: "grant_type must be refresh_token",
    BAD_TOKEN: "refresh_token is not valid",
    TOO_EARLY: "the token can be refreshed within its last day only",
    TOO_LATE: "the token has expired, the seller must authorize again",
    TOO_OFTEN: "the refreshes of this month are used up",
}


class _TokenRefusal(Refusal):
    def body(self) -> dict[str, str]:
        return {"msg": _MESSAGES[self.code]}


class TokenScribe:
    """Writes the answers of the two calls, which have no frame."""

    def __init__(self, number: int) -> None:
        self._request_id = f"mock{number:012x}"

    def answer(self, holds: Mapping[str, Any]) -> Parcel:
        """Return the answer to a call that was carried out."""
        return written({"code": 0, **holds})

    def refuse(self, refusal: Refusal) -> Parcel:
        """Return the answer to a call that was refused."""
        body = refusal.body()
        message = body.get("msg") or body["en_desc"]
        return written({"code": refusal.code, "msg": message, "requestId": self._request_id})


class Tokens:
    """The token of one shop."""

    def __init__(self, rig: Rig[JdState]) -> None:
        self._rig = rig
        self._renewed = 0

    async def refresh(self, request: web.Request) -> web.StreamResponse:
        """Carry out one refresh, and answer it or not."""
        path = REFRESH.removeprefix("/")
        call = self._rig.calls.record(
            Call(at=self._rig.clock.now(), method=request.method, path=path, route=path)
        )
        query = dict(request.query)
        scribe = TokenScribe(self._rig.calls.total)
        return await carry_out(
            self._rig, request, call, as_treatment(scribe, lambda strikes: self._renew(query, strikes))
        )

    def _renew(self, query: Mapping[str, str], _strikes: Strikes) -> Row:
        state, now = self._rig.state, self._rig.clock.now()
        jd = state.jd
        if not (
            _same(query.get("app_key", ""), jd.app_key) and _same(query.get("app_secret", ""), jd.app_secret)
        ):
            raise _TokenRefusal(BAD_APP)
        if query.get("grant_type") != "refresh_token":
            raise _TokenRefusal(BAD_GRANT)
        if not _same(query.get("refresh_token", ""), jd.refresh_token):
            raise _TokenRefusal(BAD_TOKEN)
        if jd.token_until is not None and now >= jd.token_until:
            raise _TokenRefusal(TOO_LATE)
        if jd.token_until is None or now < jd.token_until - timedelta(seconds=jd.refresh_from):
            raise _TokenRefusal(TOO_EARLY)
        if jd.refresh_cap and jd.refreshes >= jd.refresh_cap:
            raise _TokenRefusal(TOO_OFTEN)
        self._renewed += 1
        token = f"mock-token-{self._renewed}"
        state.settings = replace(state.settings, token=token)
        state.jd = replace(
            jd,
            token_until=now + timedelta(seconds=jd.token_seconds),
            refresh_token=f"mock-refresh-{self._renewed}" if jd.refresh_once else jd.refresh_token,
            refreshes=jd.refreshes + 1,
        )
        return {
            "access_token": token,
            "refresh_token": state.jd.refresh_token,
            "expires_in": jd.token_seconds,
            "scope": "snsapi_base",
            "uid": "80001",
            "xid": "o*mock",
            "time": int(now.timestamp() * 1000),
            "token_type": "bearer",
        }


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode(), wanted.encode())
