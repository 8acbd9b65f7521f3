"""The methods that give out tokens.

The documents do not say whether a refresh token may be used twice; `refresh_once` decides it here.
"""

from datetime import datetime
from hmac import compare_digest

from syncd.mock.core import Call
from syncd.mock.douyin.params import Asked
from syncd.mock.douyin.refusal import invalid, not_generated
from syncd.mock.douyin.state import DouyinState
from syncd.mock.douyin.wire import Method, Plan, Reply
from syncd.mock.faults import Strikes


class Tokens:
    """The token methods of one shop; `used` codes and refresh tokens are remembered."""

    def __init__(self, state: DouyinState) -> None:
        self._state = state
        self._used: set[str] = set()

    def methods(self) -> dict[str, Method]:
        """Return each method by its path."""
        return {"/token/create": self._create, "/token/refresh": self._refresh}

    def _create(self, asked: Asked) -> Plan:
        grant, code = asked.body.text("grant_type"), asked.body.text("code", "")
        shop = asked.body.id("shop_id", "")
        if grant not in ("authorization_code", "authorization_self"):
            raise invalid("grant_type", "authorization_code or authorization_self")

        def work(_: Call, __: Strikes) -> Reply:
            settings = self._state.douyin
            if settings.closed or (grant == "authorization_self" and shop != str(settings.shop_id)):
                raise not_generated("no-authorization")
            if grant == "authorization_code":
                if code in self._used or not compare_digest(code.encode(), settings.code.encode()):
                    raise not_generated("code-expired")
                self._used.add(code)
            return self._given_out()

        return Plan(work=work)

    def _refresh(self, asked: Asked) -> Plan:
        if asked.body.text("grant_type", "") != "refresh_token":
            raise invalid("grant_type", "refresh_token")
        token = asked.body.text("refresh_token")

        def work(_: Call, __: Strikes) -> Reply:
            settings = self._state.douyin
            if settings.closed:
                raise not_generated("no-authorization")
            if not compare_digest(token.encode(), settings.refresh_token.encode()):
                raise not_generated("token-expired" if token in self._used else "token-invalid")
            if _is_past(settings.refresh_until, self._state.now()):
                raise not_generated("token-expired")
            self._used.add(token)
            return self._given_out()

        return Plan(work=work)

    def _given_out(self) -> Reply:
        self._state.give_out_tokens()
        settings = self._state.douyin
        return Reply(
            data={
                "access_token": self._state.settings.token,
                "expires_in": settings.token_seconds,
                "refresh_token": settings.refresh_token,
                "shop_id": settings.shop_id,
                "shop_name": "mock shop",
                "scope": "SCOPE",
            }
        )


def _is_past(until: datetime | None, now: datetime) -> bool:
    return until is not None and now >= until
