"""What the gateway checks before it lets a call in, in the order of the platforms.

All that must be there, then the app, the time, the signature, the token, the package, and the rate.
"""

from datetime import UTC, datetime
from hmac import compare_digest

from syncd.mock.aliexpress.params import Params
from syncd.mock.aliexpress.refusal import (
    Refusal,
    missing,
    not_permitted,
    throttled,
    token_expired,
    token_refused,
)
from syncd.mock.aliexpress.sign import signature
from syncd.mock.aliexpress.state import AliexpressState
from syncd.mock.rig import Rig

ORDER_METHODS = frozenset({"aliexpress.solution.order.get", "aliexpress.solution.order.info.get"})
"""The methods that read orders."""

_MILLISECONDS_LENGTH = 13


def check(rig: Rig[AliexpressState], params: Params, method: str, *, known: bool, path: str = "") -> None:
    """Let a call in, or refuse it; a `path` method needs no token.

    Raises:
        Refusal: the gateway does not let it in.
    """
    _check_form(params, method, known=known)
    settings = rig.state.aliexpress
    if not _same(params.values["app_key"], settings.app_key):
        raise Refusal("InvalidAppKey", "the app key is not known")
    _check_time(params.values["timestamp"], rig.clock.now(), settings.window)
    given, wanted = params.values["sign"], signature(params.values, settings.app_secret, path)
    if not _same(given, wanted):
        # A part of the right one is all that tells the two words apart; when each comes is not documented.
        word = "IncompleteSignature" if wanted.startswith(given) else "InvalidSignature"
        raise Refusal(word, "the signature does not fit the request")
    if not path:
        _check_token(params, rig.state, rig.clock.now())
    if method in settings.denied or (method in ORDER_METHODS and not settings.order_package):
        raise not_permitted()
    if wait := rig.wait_for_rate():
        raise throttled(wait)


def _check_form(params: Params, method: str, *, known: bool) -> None:
    if not method:
        raise missing("method")
    for name in ("app_key", "timestamp", "sign_method", "sign"):
        if not params.values.get(name):
            raise missing(name)
    if not known:
        raise Refusal("InvalidApiPath", "there is no such method")
    if params.values["sign_method"] != "sha256":
        raise Refusal("InvalidSignMethod", "sign_method must be sha256")
    if params.values.get("format", "json") != "json":
        raise Refusal("InvalidFormat", "format must be json")
    if params.values.get("simplify", "false") not in ("true", "false"):
        raise Refusal("InvalidParameter", "simplify must be true or false")


def _check_time(text: str, now: datetime, window: int) -> None:
    fits = len(text) == _MILLISECONDS_LENGTH and text.isascii() and text.isdigit()
    if not fits or abs((now - datetime.fromtimestamp(int(text) / 1000, UTC)).total_seconds()) > window:
        raise Refusal("InvalidTimestamp", "the timestamp must be milliseconds, near the present time")


def _check_token(params: Params, state: AliexpressState, now: datetime) -> None:
    token, until = params.values.get("session", ""), state.aliexpress.token_until
    if not token:
        raise missing("session")
    if not _same(token, state.settings.token):
        raise token_refused()
    if until is not None and now >= until:
        raise token_expired()


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode(), wanted.encode())
