"""The parameters of one call, from a form or from a JSON object of texts."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from syncd.mock.forms import Form
from syncd.mock.pdd.refusal import Refusal, common, invalid, missing

_MOST_SECONDS = 10**11


class Params(Form):
    """The parameters of one call of this platform."""

    missing, invalid = staticmethod(missing), staticmethod(invalid)

    def one_of(self, name: str, known: tuple[int, ...], default: int | None = None) -> int:
        """Return one of the known numbers."""
        value = self.whole(name, default, least=None)
        if value not in known:
            raise invalid(name, f"one of {', '.join(str(number) for number in known)}")
        return value

    def seconds(self, name: str) -> datetime:
        """Return a time that is written as seconds since 1970."""
        return datetime.fromtimestamp(self.whole(name, least=0, most=_MOST_SECONDS), UTC)

    def objects(self, name: str) -> list[dict[str, Any]]:
        """Return a list of objects that is written as JSON."""
        try:
            value = json.loads(self.text(name))
        except ValueError:
            value = None
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise invalid(name, "a list of objects in JSON")
        return value


async def read_params(request: web.Request) -> Params:
    """Return the parameters of the form, or of the JSON object; a name that stands twice spoils the call."""
    if request.method != "POST":
        raise common("http_method")
    raw = await request.read()
    if request.content_type == "application/json":
        return Params(_from_json(raw))
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise Refusal(10000) from None
    values = dict(pairs)
    if len(values) < len(pairs):
        raise Refusal(10000)
    return Params(values)


def _from_json(raw: bytes) -> dict[str, str]:
    try:
        document = json.loads(raw)
    except ValueError:
        raise Refusal(10000) from None
    if not isinstance(document, dict) or not all(isinstance(value, str) for value in document.values()):
        raise Refusal(10000)
    return document
