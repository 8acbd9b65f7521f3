"""The wire of Pinduoduo's open platform: signed forms out, refusals by its error table in."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from syncd.errors import Kind

_REFUSAL = "error_response"


# --- signed forms ------------------------------------------------------------------------------------------


def string_to_sign(params: Mapping[str, str], secret: str) -> str:
    """Return the parameters but `sign`, sorted and joined without separators, between two secrets."""
    joined = "".join(f"{key}{params[key]}" for key in sorted(params) if key != "sign")
    return f"{secret}{joined}{secret}"


def sign(params: Mapping[str, str], secret: str) -> str:
    """Return the signature of `params` in upper case hexadecimal digits."""
    return hashlib.md5(string_to_sign(params, secret).encode()).hexdigest().upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class PddAccount:
    """Who calls: the app with its secret, and the token that a seller granted it, empty for none."""

    client_id: str
    client_secret: str = field(repr=False)
    access_token: str = field(repr=False)

    def form(self, method: str, params: Mapping[str, str], *, now: datetime) -> dict[str, str]:
        """Return the signed form of a call, dated in whole seconds; what is empty is left out."""
        common = {
            "type": method,
            "client_id": self.client_id,
            "access_token": self.access_token,
            "timestamp": str(int(now.timestamp())),
            "data_type": "JSON",
        }
        form = {key: value for key, value in {**params, **common}.items() if value}
        return {**form, "sign": sign(form, self.client_secret)}


def content_of(body: object) -> Mapping[str, Any]:
    """Return what stands in an answer, under the only key that it has.

    The key is that of the call's name for most calls, and another one for some.

    Raises:
        TypeError: it is no object with one object in it.
    """
    contents = list(body.values()) if isinstance(body, Mapping) else []
    if len(contents) != 1 or not isinstance(contents[0], Mapping):
        raise TypeError("the answer is not one object under one key")
    found: Mapping[str, Any] = contents[0]
    return found


# --- refusals ----------------------------------------------------------------------------------------------

_BY_CODE: Mapping[int, Kind] = {
    **dict.fromkeys((52101, 70031, 70032, 70033), Kind.THROTTLED),
    **dict.fromkeys((52102, 52103), Kind.TRANSIENT),
    # An app that is off or unknown, a wrong common parameter such as the time, a wrong signature.
    **dict.fromkeys((10001, 10016, 20004), Kind.SIGNATURE),
    10019: Kind.AUTH_EXPIRED,
    20032: Kind.AUTH_REVOKED,
    # An address that is not on the app's list, a call that the seller did not grant, one the app has not.
    **dict.fromkeys((20005, 20031, 30000), Kind.PERMISSION),
}

_GATEWAY = range(10_000, 40_000)
"""The gateway's own checks: nothing reached the service, and the same call is refused again."""

_SERVICE = range(40_000, 60_000)
"""The service behind it refused, which it gives a reason for, or failed; no more of them is documented."""

_CODE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PddRefusal:
    """An `error_response`; a text that it lacks is empty, and `code` None."""

    code: int | None
    msg: str
    sub_code: str
    sub_msg: str

    @property
    def is_of_service(self) -> bool:
        """Return whether the service refused what was asked for, with a reason that no table knows.

        An error of its codes without a reason says no more than that something went wrong in there.
        """
        has_reason = self.sub_msg not in {"", self.msg} or self.sub_code not in {"", str(self.code)}
        return has_reason and self.code in _SERVICE and self.code not in _BY_CODE

    @property
    def text(self) -> str:
        """Return all it says, for people."""
        code = "" if self.code is None else f"code {self.code}"
        sub = "" if self.sub_code == str(self.code) else self.sub_code
        word = " ".join(part for part in (code, sub) if part)
        told = self.sub_msg or self.msg
        return ": ".join(part for part in (word, told) if part) or "without a reason"


def refusal_of(body: object) -> PddRefusal | None:
    """Return the refusal that an answer is, None where it is none."""
    error = body.get(_REFUSAL) if isinstance(body, Mapping) else None
    if not isinstance(error, Mapping):
        return None
    return PddRefusal(
        code=_code(error.get("error_code")),
        msg=_text(error.get("error_msg")),
        sub_code=_text(error.get("sub_code")),
        sub_msg=_text(error.get("sub_msg")),
    )


def kind_of(
    refusal: PddRefusal,
    *,
    writes: bool,
    is_final: bool = False,
    overrides: Mapping[str, Kind] | None = None,
) -> Kind:
    """Return what a refusal means; what no table knows is `UNKNOWN`, never taken for "not applied".

    `overrides` go by sub_code, then by code. A fault of the platform during a write is `UNKNOWN`, and so is
    a refusal by the service unless `is_final` says that such a one proves that nothing was written.
    """
    told = overrides or {}
    named = told.get(refusal.sub_code) or told.get(str(refusal.code))
    if named is not None:
        return named
    kind = _BY_CODE.get(refusal.code or 0)
    if kind is not None:
        return Kind.UNKNOWN if writes and kind is Kind.TRANSIENT else kind
    if refusal.is_of_service:
        return Kind.UNKNOWN if writes and not is_final else Kind.REJECTED
    return Kind.REJECTED if refusal.code in _GATEWAY else Kind.UNKNOWN


def _code(value: Any) -> int | None:  # noqa: ANN401 - JSON is anything
    if isinstance(value, str) and _CODE.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: Any) -> str:  # noqa: ANN401 - JSON is anything
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
