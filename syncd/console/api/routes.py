"""The API as routes: each request is checked, carried out, and its answer shaped, by one table."""

import json
from collections import Counter
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from syncd.console.access import Handler, needs
from syncd.console.api.endpoints import ENDPOINTS, ROOT, Call, Endpoint
from syncd.console.api.openapi import description
from syncd.console.api.rest import Description
from syncd.console.keys import caller
from syncd.errors import NotThere, UsageError
from syncd.services.desk import Desk

SaidT = TypeVar("SaidT", bound=BaseModel)


def routes(desk: Desk) -> list[web.RouteDef]:
    """Return the routes of the API, every one for a role."""

    async def describe(desk: Desk, call: Call) -> dict[str, Any]:
        del desk, call
        return described

    endpoint = Endpoint(
        method="GET",
        path="/openapi.json",
        summary="This description",
        act=describe,
        answer=(Description,),
    )
    endpoints = (*ENDPOINTS, endpoint)
    described = description(endpoints)
    return [web.route(one.method, f"{ROOT}{one.path}", _handler(one, desk)) for one in endpoints]


def _handler(endpoint: Endpoint, desk: Desk) -> Handler:
    shape: TypeAdapter[Any] = TypeAdapter(_union(endpoint.answer))

    async def answer(request: web.Request) -> web.StreamResponse:
        call = Call(
            caller=caller(request),
            path=_understood(endpoint.where, dict(request.match_info)),
            query=_understood(endpoint.query, _query(request)),
            body=await _body(endpoint, request),
        )
        try:
            found = await endpoint.act(desk, call)
        except NotThere as error:
            raise web.HTTPNotFound(text=str(error)) from error
        except UsageError as error:
            # It was understood, and is refused for what there is.
            raise web.HTTPConflict(text=str(error)) from error
        text = shape.dump_json(shape.validate_python(found), by_alias=True, exclude_unset=True)
        return web.Response(body=text, status=endpoint.status, content_type="application/json")

    return needs(endpoint.role)(answer)


def _union(models: tuple[type[BaseModel], ...]) -> Any:  # noqa: ANN401 - a type hint has no type
    first, *others = models
    found: Any = first
    for other in others:
        found |= other
    return found


def _query(request: web.Request) -> dict[str, str]:
    """Return what the query says.

    Raises:
        web.HTTPBadRequest: it says something twice, or what is no text.
    """
    times = Counter(name for name, _ in request.query.items())
    if twice := sorted(name for name, count in times.items() if count > 1):
        raise web.HTTPBadRequest(text=f"{', '.join(map(_shown, twice))}: said more than once")
    return dict(request.query)


async def _body(endpoint: Endpoint, request: web.Request) -> BaseModel | None:
    """Return the body by its model, None where the endpoint takes none."""
    if endpoint.body is None:
        return None
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="the body must be JSON: send Content-Type: application/json")
    try:
        return endpoint.body.model_validate_json(await request.read())
    except ValidationError as error:
        raise web.HTTPBadRequest(text=_words(error)) from error


def _understood(model: type[SaidT], said: dict[str, str]) -> SaidT:
    try:
        return model.model_validate(said)
    except ValidationError as error:
        raise web.HTTPBadRequest(text=_words(error)) from error


def _words(error: ValidationError) -> str:
    """Return what is wrong, without what was sent: it may be a secret in the wrong place."""
    found = []
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        place = ".".join(map(_shown, one["loc"])) or "body"
        found.append(f"{place}: {_KNOWN.get(one['type'], one['msg'])}")
    return "; ".join(found)


_KNOWN = {"extra_forbidden": "there is no such parameter here"}


def _shown(name: str | int) -> str:
    text = json.dumps(name)[1:-1] if isinstance(name, str) else str(name)
    return text[:40]
