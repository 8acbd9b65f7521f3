"""What the gateway checks before it lets a call in, in the order of the platforms.

All that must be there, then the app, the time, the signature, the token, the right to the method, the rate.
"""

from collections import Counter
from datetime import date, datetime
from hmac import compare_digest

from syncd.mock.forms import BEIJING
from syncd.mock.jd.params import Params, read_timestamp
from syncd.mock.jd.refusal import Refusal
from syncd.mock.jd.sign import signature
from syncd.mock.jd.state import JdState
from syncd.mock.rig import Rig

ORDER_METHODS = frozenset({"jingdong.pop.order.search", "jingdong.pop.order.get"})
"""The methods that read orders, which some apps may call only from JD's own cloud."""

_NEEDED = (("method", 14), ("app_key", 20), ("timestamp", 7), ("v", 4), ("sign", 11), ("access_token", 18))


class Gate:
    """The gateway of one shop; `known` are the methods that can be carried out."""

    def __init__(self, rig: Rig[JdState], known: frozenset[str]) -> None:
        self._rig = rig
        self._known = known
        self._calls: Counter[date] = Counter()

    def check(self, params: Params) -> None:
        """Let a call in, or refuse it.

        Raises:
            Refusal: the gateway does not let it in.
        """
        jd, now = self._rig.state.jd, self._rig.clock.now()
        for name, code in _NEEDED:
            if not params.text(name):
                raise Refusal(code)
        if params.text("method") not in self._known:
            raise Refusal(15)
        if params.text("v") != "2.0":
            raise Refusal(5)
        if not _same(params.text("app_key"), jd.app_key):
            raise Refusal(21)
        when = read_timestamp(params.text("timestamp"))
        if when is None or abs((now - when).total_seconds()) > jd.window:
            raise Refusal(8)
        if not _same(params.text("sign"), signature(params.values, jd.app_secret)):
            raise Refusal(12)
        self._check_token(params.text("access_token"), now)
        self._check_right(params.text("method"))
        self._check_rate(now)

    def _check_token(self, token: str, now: datetime) -> None:
        state = self._rig.state
        until = state.jd.token_until
        if not _same(token, state.settings.token) or (until is not None and now >= until):
            raise Refusal(19)

    def _check_right(self, method: str) -> None:
        jd = self._rig.state.jd
        if method in jd.denied:
            raise Refusal(24)
        if method in ORDER_METHODS and not jd.in_cloud:
            raise Refusal(73)

    def _check_rate(self, now: datetime) -> None:
        today = now.astimezone(BEIJING).date()
        most = self._rig.state.jd.daily_calls
        if self._rig.wait_for_rate() or (most and self._calls[today] >= most):
            raise Refusal(2)
        self._calls[today] += 1


def _same(given: str, wanted: str) -> bool:
    return compare_digest(given.encode(), wanted.encode())
