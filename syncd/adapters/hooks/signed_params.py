"""Calls to us that are signed as calls to a Chinese platform are: TOP (Taobao, Tmall), JD, Pinduoduo.

All sort the parameters, join names and values, and put the secret before and behind; the query has `sign`
and `timestamp`. Sources and what they leave open:

- TOP: its own library for who answers its calls (`SpiUtils` of the Java, .NET and Node SDK): parameters of
  the query, of a form, and headers that `top-sign-list` names, empty ones too; a body that is no form
  stands behind them; MD5; five minutes. HMAC is the rule of calls to TOP (guide docId 101617); for calls
  to us it is assumed. Trade messages do not come this way but by TMC, which is no HTTP.
- JD: open.healthjd.com "receiving calls": `app_key`, `method`, `timestamp`, `v` and `sign` in the query,
  JSON in the body, signed as `360buy_param_json`. That it is signed as calls to JD are is the platform's
  general rule. No document of a message service for sellers was found.
- Pinduoduo: the general rule for calls (its guide, idStr 8EC06C399636041E). Its messages come by a
  WebSocket; no document of calls to us was found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from hmac import new
from typing import NamedTuple
from urllib.parse import unquote_plus

from syncd.adapters.hooks.common import (
    FORM,
    content_type,
    doubt,
    form_of,
    mark,
    object_of,
    orders_of,
    params_of,
    refused,
    same,
)
from syncd.adapters.wire import jd, pdd
from syncd.adapters.wire.top import BEIJING
from syncd.ports.hooks import HookRequest, Message, Pairs, Reason, Refused, Signed, Verdict

_SIGN = "sign"
_SIGNED_HEADERS = "top-sign-list"
_TOP_DIGESTS = {"hmac": "md5", "hmac-sha256": "sha256"}


class Call(NamedTuple):
    """What was signed: the parameters by name, and a body that is none of them."""

    params: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How one platform signs: what of a request is signed, how, by which app, and when.

    `app` is the parameter with the app's key. `signed` refuses what the platform's rule does not cover.
    """

    app: str
    signed: Callable[[HookRequest], Call | Refused]
    sign: Callable[[Call, str], str]
    time: Callable[[str], datetime | None]
    orders: Callable[[Call], frozenset[str]]


class SignedParamsHook:
    """`Hook` for calls with signed parameters."""

    def __init__(self, rules: Rules, *, app_key: str, secrets: Sequence[str]) -> None:
        self._rules = rules
        self._app_key = app_key
        self._secrets = secrets

    def read(self, request: HookRequest) -> Verdict:
        """Return what a request is; what was signed has a time, and without it nothing is believed."""
        call = self._rules.signed(request)
        if isinstance(call, Refused):
            return call
        given = call.params.get(_SIGN, "")
        if why := doubt(request, given, lambda secret: self._rules.sign(call, secret), self._secrets):
            return why
        if not same(call.params.get(self._rules.app, ""), self._app_key):
            return refused(Reason.FOREIGN)
        at = self._rules.time(call.params.get("timestamp", ""))
        if at is None:
            return refused(Reason.MALFORMED)
        ids = (mark(given),)
        return Signed(messages=(Message(ids=ids, orders=self._rules.orders(call)),), at=at)


# --- what is signed ----------------------------------------------------------------------------------------


def _top_call(request: HookRequest) -> Call | Refused:
    is_form = content_type(request) == FORM
    form = form_of(request.body) if is_form else Pairs()
    params = None if form is None else params_of(request.query, form)
    if params is None or (is_form and _SIGN not in dict(request.query.rows)):
        return refused(Reason.MALFORMED if params is None else Reason.UNSIGNED)
    names = [name for name in request.headers.one(_SIGNED_HEADERS).split(",") if name]
    headers = {name: unquote_plus(request.headers.one(name)) for name in names}
    # A header must not stand in for a parameter that was not sent, such as the time.
    return Call({**headers, **params}, b"" if is_form else request.body)


def _jd_call(request: HookRequest) -> Call | Refused:
    form = form_of(request.body) if content_type(request) == FORM else None
    if form is not None:
        params = params_of(request.query, form)
    else:
        # What stands in the body is signed under this name, so the query must not have it too.
        params = params_of(request.query, Pairs(((jd.PARAMS, _text(request.body)),)))
    return refused(Reason.MALFORMED) if params is None else Call(params, b"")


def _pdd_call(request: HookRequest) -> Call | Refused:
    form = form_of(request.body) if content_type(request) == FORM else None
    if form is None and request.body:
        # The rule signs parameters; a body of another kind would be unsigned.
        return refused(Reason.MALFORMED)
    params = params_of(request.query, form or Pairs())
    return refused(Reason.MALFORMED) if params is None else Call(params, b"")


def _text(body: bytes) -> str:
    # What is no text cannot be signed as one: the mark that is put in its place fails the signature.
    return body.decode(errors="replace")


# --- how ---------------------------------------------------------------------------------------------------


def _top_sign(call: Call, secret: str) -> str:
    joined = "".join(f"{name}{call.params[name]}" for name in sorted(call.params) if name != _SIGN)
    key, text = secret.encode(), joined.encode(errors="surrogatepass") + call.body
    digest = _TOP_DIGESTS.get(call.params.get("sign_method", ""))
    signature = new(key, text, digest).hexdigest() if digest else md5(key + text + key).hexdigest()
    return signature.upper()


def _jd_sign(call: Call, secret: str) -> str:
    return jd.sign(_clean(call.params), secret=secret)


def _pdd_sign(call: Call, secret: str) -> str:
    return pdd.sign(_clean(call.params), secret)


def _clean(params: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters as text that can be encoded."""
    return {_sound(name): _sound(text) for name, text in params.items()}


def _sound(text: str) -> str:
    return text.encode(errors="replace").decode()


# --- when, and about what ----------------------------------------------------------------------------------


def _beijing(text: str) -> datetime | None:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f%z"):
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone is added below
            return (found if found.tzinfo else found.replace(tzinfo=BEIJING)).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def unix(text: str) -> datetime | None:
    """Return the moment that whole seconds name, None where they name none."""
    if not (text.isascii() and text.isdigit()) or len(text) > len("99999999999"):
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _order(call: Call) -> frozenset[str]:
    # So trade messages of both platforms call it; where they do not, all of the shop is looked at.
    return orders_of(call.params.get("tid") or object_of(call.body).get("tid"))


def _no_order(_: Call) -> frozenset[str]:
    return frozenset()


TOP = Rules(app="app_key", signed=_top_call, sign=_top_sign, time=_beijing, orders=_order)
JD = Rules(app="app_key", signed=_jd_call, sign=_jd_sign, time=_beijing, orders=_no_order)
PDD = Rules(app="client_id", signed=_pdd_call, sign=_pdd_sign, time=unix, orders=_order)
