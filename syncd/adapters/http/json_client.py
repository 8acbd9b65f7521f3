"""JSON calls to one site."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypedDict, Unpack
from urllib.parse import quote, urlencode

from syncd.adapters.http.answers import JsonAnswer, Malformed, parsed, status_error, status_kind
from syncd.adapters.http.client import HttpAnswer, HttpCall, HttpClient
from syncd.errors import Kind

MAX_BYTES = 64 * 1024 * 1024

Judge = Callable[[JsonAnswer], Kind | None]
"""Says what a refusal (any status but 2xx) means; None leaves it to the status."""

_LONG = 1024 * 1024

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Parts(TypedDict, total=False):
    """What a call may carry: a query, one kind of body, and headers of its own."""

    params: Mapping[str, object] | Sequence[tuple[str, object]] | None
    json: Any
    data: Mapping[str, str] | bytes | None
    headers: Mapping[str, str] | None


def no_opinion(_answer: JsonAnswer) -> Kind | None:
    """Leave every refusal to its status."""
    return None


@dataclass(frozen=True, slots=True)
class JsonClient:
    """Calls one site and understands its JSON.

    `headers` go with every call. `name` is the shop or source that messages speak of. `timeout` and
    `max_bytes` are as in `HttpCall`.
    """

    http: HttpClient = field(repr=False)
    base_url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 30.0
    max_bytes: int = MAX_BYTES
    name: str = ""
    judge: Judge = field(default=no_opinion, repr=False)

    async def call(
        self, method: str, path: str, *, writes: bool | None = None, **parts: Unpack[Parts]
    ) -> JsonAnswer:
        """Return the answer to a call, which was 2xx and JSON (or empty: `body` None).

        `path` is added to the base URL as it stands, so ids in it must be quoted. `writes` says whether the
        call changes something; by default all but GET, HEAD and OPTIONS do.

        Raises:
            PortError: the call failed; a write that may have been applied is `UNKNOWN`.
        """
        call = self._prepared(method.upper(), path, writes=writes, parts=parts)
        raw = await self.http.exchange(call)
        if raw.status // 100 != 2:  # noqa: PLR2004
            refusal = _refusal(raw)
            kind = self.judge(refusal) or status_kind(raw.status, raw.headers, writes=call.writes)
            raise status_error(call.place, refusal, kind)
        try:
            return JsonAnswer(status=raw.status, body=await _parsed(raw.body), headers=raw.headers)
        except Malformed as error:
            raise call.error(f"the answer was not understood: {error}") from None

    def _prepared(self, method: str, path: str, *, writes: bool | None, parts: Parts) -> HttpCall:
        call = partial(
            HttpCall,
            name=self.name,
            method=method,
            path=path,
            url=self._url(path, parts.get("params")),
            writes=method not in _READS if writes is None else writes,
            timeout=self.timeout,
            max_bytes=self.max_bytes,
        )
        try:
            body, content = _body(parts)
        except (ValueError, TypeError):
            # Its text quotes the value.
            message = "the request cannot be written as JSON or UTF-8"
            raise call().error(message, sent=False, kind=Kind.REJECTED) from None
        headers = _merged({"accept": "application/json"}, content, self.headers, parts.get("headers") or {})
        return call(headers=headers, body=body)

    def _url(self, path: str, params: Mapping[str, object] | Sequence[tuple[str, object]] | None) -> str:
        url = f"{self.base_url.rstrip('/')}/{path.lstrip('/')}"
        if not params:
            return url
        pairs = params.items() if isinstance(params, Mapping) else params
        query = urlencode([(key, _text(value)) for key, value in pairs], quote_via=quote)
        return f"{url}{'&' if '?' in path else '?'}{query}"


def _merged(*layers: Mapping[str, str]) -> dict[str, str]:
    """Return all headers in lower case; where two layers name the same one, the later counts."""
    return {name.lower(): value for layer in layers for name, value in layer.items()}


def _refusal(raw: HttpAnswer) -> JsonAnswer:
    try:
        body = parsed(raw.body)
    except Malformed:
        # The status alone says enough; proxies answer in HTML.
        body = None
    return JsonAnswer(status=raw.status, body=body, headers=raw.headers)


async def _parsed(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Return the JSON in `body`; a long one is read in a thread, so that the loop does not stall."""
    return parsed(body) if len(body) <= _LONG else await asyncio.to_thread(parsed, body)


def _body(parts: Parts) -> tuple[bytes | None, dict[str, str]]:
    """Return the body and the header that names its type; none at all without one."""
    if parts.get("json") is not None:
        return _ENCODER.encode(parts["json"]).encode(), {"content-type": "application/json"}
    data = parts.get("data")
    if data is None:
        return None, {}
    if isinstance(data, bytes):
        return data, {}
    return urlencode(data).encode(), {"content-type": "application/x-www-form-urlencoded"}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
