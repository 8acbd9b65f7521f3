"""The path methods: the seller's first tokens, and fresh ones for those that end."""

from dataclasses import replace
from hmac import compare_digest

from syncd.mock.aliexpress.params import Params
from syncd.mock.aliexpress.plan import Method, Plan, Row
from syncd.mock.aliexpress.refusal import Refusal, refresh_refused
from syncd.mock.aliexpress.state import AliexpressState
from syncd.mock.core import Call
from syncd.mock.faults import Strikes


class Tokens:
    """The path methods of one seller; each pair ends the one before it."""

    def __init__(self, state: AliexpressState) -> None:
        self._state = state

    def methods(self) -> dict[str, Method]:
        """Return each method by its path."""
        return {"/auth/token/create": self._create, "/auth/token/refresh": self._refresh}

    def _create(self, params: Params) -> Plan:
        code = params.text("code")

        def work(_: Call, __: Strikes) -> Row:
            settings = self._state.aliexpress
            if not _same(code, settings.auth_code):
                raise Refusal("InvalidCode", "the authorization code is invalid or was used")
            self._state.aliexpress = replace(settings, auth_code="")
            return self._pair()

        return Plan(work=work)

    def _refresh(self, params: Params) -> Plan:
        token = params.text("refresh_token")

        def work(_: Call, __: Strikes) -> Row:
            settings = self._state.aliexpress
            over = settings.refresh_until is not None and self._state.now() >= settings.refresh_until
            if over or not _same(token, settings.refresh_token):
                raise refresh_refused()
            return self._pair()

        return Plan(work=work)

    def _pair(self) -> Row:
        settings = self._state.renew()
        now = int(self._state.now().timestamp())
        return {
            "access_token": self._state.settings.token,
            "refresh_token": settings.refresh_token,
            "expires_in": settings.token_seconds,
            "refresh_expires_in": settings.refresh_seconds,
            "expire_time": (now + settings.token_seconds) * 1000,
            "refresh_token_valid_time": (now + settings.refresh_seconds) * 1000,
            "seller_id": settings.shop_id,
            "user_id": settings.shop_id,
            "account_platform": "seller_center",
        }


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode(), wanted.encode())
