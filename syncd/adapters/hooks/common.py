"""What the rules of several platforms share: comparing, decoding, and secrets that are changed over."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from syncd.ports.hooks import HookRequest, Pairs, Reason, Refused

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

_LONGEST_ID = 200


def same(given: str, wanted: str) -> bool:
    """Return whether a signature is the wanted one; in a time that tells nothing."""
    return hmac.compare_digest(given.encode(errors="surrogatepass"), wanted.encode())


def signed_by(given: str, sign: Callable[[str], str], secrets: Iterable[str]) -> bool:
    """Return whether one of the secrets makes this signature; all of them are tried in any case."""
    found = [same(given, sign(secret)) for secret in secrets]
    return any(found)


def doubt(
    request: HookRequest, given: str, sign: Callable[[str], str], secrets: Iterable[str]
) -> Refused | None:
    """Return why a request is no signed POST, None where it is one; `given` is its signature."""
    if request.method != "POST":
        return refused(Reason.METHOD)
    if not given:
        return refused(Reason.UNSIGNED)
    return None if signed_by(given, sign, secrets) else refused(Reason.SIGNATURE)


def mark(*parts: bytes | str) -> str:
    """Return a short name of what was signed, to know it again by."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return f"signed:{digest.hexdigest()}"


def named(kind: str, value: object) -> tuple[str, ...]:
    """Return an id that the platform gave, as a tuple to add up; empty where it gave none of sound length."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return (f"{kind}:{text}",) if 0 < len(text) <= _LONGEST_ID else ()


def orders_of(value: object) -> frozenset[str]:
    """Return the id of an order where `value` is one: digits, as a number or as text."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    is_id = text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID and text.strip("0")
    return frozenset({text}) if is_id else frozenset()


def content_type(request: HookRequest) -> str:
    """Return the type of the body in lower case, without its parameters."""
    return request.headers.one("Content-Type").partition(";")[0].strip().lower()


def json_of(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the body as JSON, None where it is none, or nested too deeply, or has a number without end."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def object_of(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object that a body is, empty where it is none."""
    found = json_of(body)
    return found if isinstance(found, dict) else {}


def form_of(body: bytes) -> Pairs | None:
    """Return the fields of a form; None where its bytes are no text."""
    try:
        rows = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError:
        return None
    return Pairs(tuple(rows))


def params_of(*sources: Pairs) -> dict[str, str] | None:
    """Return parameters by name; None where a name comes twice, as nobody knows which one was signed."""
    rows = [row for source in sources for row in source.rows]
    found = dict(rows)
    return found if len(found) == len(rows) else None


def refused(reason: Reason) -> Refused:
    """Return a refusal."""
    return Refused(reason=reason)


def _refuse(word: str) -> Any:  # noqa: ANN401 - as the library wants it
    raise ValueError(f"{word} is no number")
