"""Answers that are alike everywhere: problems as documents (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

PROBLEM_JSON = "application/problem+json"


def problem(
    status: int,
    detail: str = "",
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,  # noqa: ANN401 - any JSON
) -> web.Response:
    """Return a problem as a document: `type`, `title`, `status`, and `detail` for people."""
    document = {"type": "about:blank", "title": title_of(status), "status": status}
    if detail:
        document["detail"] = detail
    text = json.dumps(document | more, ensure_ascii=False)
    return web.Response(status=status, text=text, content_type=PROBLEM_JSON, headers=headers)


def title_of(status: int) -> str:
    """Return the standard's words for a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def wants_page(request: web.Request) -> bool:
    """Return whether a person with a browser asks, not a program."""
    is_api = request.path.startswith("/api/")
    return not is_api and "text/html" in request.headers.get("Accept", "")
