"""What the gateway checks before it lets a call in, in the order of the platforms.

All that must be there, then the app, the time, the signature, the token, the package, and the rate.
"""

from hmac import compare_digest

from syncd.mock.forms import read_whole
from syncd.mock.pdd.params import Params
from syncd.mock.pdd.refusal import Refusal, common, not_permitted, throttled
from syncd.mock.pdd.sign import signature
from syncd.mock.pdd.state import PddState
from syncd.mock.rig import Rig

TOKEN_TYPES = frozenset({"pdd.pop.auth.token.create", "pdd.pop.auth.token.refresh"})
"""The interfaces that need no access token: they are how an app comes by one."""

_NEEDED = ("client_id", "timestamp", "data_type", "sign")


def check(rig: Rig[PddState], params: Params, known: frozenset[str]) -> None:
    """Let a call in, or refuse it; `known` are the interfaces that can be carried out.

    Raises:
        Refusal: the gateway does not let it in.
    """
    kind = _check_form(params, known)
    state, now = rig.state, rig.clock.now()
    if not _same(params.values["client_id"], state.pdd.client_id):
        raise Refusal(10016)
    seconds = read_whole(params.values["timestamp"])
    if seconds is None or abs(now.timestamp() - seconds) > state.pdd.window:
        raise common("timestamp")
    if not _same(params.values["sign"], signature(params.values, state.pdd.client_secret)):
        raise Refusal(20004)
    if kind not in TOKEN_TYPES:
        _check_token(params.values["access_token"], state, now.timestamp())
    if kind in state.pdd.denied:
        raise not_permitted()
    if rig.wait_for_rate():
        raise throttled()


def _check_form(params: Params, known: frozenset[str]) -> str:
    kind = params.values.get("type", "")
    if not kind:
        raise common("type")
    needed = _NEEDED if kind in TOKEN_TYPES else (*_NEEDED, "access_token")
    for name in needed:
        if not params.values.get(name):
            raise common(name)
    # The platform can answer in XML too; nobody who asks in this program wants it.
    if params.values["data_type"] != "JSON":
        raise common("data_type")
    if params.values.get("version", "V1") != "V1":
        raise common("version")
    if kind not in known:
        raise Refusal(10017)
    return kind


def _check_token(token: str, state: PddState, now: float) -> None:
    if any(_same(token, old) for old in state.pdd.spent):
        raise Refusal(10019)
    if not _same(token, state.settings.token):
        raise Refusal(20032)
    if state.pdd.token_until is not None and now >= state.pdd.token_until.timestamp():
        raise Refusal(10019)


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode(), wanted.encode())
