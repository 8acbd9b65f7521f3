"""What the gateway checks before it lets a call in, in the order of the platforms.

All that must be there, then the app, the time, the signature, the token, the package, and the rate.
"""

from collections.abc import Set as AbstractSet
from datetime import datetime
from hmac import compare_digest

from syncd.mock.douyin.params import Asked, read_timestamp, unreadable
from syncd.mock.douyin.refusal import Refusal, not_permitted, throttled, token_refused, unauthorized
from syncd.mock.douyin.sign import SIGN_METHODS, signature
from syncd.mock.douyin.state import DouyinState
from syncd.mock.rig import Rig

TOKEN_PATHS = frozenset({"/token/create", "/token/refresh"})
"""The methods that need no access token."""

ORDER_PATHS = frozenset({"/order/searchList", "/order/orderDetail", "/afterSale/List"})
"""The methods that read orders; many apps have not got their package."""

_NEEDED = (
    ("app_key", "isv.app-id-missing"),
    ("sign", "isv.signature-missing"),
    ("access_token", "isv.access-token-missing"),
)


def check(rig: Rig[DouyinState], asked: Asked, known: AbstractSet[str]) -> None:
    """Let a call in, or refuse it; `known` are the paths that can be carried out.

    Raises:
        Refusal: the gateway does not let it in.
    """
    _check_form(asked, known)
    state, query = rig.state, asked.query
    if not _same(query["app_key"], state.douyin.app_key):
        raise Refusal(40003, "isv.app-id-invalid", "there is no such app")
    _check_time(query["timestamp"], rig.clock.now(), state.douyin.window)
    # What was not written in the platform's own form has another signature there.
    if not asked.is_canonical or not _same(
        query["sign"], signature(query, asked.raw, state.douyin.app_secret)
    ):
        raise Refusal(40003, "isv.signature-invalid", "the signature is not that of the call")
    if asked.path not in TOKEN_PATHS:
        _check_token(query["access_token"], state, rig.clock.now())
    if asked.path in state.douyin.denied or (asked.path in ORDER_PATHS and not state.douyin.order_package):
        raise not_permitted()
    if wait := rig.wait_for_rate():
        raise throttled(wait)


def _check_form(asked: Asked, known: AbstractSet[str]) -> None:
    query = asked.query
    for name, sub_code in _NEEDED:
        if not query.get(name) and not (name == "access_token" and asked.path in TOKEN_PATHS):
            raise Refusal(40001, sub_code, f"the parameter {name} is missing")
    if asked.path not in known:
        raise Refusal(70000, "isp.api-service-off", "there is no such method")
    if query.get("method", "") != asked.path.removeprefix("/").replace("/", "."):
        raise unreadable("method must name the path, with dots")
    if query.get("v", "") != "2":
        raise unreadable("v must be 2")
    if query.get("sign_method", "md5") not in SIGN_METHODS:
        raise unreadable("sign_method must be md5 or hmac-sha256")
    if "timestamp" not in query:
        raise Refusal(40003, "isv.timestamp-format-error", "timestamp is missing")
    if asked.path in TOKEN_PATHS and query.get("param_json", "") != asked.raw:
        raise unreadable("param_json of a token call must stand in the query and in the body")


def _check_time(text: str, now: datetime, window: int) -> None:
    when = read_timestamp(text)
    if when is None:
        raise Refusal(40003, "isv.timestamp-format-error", "timestamp must be unix seconds")
    if abs((now - when).total_seconds()) > window:
        raise Refusal(40003, "isv.timestamp-invalid", "timestamp is too far from the platform's time")


def _check_token(token: str, state: DouyinState, now: datetime) -> None:
    if not _same(token, state.settings.token):
        raise token_refused("no-existed")
    if state.douyin.closed:
        raise unauthorized()
    if state.douyin.token_until is not None and now >= state.douyin.token_until:
        raise token_refused("expired")


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode(errors="surrogateescape"), wanted.encode())
