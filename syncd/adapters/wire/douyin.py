"""The wire of Douyin's shop platform (抖店): signed calls out, refusals by its table in, pushes verified."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from syncd.errors import Kind


class SignMethod(StrEnum):
    """How a call is signed; the value is what `sign_method` says."""

    MD5 = "md5"
    HMAC_SHA256 = "hmac-sha256"


# --- signed calls ------------------------------------------------------------------------------------------


def canonical(params: Mapping[str, Any]) -> str:
    """Return `params` as the platform signs them: keys sorted at every depth, no blanks, nothing escaped.

    Raises:
        ValueError: a number is not finite.
    """
    return json.dumps(
        _plain(params), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def sign(params: Mapping[str, str], *, secret: str, method: SignMethod) -> str:
    """Return the signature of sorted `params` between two secrets, in lower case hexadecimal digits."""
    pairs = "".join(f"{key}{params[key]}" for key in sorted(params))
    text = f"{secret}{pairs}{secret}".encode()
    if method is SignMethod.MD5:
        return hashlib.md5(text).hexdigest()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class DouyinAccount:
    """Who calls: the app with its secret."""

    app_key: str
    app_secret: str = field(repr=False)
    sign_method: SignMethod = SignMethod.HMAC_SHA256

    def query(self, path: str, body: str, *, access: str, now: datetime) -> dict[str, str]:
        """Return the query of a call; neither the token nor the way to sign is signed.

        `path` is that of the call, as in `/sku/list`, and `body` the canonical text that is sent. A call
        without a token is one for tokens, which has the body in its query too.
        """
        signed = {
            "app_key": self.app_key,
            "method": method_of(path),
            "param_json": body,
            "timestamp": str(int(now.timestamp())),
            "v": "2",
        }
        query = {
            **signed,
            "sign_method": self.sign_method.value,
            "sign": sign(signed, secret=self.app_secret, method=self.sign_method),
        }
        if access:
            del query["param_json"]
            query["access_token"] = access
        return query


def method_of(path: str) -> str:
    """Return how the platform calls a path: `sku.list` for `/sku/list`."""
    return path.strip("/").replace("/", ".")


# --- what the platform sends us ----------------------------------------------------------------------------


def event_sign(body: bytes, *, app_key: str, secret: str) -> str:
    """Return the `event-sign` of a push message with this raw body."""
    return hashlib.md5(app_key.encode() + body + secret.encode()).hexdigest()


def verify_event(body: bytes, signature: str, *, app_id: str, app_key: str, secret: str) -> bool:
    """Return whether a push message comes from the platform and is for our app.

    `signature` and `app_id` are its headers `event-sign` and `app-id`. A variant by HMAC is said to exist,
    but no document describes it: it is not accepted. Messages come more than once and in any order.
    """
    expected = event_sign(body, app_key=app_key, secret=secret)
    return _same(app_id, app_key) & _same(signature, expected)


def spi_sign(body: str, *, app_key: str, timestamp: str, secret: str, method: SignMethod) -> str:
    """Return the signature of a call from the platform to us; `body` is its `param_json`."""
    params = {"app_key": app_key, "param_json": body, "timestamp": timestamp}
    return sign(params, secret=secret, method=method)


def verify_spi(query: Mapping[str, str], body: bytes, *, app_key: str, secret: str) -> bool:
    """Return whether a call to us comes from the platform and is for our app.

    `query` holds its parameters, `body` is its raw body. Without `sign_method` it is signed by MD5. Whether
    its `timestamp` is of today is for the caller to say, who has a clock.
    """
    try:
        method = SignMethod(query.get("sign_method") or SignMethod.MD5.value)
        text = body.decode()
    except ValueError:
        return False
    newer = query.get("sign_v2") if method is SignMethod.HMAC_SHA256 else ""
    expected = spi_sign(
        text, app_key=app_key, timestamp=query.get("timestamp", ""), secret=secret, method=method
    )
    given = newer or query.get("sign", "")
    return _same(query.get("app_key", ""), app_key) & _same(given, expected)


# --- refusals ----------------------------------------------------------------------------------------------

OK, PARTLY = 10000, 10001
"""The codes of a call that was carried out, as a whole or in part."""

OF_BUSINESS = frozenset({40002, 40004, 50002})
"""The codes of what a service refused: they speak of what was asked for, not of who asked."""


class Family(StrEnum):
    """Whose numbers stand behind the colon of a `sub_code`; the same number means different things."""

    SKU = "sku"
    PRODUCT = "product"
    ROWS = "rows"
    TOKEN = "token"  # noqa: S105 - the name of a group of calls
    OTHER = "other"


_ITEMS: Mapping[str, Kind] = {
    **dict.fromkeys(("2010042", "2010058"), Kind.NOT_FOUND),
    **dict.fromkeys(("2010001", "2010002", "2010401"), Kind.TRANSIENT),
    **dict.fromkeys(
        (
            *("2010012", "2010043", "2010041", "2010005", "2010045", "2010307", "2010330"),
            *("2010013", "2010004"),
        ),
        Kind.REJECTED,
    ),
}
"""The numbers of the service of products, which are too long to mean anything else elsewhere."""

_NUMBERS: Mapping[Family, Mapping[str, Kind]] = {
    Family.SKU: {
        **_ITEMS,
        **dict.fromkeys(("4", "5"), Kind.NOT_FOUND),
        "40010": Kind.DUPLICATE,
        "40004": Kind.TRANSIENT,
    },
    Family.PRODUCT: {
        **_ITEMS,
        "2010021": Kind.DUPLICATE,
    },
    Family.ROWS: {
        **_ITEMS,
        "-20002": Kind.DUPLICATE,
        "-40003": Kind.NOT_FOUND,
        "-5000": Kind.TRANSIENT,
        **dict.fromkeys(
            (
                *("-20001", "-20008", "-20011", "-40001", "-40002", "-40010", "-40011", "-40012", "-10007"),
                *("-30001", "-10002"),
            ),
            Kind.REJECTED,
        ),
    },
    Family.TOKEN: dict.fromkeys(
        ("token-expired", "token-invalid", "no-authorization", "code-expired"), Kind.AUTH_REVOKED
    ),
    Family.OTHER: _ITEMS,
}

_WORDS: Mapping[str, Kind] = {
    **dict.fromkeys(("isp.service-error", "dop.service-error"), Kind.TRANSIENT),
    **dict.fromkeys(("isv.app-permissions-insufficient", "isp.api-service-off"), Kind.PERMISSION),
    **dict.fromkeys(
        (
            "dop.authorization-no-existed",
            "dop.authorization-closed",
            "dop.app-forbidden",
            "isv.authorization-type-invalid",
        ),
        Kind.AUTH_REVOKED,
    ),
    **dict.fromkeys(
        (
            "isv.signature-missing",
            "isv.app-id-missing",
            "isv.access-token-missing",
            "isv.signature-invalid",
            "isv.timestamp-invalid",
            "isv.timestamp-format-error",
            "isv.app-id-invalid",
            "isv.app-id-expired",
            "isv.parameter-format-invalid",
        ),
        Kind.SIGNATURE,
    ),
    **dict.fromkeys(
        ("isv.access-token-expired", "isv.access-token-no-existed", "isv.access-token-invalid"),
        Kind.AUTH_EXPIRED,
    ),
    "isv.idempotent-id-existed": Kind.DUPLICATE,
}
"""Words of the gateway; none of them says that a listing is gone, whatever it sounds like."""

_CODES: Mapping[int, Kind] = {
    **dict.fromkeys((20000, 20001, 90000), Kind.TRANSIENT),
    **dict.fromkeys((30001, 30002, 70000), Kind.PERMISSION),
    40001: Kind.SIGNATURE,
    **dict.fromkeys((40002, 40004), Kind.REJECTED),
    60000: Kind.THROTTLED,
}

_OF_REFRESH_TOKEN = frozenset({Kind.AUTH_EXPIRED, Kind.REJECTED, Kind.NOT_FOUND})

_CODE = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DouyinRefusal:
    """An answer that is no success; a text that it lacks is empty, and `code` None."""

    code: int | None
    msg: str
    sub_code: str
    sub_msg: str

    @property
    def text(self) -> str:
        """Return all it says, for people."""
        code = "" if self.code is None else f"code {self.code}"
        word = " ".join(part for part in (code, self.sub_code) if part)
        return ": ".join(part for part in (word, self.sub_msg or self.msg) if part) or "without a reason"


def refusal_of(body: object) -> DouyinRefusal | None:
    """Return the refusal that an answer is, None where it is none; the old form has `err_no` for a code."""
    if not isinstance(body, Mapping):
        return None
    if "code" in body:
        code = code_of(body["code"])
        if code in {OK, PARTLY}:
            return None
        return DouyinRefusal(
            code=code,
            msg=_text(body.get("msg")),
            sub_code=_text(body.get("sub_code")),
            sub_msg=_text(body.get("sub_msg")),
        )
    if "err_no" not in body:
        return None
    code = code_of(body["err_no"])
    return (
        None
        if code == 0
        else DouyinRefusal(code=code, msg=_text(body.get("message")), sub_code="", sub_msg="")
    )


def kind_of(
    refusal: DouyinRefusal, family: Family, *, writes: bool, overrides: Mapping[str, Kind] | None = None
) -> Kind:
    """Return what a refusal means; what no table knows is `UNKNOWN`, never taken for "not applied".

    `overrides` go by sub_code, then by code. A fault of the platform during a write is `UNKNOWN`, because
    the write may have been applied before it.
    """
    told = overrides or {}
    named = told.get(refusal.sub_code) or told.get(str(refusal.code))
    if named is not None:
        return named
    word, _, number = refusal.sub_code.partition(":")
    kind = _NUMBERS[family].get(number) or _WORDS.get(word) or _CODES.get(refusal.code or 0, Kind.UNKNOWN)
    if family is Family.TOKEN and kind in _OF_REFRESH_TOKEN:
        # Such a call has one argument of its own.
        return Kind.AUTH_REVOKED
    return _careful(kind, writes=writes)


def row_kind(code: int | None, *, overrides: Mapping[str, Kind] | None = None) -> Kind:
    """Return what the `status_code` of a written row means, where it is not 0."""
    text = str(code)
    named = (overrides or {}).get(text)
    return named or _careful(_NUMBERS[Family.ROWS].get(text, Kind.UNKNOWN), writes=True)


def code_of(value: object) -> int | None:
    """Return a code as a number, None where it is none."""
    if isinstance(value, str) and _CODE.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _careful(kind: Kind, *, writes: bool) -> Kind:
    if kind is Kind.TRANSIENT and writes:
        return Kind.UNKNOWN
    # Nothing that only reads can have been done before.
    return Kind.UNKNOWN if kind is Kind.DUPLICATE and not writes else kind


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the value with whole numbers written as such."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(errors="surrogatepass"), wanted.encode())


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
