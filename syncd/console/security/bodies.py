"""Read what callers send: whole, within limits, and well formed, before any handler sees it."""

import asyncio
import json

from aiohttp import web
from multidict import MultiDict, MultiDictProxy

from syncd.domain.said import keep

FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_DEEPEST = 64
_KINDS = frozenset({FORM, _JSON})
_EMPTY: "MultiDict[str]" = MultiDict()


async def read_body(request: web.Request, limit: int, *, within: float) -> None:
    """Read the whole body, so that nobody can keep a handler waiting for the rest of it.

    One that says itself that it is too large is refused before a byte of it is read.

    Raises:
        web.HTTPRequestEntityTooLarge: it has more bytes than `limit`.
        web.HTTPUnsupportedMediaType: it is packed: what is small here may be large there.
        web.HTTPRequestTimeout: it did not come `within` so many seconds.
        web.HTTPBadRequest: the connection broke, or the body is not what its headers say.
    """
    if not request.body_exists:
        return
    if request.content_length is not None and request.content_length > limit:
        raise web.HTTPRequestEntityTooLarge(
            limit, text=keep("at most %(limit)s bytes are taken", limit=limit)
        )
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise web.HTTPUnsupportedMediaType(text=keep("send the body as it is, without Content-Encoding"))
    try:
        async with asyncio.timeout(within):
            body = await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout(text=keep("the rest of the body did not come")) from None
    except web.HTTPException:
        raise
    except (ValueError, OSError, web.RequestPayloadError) as error:
        raise web.HTTPBadRequest(text=keep("the body is not what its headers say")) from error
    if len(body) > limit:
        # It came in chunks, which tell no length before.
        raise web.HTTPRequestEntityTooLarge(
            limit, text=keep("at most %(limit)s bytes are taken", limit=limit)
        )


async def check_body(request: web.Request) -> None:
    """Refuse what is neither JSON nor a form, or not well formed; the body was read before.

    Raises:
        web.HTTPUnsupportedMediaType: it is something else.
        web.HTTPBadRequest: it is broken, or nested so deep that it can only be meant to hurt.
    """
    if not await request.read():
        return
    if request.content_type not in _KINDS:
        raise web.HTTPUnsupportedMediaType(text=keep("send application/json, or the fields of a form"))
    if request.content_type == FORM:
        await form(request)
        return
    try:
        document = json.loads(await request.text())
    except (ValueError, LookupError, RecursionError):
        raise web.HTTPBadRequest(text=keep("the body is not JSON in UTF-8")) from None
    if _depth(document) > _DEEPEST:
        raise web.HTTPBadRequest(text=keep("the body is nested deeper than %(most)s levels", most=_DEEPEST))


async def form(request: web.Request) -> "MultiDictProxy[str]":
    """Return the fields of a form; none where another kind of body was sent.

    Raises:
        web.HTTPBadRequest: it cannot be read.
    """
    if request.content_type != FORM:
        return MultiDictProxy(_EMPTY)
    try:
        fields = await request.post()
    except (ValueError, LookupError):
        raise web.HTTPBadRequest(text=keep("the form cannot be read")) from None
    return fields  # type: ignore[return-value]


def _depth(document: object) -> int:
    """Return how deep a document is nested; without recursion, for it may be deeper than Python goes."""
    depth, level = 0, [document]
    while level:
        inner: list[object] = []
        for each in level:
            if isinstance(each, dict):
                inner.extend(each.values())
            elif isinstance(each, list):
                inner.extend(each)
        depth, level = depth + 1, inner
    return depth
