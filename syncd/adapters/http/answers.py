"""What an answer means: its JSON, its status, and how long to wait."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any

from syncd.errors import Kind, PortError

LONGEST_WAIT = 3600.0
"""Seconds; a longer Retry-After is cut to this, so that a slip of a server does not stop a shop for days."""

_KINDS: Mapping[int, Kind] = {
    401: Kind.AUTH_EXPIRED,
    403: Kind.PERMISSION,
    404: Kind.NOT_FOUND,
    410: Kind.NOT_FOUND,
    425: Kind.TRANSIENT,
    429: Kind.THROTTLED,
}

_ADVICE: Mapping[Kind, str] = {
    Kind.AUTH_EXPIRED: "; the credentials were not accepted, check the token",
    Kind.AUTH_REVOKED: "; the credentials were withdrawn, new ones are needed",
    Kind.SIGNATURE: "; the signature was not accepted, check the secret and the machine's clock",
    Kind.PERMISSION: "; the credentials do not allow this, check what they were granted",
    Kind.NOT_FOUND: "; check the url and the path",
    Kind.REJECTED: "; check the settings of the request",
    Kind.UNKNOWN: "; it may have been applied",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonAnswer:
    """An answer with its JSON; `body` is None where it is empty, and in a refusal that is not JSON.

    `headers` may be asked in any case.
    """

    status: int
    body: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


class Malformed(ValueError):  # noqa: N818 - says what the answer is
    """An answer is not the JSON it should be; never leaves `syncd.adapters.http`."""


def parsed(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the JSON in `body`, None if it is blank; NaN and a key said twice differently are refused.

    Raises:
        Malformed: it is not JSON, or not JSON that has one meaning.
    """
    if not body.strip():
        return None
    try:
        text = body.decode("utf-8-sig")
        return _DECODER.decode(text)
    except Malformed:
        raise
    except UnicodeDecodeError:
        raise Malformed("it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"it is not JSON (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    except ValueError:
        raise Malformed("a number in it is too long") from None


def _refused_constant(name: str) -> float:
    raise Malformed(f"it holds {name}, which is not JSON")


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object; of two different values for one key, neither can be believed."""
    result = dict(pairs)
    if len(result) != len(pairs) and any(result[key] != value for key, value in pairs):
        raise Malformed("an object in it has two values for one key")
    return result


_DECODER = json.JSONDecoder(parse_constant=_refused_constant, object_pairs_hook=_unambiguous)


def status_kind(status: int, headers: Mapping[str, str], *, writes: bool) -> Kind:
    """Return what a status that is not 2xx means.

    Where a gateway may have answered for a server that went on working, a write is unknown.
    """
    if status == 503 and "retry-after" in headers:  # noqa: PLR2004
        return Kind.THROTTLED
    if status in _KINDS:
        return _KINDS[status]
    if status == 408 or status >= 500:  # noqa: PLR2004
        return Kind.UNKNOWN if writes else Kind.TRANSIENT
    # A redirect may follow a write that was applied.
    redirected = status < 400  # noqa: PLR2004
    return Kind.UNKNOWN if redirected and writes else Kind.REJECTED


def status_error(place: str, answer: JsonAnswer, kind: Kind) -> PortError:
    """Return the error for an answer that is not 2xx, with the wait it asks for."""
    advice = (
        "; it redirects, write its new address as url" if answer.status in _MOVED else _ADVICE.get(kind, "")
    )
    wait = retry_after(answer.headers)
    return PortError(kind, f"{place}: answered {answer.status}{advice}", retry_after=wait)


_MOVED = frozenset({301, 302, 303, 307, 308})


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` asks for, 0 to an hour; None without one that is understood.

    A date is measured from the answer's own `Date`, so that no clock of ours matters.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return min(float(text), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait.total_seconds(), 0.0), LONGEST_WAIT)


@contextmanager
def expecting(name: str) -> Iterator[None]:
    """Turn the errors of taking an unexpected answer apart into a `PortError` of kind `UNKNOWN`.

    `name` is the shop or source. Nothing of the answer is quoted but the key that it lacks.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError) as error:
        lacking = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) and error.args else ""
        reason = lacking or type(error).__name__
        raise PortError(Kind.UNKNOWN, f"{name}: the answer was not understood ({reason})") from None
