"""The wire of IOP, AliExpress's open platform: signed forms out, refusals by its error table in."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncd.adapters.wire import top
from syncd.errors import Kind

CALLS = "/sync"
"""Where methods with dotted names are called."""

_PATHS = "/rest"

# --- signed forms ------------------------------------------------------------------------------------------


def string_to_sign(params: Mapping[str, str], *, path: str = "") -> str:
    """Return `path`, then the parameters sorted by byte and joined; `sign` and what is empty are left out."""
    names = sorted((name for name in params if name != "sign" and params[name] != ""), key=str.encode)
    return path + "".join(f"{name}{params[name]}" for name in names)


def sign(params: Mapping[str, str], *, secret: str, path: str = "") -> str:
    """Return the signature of `params` in upper case hexadecimal digits; `path` only for calls by a path."""
    text = string_to_sign(params, path=path)
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class IopAccount:
    """Who calls: the app with its secret, and the access token that a seller granted it."""

    app_key: str
    app_secret: str = field(repr=False)
    access_token: str = field(repr=False)

    def form(self, method: str, params: Mapping[str, str], *, now: datetime) -> dict[str, str]:
        """Return the signed form of a call to a method with a dotted name, which goes to `CALLS`."""
        common = {
            "method": method,
            "session": self.access_token,
            "format": "json",
            "simplify": "false",
            **self._stamp(now),
        }
        form = {name: value for name, value in {**params, **common}.items() if value}
        return {**form, "sign": sign(form, secret=self.app_secret)}

    def path_form(self, path: str, params: Mapping[str, str], *, now: datetime) -> dict[str, str]:
        """Return the signed form of a call by a path, such as `/auth/token/refresh`; it carries no token."""
        form = {name: value for name, value in {**params, **self._stamp(now)}.items() if value}
        return {**form, "sign": sign(form, secret=self.app_secret, path=path)}

    def _stamp(self, now: datetime) -> dict[str, str]:
        return {
            "app_key": self.app_key,
            "timestamp": str(int(now.timestamp() * 1000)),
            "sign_method": "sha256",
        }


def rest(path: str) -> str:
    """Return where a path is called."""
    return f"{_PATHS}{path}"


def response_key(method: str) -> str:
    """Return the key under which the answer to `method` stands; no prefix is taken off."""
    return f"{method.replace('.', '_')}_response"


# --- refusals ----------------------------------------------------------------------------------------------

_PATTERNS: tuple[tuple[str, Kind], ...] = (
    (r"permission|unauthori[sz]ed", Kind.PERMISSION),
    (r"refresh_?token", Kind.AUTH_REVOKED),
    (r"token|session", Kind.AUTH_EXPIRED),
    (r"signature|app_?key|timestamp", Kind.SIGNATURE),
    (r"limit", Kind.THROTTLED),
    (r"timeout|unavailable|^isp\.", Kind.TRANSIENT),
    (r"^(missing|invalid|illegal)|parameter", Kind.REJECTED),
)

_BY_WORD = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _PATTERNS)
"""The first line that is found in the code decides. Nothing here says that a listing is gone, as nothing that
is documented does, and nothing at all is taken from words for people."""

_BY_TYPE: Mapping[str, Kind] = {"isp": Kind.TRANSIENT, "system": Kind.TRANSIENT}

_FINE = frozenset({"", "0"})
_DIGITS = re.compile(r"[0-9]{1,9}")
_WAIT = re.compile(r"\b(?:last|after|wait)\D{0,20}?([0-9]{1,9})\D{0,10}second", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class IopRefusal:
    """An `error_response`, or an answer whose own code is not 0; what it lacks is empty."""

    code: str
    message: str
    sub_code: str = ""
    sub_message: str = ""
    type: str = ""

    @property
    def wait(self) -> float | None:
        """Return the seconds to wait that it names, None where it names none."""
        found = _WAIT.search(self.sub_message) or _WAIT.search(self.message)
        return float(found[1]) if found else None

    @property
    def text(self) -> str:
        """Return all it says, for people."""
        word = " ".join(part for part in (self.code and f"code {self.code}", self.sub_code) if part)
        return ": ".join(part for part in (word, self.sub_message or self.message) if part) or "no reason"


def refusal_of(body: object) -> IopRefusal | None:
    """Return the refusal that an answer is, None where it is none."""
    if not isinstance(body, Mapping):
        return None
    error = body.get("error_response")
    if isinstance(error, Mapping):
        return IopRefusal(
            code=_text(error.get("code")),
            message=_text(error.get("msg")),
            sub_code=_text(error.get("sub_code")),
            sub_message=_text(error.get("sub_msg")),
        )
    if _text(body.get("code")) in _FINE:
        return None
    return IopRefusal(
        code=_text(body.get("code")), message=_text(body.get("message")), type=_text(body.get("type"))
    )


def kind_of(refusal: IopRefusal, *, writes: bool, overrides: Mapping[str, Kind] | None = None) -> Kind:
    """Return what a refusal means; what no table knows is `UNKNOWN`, never taken for "not applied".

    `overrides` go by sub_code, then by code. A fault of the platform during a write is `UNKNOWN`, because
    the write may have been applied before it.
    """
    told = overrides or {}
    named = told.get(refusal.sub_code) or told.get(refusal.code)
    if named is not None:
        return named
    kind = _table_kind(refusal)
    return Kind.UNKNOWN if writes and kind is Kind.TRANSIENT else kind


def _table_kind(refusal: IopRefusal) -> Kind:
    if _DIGITS.fullmatch(refusal.code):
        # Numbers are those of the older gateway, which answers in the same envelope.
        older = top.TopRefusal(code=int(refusal.code), msg="", sub_code=refusal.sub_code, sub_msg="")
        kind = top.kind_of(older, writes=False)
        return Kind.UNKNOWN if kind is Kind.NOT_FOUND else kind
    for word in (refusal.sub_code, refusal.code):
        for pattern, kind in _BY_WORD:
            if pattern.search(word):
                return kind
    return _BY_TYPE.get(refusal.type.lower(), Kind.UNKNOWN)


def _text(value: Any) -> str:  # noqa: ANN401 - JSON is anything
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
