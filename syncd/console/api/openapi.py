"""The description of the API by OpenAPI 3.1, made from the models that check and shape it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

import syncd
from syncd.console.access import Role
from syncd.console.api.endpoints import ROOT, Endpoint
from syncd.console.api.words import Problem

Json = dict[str, Any]

PROBLEM = "application/problem+json"
_REF = "#/components/schemas/{model}"

_ALWAYS = {400: "What was asked cannot be understood", 401: "No token, or none that is known"}
_REFUSALS = {
    403: "The token may not do that",
    404: "What the path names does not exist",
    409: "That cannot be done as things stand",
    413: "The body is too large",
    415: "The body is no JSON",
    429: "Too many attempts to sign in",
    503: "The state cannot be used now",
}
_TELLING = (
    "Every figure is from the state of the daemon: no shop and no source is called for an answer. What is "
    "not known is null, never 0. Changes are requests, which the daemon carries out before its next cycle: "
    "the answer of one is at `/requests/{request}`. The ledger names who asked."
)


def description(endpoints: Sequence[Endpoint]) -> Json:
    """Return the description of `endpoints`; it depends on nothing else."""
    refs, definitions = models_json_schema(list(_models(endpoints)), ref_template=_REF)
    schemas: dict[type[Any], Json] = {model: ref for (model, _), ref in refs.items()}
    paths: dict[str, Json] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "syncd", "version": syncd.__version__, "description": _TELLING},
        "servers": [{"url": ROOT}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": definitions.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _models(endpoints: Iterable[Endpoint]) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    yield Problem, "serialization"
    for one in endpoints:
        for model in one.answer:
            yield model, "serialization"
        if one.body is not None:
            yield one.body, "validation"


def _operation(one: Endpoint, schemas: dict[type[Any], Json]) -> Json:
    answers = [schemas[model] for model in one.answer]
    content = answers[0] if len(answers) == 1 else {"anyOf": answers}
    problem = {"content": {PROBLEM: {"schema": schemas[Problem]}}}
    found: Json = {
        "operationId": _name_of(one),
        "summary": one.summary,
        "description": f"For a {one.role.value}.",
        "parameters": [*_parameters(one.where, "path"), *_parameters(one.query, "query")],
        "responses": {
            str(one.status): {
                "description": "What was asked for" if one.role is Role.VIEWER else "It was taken",
                "content": {"application/json": {"schema": content}},
            }
        }
        | {str(status): {"description": words} | problem for status, words in _refusals(one).items()},
    }
    if one.body is not None:
        body = {"application/json": {"schema": schemas[one.body]}}
        found["requestBody"] = {"required": True, "content": body}
    return found


def _name_of(one: Endpoint) -> str:
    words = [part for part in one.path.split("/") if part and "{" not in part]
    kind = "one_" if one.path.endswith("}") else ""
    return f"{one.method.lower()}_{kind}{'_'.join(words)}".replace(".", "_")


def _refusals(one: Endpoint) -> dict[int, str]:
    return (
        _ALWAYS | _REFUSALS
        if one.method != "GET"
        else _ALWAYS | {status: _REFUSALS[status] for status in (403, 404, 409, 429, 503)}
    )


_SAID_BESIDE = ("title", "description", "default")


def _parameters(model: type[BaseModel], place: str) -> Iterator[Json]:
    schema = model.model_json_schema(ref_template=_REF)
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        found = {
            key: value for key, value in _plain(one).items() if key not in ("title", "description", "default")
        }
        words = one.get("description")
        yield {
            "name": name,
            "in": place,
            "required": name in required,
            "schema": found,
        } | ({"description": words} if words else {})


def _plain(schema: Json) -> Json:
    """Return the schema of a value that may be left out: null is not something a query can say."""
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    return kinds[0] | {key: value for key, value in schema.items() if key != "anyOf"} if kinds else schema
