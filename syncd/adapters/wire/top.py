"""The wire of TOP, Taobao's open platform: signed forms out, refusals by its error table in."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from syncd.errors import Kind

BEIJING = timezone(timedelta(hours=8))
"""The only time zone of TOP; it knows no summer time."""

TOLERANCE = timedelta(minutes=10)
"""How far a call's timestamp may be from TOP's own clock."""


class SignMethod(StrEnum):
    """How a call is signed; the value is what `sign_method` says."""

    MD5 = "md5"
    HMAC = "hmac"
    HMAC_SHA256 = "hmac-sha256"


# --- signed forms ------------------------------------------------------------------------------------------


def beijing(moment: datetime) -> str:
    """Return an aware time as TOP writes it, `2026-11-20 10:00:00` in Beijing."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def string_to_sign(params: Mapping[str, str]) -> str:
    """Return the parameters sorted and joined without separators; `sign` and what is empty are left out."""
    return "".join(
        f"{key}{params[key]}" for key in sorted(params) if key and key != "sign" and params[key] != ""
    )


def sign(params: Mapping[str, str], *, secret: str, method: SignMethod) -> str:
    """Return the signature of `params` in upper case hexadecimal digits."""
    text, key = string_to_sign(params).encode(), secret.encode()
    if method is SignMethod.MD5:
        return hashlib.md5(key + text + key).hexdigest().upper()
    digest = "md5" if method is SignMethod.HMAC else "sha256"
    return hmac.new(key, text, digest).hexdigest().upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class TopAccount:
    """Who calls: the app with its secret, and the session that a seller granted it."""

    app_key: str
    app_secret: str = field(repr=False)
    session: str = field(repr=False)
    sign_method: SignMethod = SignMethod.HMAC_SHA256

    def form(self, method: str, params: Mapping[str, str], *, now: datetime) -> dict[str, str]:
        """Return the signed form of a call; empty parameters are left out, as TOP does not sign them."""
        common = {
            "method": method,
            "app_key": self.app_key,
            "session": self.session,
            "timestamp": beijing(now),
            "format": "json",
            "v": "2.0",
            "sign_method": self.sign_method.value,
        }
        form = {key: value for key, value in {**params, **common}.items() if value}
        return {**form, "sign": sign(form, secret=self.app_secret, method=self.sign_method)}


def response_key(method: str) -> str:
    """Return the key under which the answer to `method` stands."""
    return f"{method.removeprefix('taobao.').replace('.', '_')}_response"


# --- refusals ----------------------------------------------------------------------------------------------

SERVICE_CODES = frozenset({15, 50})
"""The service behind the gateway refused; the sub_code says why."""

_LAST_OF_GATEWAY = 99

_BY_CODE: Mapping[int, Kind] = {
    **dict.fromkeys((4, 5, 6, 7, 8), Kind.THROTTLED),
    10: Kind.TRANSIENT,
    **dict.fromkeys((11, 12, 13, 42), Kind.PERMISSION),
    # A wrong method, format, key, version or timestamp is a call built wrong, as is a wrong signature.
    **dict.fromkeys((9, 21, 22, 23, 24, 25, 28, 29, 30, 31, 32, 33, 34), Kind.SIGNATURE),
    **dict.fromkeys((26, 27, 53), Kind.AUTH_EXPIRED),
    **dict.fromkeys((40, 41, 43), Kind.REJECTED),
}

_BY_SUB_CODE: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (re.compile(r"accesscontrol\.limited-by|isp\.call-limited"), Kind.THROTTLED),
    (re.compile(r"isp\."), Kind.TRANSIENT),
    (re.compile(r"isv\.permission-|isv\.insufficient-"), Kind.PERMISSION),
    (re.compile(r"isv\.appkey-not-exists"), Kind.SIGNATURE),
    # Only what plainly says so: a listing that is taken for gone no longer holds back any raise.
    (re.compile(r"isv\..*(?:not[_-]found|is[_-]deleted?)|isv\.trade-not-exist"), Kind.NOT_FOUND),
    (re.compile(r"isv\."), Kind.REJECTED),
)
"""The first line whose beginning fits decides; case does not matter."""

_CODE = re.compile(r"[0-9]{1,9}")
_BAN = re.compile(r"ban will last for ([0-9]{1,9}) more second", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopRefusal:
    """An `error_response`; a text that it lacks is empty, and `code` None."""

    code: int | None
    msg: str
    sub_code: str
    sub_msg: str

    @property
    def wait(self) -> float | None:
        """Return the seconds that a ban still lasts, None where it names none."""
        found = _BAN.search(self.sub_msg) or _BAN.search(self.msg)
        return float(found[1]) if found else None

    @property
    def text(self) -> str:
        """Return all it says, for people."""
        code = "" if self.code is None else f"code {self.code}"
        word = " ".join(part for part in (code, self.sub_code) if part)
        return ": ".join(part for part in (word, self.sub_msg or self.msg) if part) or "without a reason"


def refusal_of(body: object) -> TopRefusal | None:
    """Return the refusal that an answer is, None where it is none."""
    error = body.get("error_response") if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return None
    return TopRefusal(
        code=_code(error.get("code")),
        msg=_text(error.get("msg")),
        sub_code=_text(error.get("sub_code")),
        sub_msg=_text(error.get("sub_msg")),
    )


def kind_of(refusal: TopRefusal, *, writes: bool, overrides: Mapping[str, Kind] | None = None) -> Kind:
    """Return what a refusal means; what no table knows is `UNKNOWN`, never taken for "not applied".

    `overrides` go by sub_code, then by code. A fault of the platform during a write is `UNKNOWN`, because
    the write may have been applied before it.
    """
    told = overrides or {}
    named = told.get(refusal.sub_code) or told.get(str(refusal.code))
    if named is not None:
        return named
    kind = _table_kind(refusal)
    return Kind.UNKNOWN if writes and kind is Kind.TRANSIENT else kind


def _table_kind(refusal: TopRefusal) -> Kind:
    code = refusal.code
    if code is not None and code not in SERVICE_CODES and code in _BY_CODE:
        return _BY_CODE[code]
    word = refusal.sub_code.lower()
    for pattern, kind in _BY_SUB_CODE:
        if pattern.match(word):
            return kind
    # Below 100 the gateway's own check failed: nothing reached the service.
    gateway = code is not None and 0 < code <= _LAST_OF_GATEWAY and code not in SERVICE_CODES
    return Kind.REJECTED if gateway else Kind.UNKNOWN


def _code(value: Any) -> int | None:  # noqa: ANN401 - JSON is anything
    if isinstance(value, str) and _CODE.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str:  # noqa: ANN401 - JSON is anything
    return value if isinstance(value, str) else ""
