"""What the gateway checks before it lets a call in, in the order of the platforms.

All that must be there, then the app, the time, the signature, the session, the package, and the rate.
"""

from datetime import UTC, datetime
from hmac import compare_digest

from syncd.mock.forms import read_local
from syncd.mock.rig import Rig
from syncd.mock.taobao.params import Params
from syncd.mock.taobao.refusal import Refusal, missing, not_permitted, session_refused, throttled
from syncd.mock.taobao.session import REFRESH
from syncd.mock.taobao.sign import SIGN_METHODS, signature
from syncd.mock.taobao.state import TaobaoState

FORMATS = ("json", "xml")
ORDER_METHODS = frozenset(
    {
        "taobao.trades.sold.get",
        "taobao.trades.sold.increment.get",
        "taobao.trades.sold.incrementv.get",
        "taobao.trade.fullinfo.get",
    }
)
"""The methods that read orders; most apps have not got their package."""

_NEEDED = (("app_key", 28), ("timestamp", 30), ("v", 32), ("sign", 24))
_MILLISECONDS_LENGTH = 13


def check(rig: Rig[TaobaoState], params: Params, known: frozenset[str]) -> None:
    """Let a call in, or refuse it; `known` are the methods that can be carried out.

    Raises:
        Refusal: the gateway does not let it in.
    """
    method = _check_form(params, known)
    state = rig.state
    if not _same(params.text("app_key"), state.top.app_key):
        raise Refusal(29)
    _check_time(params.text("timestamp"), rig.clock.now(), state.top.window)
    if not _same(params.text("sign"), signature(params.values, state.top.app_secret)):
        raise Refusal(25)
    if method != REFRESH:
        _check_session(params, state, rig.clock.now())
    if method in state.top.denied or (method in ORDER_METHODS and not state.top.order_package):
        raise not_permitted()
    if wait := rig.wait_for_rate():
        raise throttled(wait)


def _check_form(params: Params, known: frozenset[str]) -> str:
    method = params.values.get("method", "")
    if not method:
        raise Refusal(21)
    for name, code in _NEEDED:
        if not params.values.get(name):
            raise Refusal(code)
    if not params.values.get("sign_method"):
        raise missing("sign_method")
    if method not in known:
        raise Refusal(22)
    if params.values["v"] != "2.0":
        raise Refusal(34)
    if params.values.get("format", "xml") not in FORMATS:
        raise Refusal(23)
    if params.values["sign_method"] not in SIGN_METHODS:
        raise Refusal(25)
    return method


def _check_time(text: str, now: datetime, window: int) -> None:
    when = read_local(text)
    # Some of the platform's own programs send milliseconds instead of a date.
    if when is None and len(text) == _MILLISECONDS_LENGTH and text.isascii() and text.isdigit():
        when = datetime.fromtimestamp(int(text) / 1000, UTC)
    if when is None or abs((now - when).total_seconds()) > window:
        raise Refusal(31)


def _check_session(params: Params, state: TaobaoState, now: datetime) -> None:
    session = params.values.get("session", "")
    if not session:
        raise Refusal(26)
    if not _same(session, state.settings.token):
        raise session_refused("invalid-sessionkey")
    if state.top.session_until is not None and now >= state.top.session_until:
        raise session_refused("session-expired")


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode(), wanted.encode())
