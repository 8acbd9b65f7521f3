"""How an app comes by tokens: by the signed interfaces, or at the address of tokens.

How the platform refuses an authorization or a refresh token is not documented; the words are ours.
"""

from collections.abc import Mapping
from datetime import datetime
from hmac import compare_digest

from syncd.mock.core import Call
from syncd.mock.faults import FaultKind, Strikes
from syncd.mock.pdd.params import Params
from syncd.mock.pdd.plan import Interface, Plan, Row
from syncd.mock.pdd.refusal import Refusal, invalid, refused
from syncd.mock.pdd.state import PddState

_OWNER = "mock-mall"


class Tokens:
    """The interfaces that give tokens."""

    def __init__(self, state: PddState) -> None:
        self._state = state

    def interfaces(self) -> Mapping[str, Interface]:
        """Return each interface by its type."""
        return {
            "pdd.pop.auth.token.create": self._create,
            "pdd.pop.auth.token.refresh": self._refresh,
        }

    def exchange(self, params: Params) -> Plan:
        """Return what a call to the address of tokens is about; its own body says which app it is of."""
        for name, wanted in (
            ("client_id", self._state.pdd.client_id),
            ("client_secret", self._state.pdd.client_secret),
        ):
            if not compare_digest(params.text(name).encode(), wanted.encode()):
                raise Refusal(10016)
        kind = params.text("grant_type")
        if kind == "authorization_code":
            return self._create(params)
        if kind == "refresh_token":
            return self._refresh(params)
        raise invalid("grant_type", "authorization_code or refresh_token")

    def _create(self, params: Params) -> Plan:
        code = params.text("code")

        def work(_: Call, __: Strikes) -> Row:
            if code not in self._state.pdd.codes:
                raise refused("CODE_INVALID", "the authorization is not known, or was exchanged already")
            self._state.authorize(code)
            return self._shown()

        return Plan(work=work)

    def _refresh(self, params: Params) -> Plan:
        token = params.text("refresh_token")

        def work(_: Call, strikes: Strikes) -> Row:
            pdd = self._state.pdd
            is_known = compare_digest(token.encode(), pdd.refresh_token.encode())
            if not is_known or FaultKind.TOKEN_REVOKED in strikes:
                raise refused("REFRESH_TOKEN_INVALID", "the refresh token is not known, or was used already")
            if pdd.refresh_until is not None and self._state.now() >= pdd.refresh_until:
                raise refused("REFRESH_TOKEN_EXPIRED", "the seller must authorize the app again")
            self._state.renew(keeps_refresh=not pdd.refresh_once)
            return self._shown()

        return Plan(work=work)

    def _shown(self) -> Row:
        pdd = self._state.pdd
        row: Row = {
            "access_token": self._state.settings.token,
            "refresh_token": pdd.refresh_token,
            "owner_id": _OWNER,
            "owner_name": _OWNER,
            "scope": ["pdd.goods.list.get"],
        }
        for name in ("", "r1_", "r2_", "w1_", "w2_"):
            row |= self._times(name, pdd.token_until)
        return row | self._times("refresh_token_", pdd.refresh_until)

    def _times(self, name: str, until: datetime | None) -> Row:
        if until is None:
            return {}
        left = int((until - self._state.now()).total_seconds())
        return {f"{name}expires_in": left, f"{name}expires_at": int(until.timestamp())}
