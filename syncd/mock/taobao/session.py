"""The method that buys the next session of a seller; a refresh token is good for one use.

What TOP's documents leave open is ours: that it is called without a session, that a refresh token which was
used is refused as a parameter that cannot be, and how long the next ones are good.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from syncd.mock.core import Call
from syncd.mock.faults import FaultKind, Strikes
from syncd.mock.taobao.params import Params
from syncd.mock.taobao.reads import Plan, Row
from syncd.mock.taobao.refusal import invalid, not_permitted
from syncd.mock.taobao.state import TaobaoState

REFRESH = "taobao.top.auth.token.refresh"


class Sessions:
    """The sessions of one shop."""

    def __init__(self, state: TaobaoState) -> None:
        self._state = state

    def methods(self) -> dict[str, Callable[[Params], Plan]]:
        """Return the method by its name."""
        return {REFRESH: self._refresh}

    def _refresh(self, params: Params) -> Plan:
        return Plan(work=partial(self._buy, params.text("refresh_token")))

    def _buy(self, given: str, _call: Call, strikes: Strikes) -> Row:
        state = self._state
        top = state.top
        if not top.may_refresh:
            raise not_permitted()
        if given != top.refresh_token or FaultKind.TOKEN_REVOKED in strikes:
            raise invalid(
                "refresh_token", "one that was not used before, of a seller who still trusts the app"
            )
        number = top.refreshed + 1
        until = state.now() + timedelta(seconds=top.session_seconds)
        state.settings = replace(state.settings, token=f"mock-token-{number}")
        state.top = replace(
            top, refreshed=number, refresh_token=f"mock-refresh-{number}", session_until=until
        )
        return {"token_result": json.dumps(_granted(state))}


def _granted(state: TaobaoState) -> dict[str, str | int]:
    life = state.top.session_seconds
    return {
        "access_token": state.settings.token,
        "token_type": "Bearer",
        "expires_in": life,
        "refresh_token": state.top.refresh_token,
        "re_expires_in": state.top.refresh_seconds,
        "r1_expires_in": life,
        "r2_expires_in": life,
        "w1_expires_in": life,
        "w2_expires_in": life,
        "taobao_user_id": "263664221",
        "taobao_user_nick": "mock-shop",
    }
