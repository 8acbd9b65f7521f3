"""The wire of JD's gateway `routerjson`: signed calls out, refusals by its error table in."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncd.adapters.wire.top import BEIJING, beijing
from syncd.errors import Kind

__all__ = ["BEIJING", "JdAccount", "JdRefusal", "SignedCall", "beijing", "content_of", "kind_of", "sign"]

PARAMS = "360buy_param_json"
"""The parameter that holds what a call is about, all of it as one JSON text."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


# --- signed calls ------------------------------------------------------------------------------------------


def string_to_sign(params: Mapping[str, str]) -> str:
    """Return the parameters sorted and joined without separators; `sign` and what is empty are left out."""
    return "".join(f"{key}{params[key]}" for key in sorted(params) if key != "sign" and params[key])


def sign(params: Mapping[str, str], *, secret: str) -> str:
    """Return the signature of `params` in upper case hexadecimal digits."""
    return hashlib.md5(f"{secret}{string_to_sign(params)}{secret}".encode()).hexdigest().upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCall:
    """What goes into the query, and into the form; together they are what was signed."""

    query: Mapping[str, str] = field(repr=False)
    form: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class JdAccount:
    """Who calls: the app with its secret, and the token that a seller granted it."""

    app_key: str
    app_secret: str = field(repr=False)
    access_token: str = field(repr=False)

    def signed(self, method: str, params: Mapping[str, Any], *, now: datetime) -> SignedCall:
        """Return a call; `params` are written as JSON once, and that same text is signed and sent.

        Raises:
            ValueError, TypeError: `params` cannot be written as JSON.
        """
        system = {
            "method": method,
            "access_token": self.access_token,
            "app_key": self.app_key,
            "timestamp": beijing(now),
            "v": "2.0",
        }
        form = {PARAMS: _ENCODER.encode(params)}
        signature = sign({**system, **form}, secret=self.app_secret)
        return SignedCall(query={**system, "sign": signature}, form=form)


def content_of(method: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON is anything
    """Return what stands in the answer to `method`; JD spells its key `..._responce`.

    Raises:
        LookupError: nothing does.
    """
    stem = method.replace(".", "_")
    corrected = f"{stem}_response"
    return body[corrected if corrected in body else f"{stem}_responce"]


# --- refusals ----------------------------------------------------------------------------------------------

_TABLE: Mapping[int, Kind] = {
    **dict.fromkeys((1, 43, 65, 66, 67, 69), Kind.TRANSIENT),
    2: Kind.THROTTLED,
    **dict.fromkeys((3, 23, 24, 64, 72, 73, 2001), Kind.PERMISSION),
    **dict.fromkeys((18, 19), Kind.AUTH_EXPIRED),
    22: Kind.AUTH_REVOKED,
    # A wrong version, timestamp, format, method or key is a call built wrong, as is a wrong signature.
    **dict.fromkeys((4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 20, 21, 25), Kind.SIGNATURE),
    **dict.fromkeys((60, 61, 62, 63, 68, 1100), Kind.REJECTED),
    71: Kind.NOT_FOUND,
}

_CODE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JdRefusal:
    """An error: of the gateway, or of the service behind it; what it lacks is empty."""

    code: str
    zh_desc: str = ""
    en_desc: str = ""

    @classmethod
    def of(cls, body: object) -> "JdRefusal | None":
        """Return the refusal that an answer is, None where it is none."""
        error = body.get("error_response") if isinstance(body, Mapping) else None
        return cls._read(error) if isinstance(error, Mapping) else None

    @classmethod
    def inside(cls, content: object) -> "JdRefusal | None":
        """Return the refusal that an answer holds, None where its `code` is "0" or missing."""
        if not isinstance(content, Mapping) or content.get("code") in (None, "", "0", 0):
            return None
        return cls._read(content)

    @classmethod
    def _read(cls, error: Mapping[str, Any]) -> "JdRefusal":
        return cls(
            code=_code(error.get("code")),
            zh_desc=_text(error.get("zh_desc")),
            en_desc=_text(error.get("en_desc")),
        )

    @property
    def text(self) -> str:
        """Return all it says, for people."""
        code = f"code {self.code}" if self.code else ""
        words = " ".join(part for part in (self.en_desc, self.zh_desc) if part)
        return ": ".join(part for part in (code, words) if part) or "without a reason"


def kind_of(refusal: JdRefusal, *, writes: bool, overrides: Mapping[str, Kind] | None = None) -> Kind:
    """Return what a refusal means; what no table knows is `UNKNOWN`, never taken for "not applied".

    A fault of the platform during a write is `UNKNOWN`, because the write may have been applied before it.
    """
    named = (overrides or {}).get(refusal.code)
    if named is not None:
        return named
    kind = _TABLE.get(int(refusal.code), Kind.UNKNOWN) if refusal.code.isdigit() else Kind.UNKNOWN
    return Kind.UNKNOWN if writes and kind is Kind.TRANSIENT else kind


def _code(value: Any) -> str:  # noqa: ANN401 - JSON is anything
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and _CODE.fullmatch(value) else ""


def _text(value: Any) -> str:  # noqa: ANN401 - JSON is anything
    return value if isinstance(value, str) else ""
