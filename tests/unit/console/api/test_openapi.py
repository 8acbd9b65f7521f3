"""The description of the API is true: it has every route, and its models have all that the desk tells."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from jsonschema import Draft202012Validator
from pydantic import BaseModel, TypeAdapter

from syncd.console.access import needed_by
from syncd.console.api import rest, routes, stock
from syncd.console.api.endpoints import ENDPOINTS, ROOT, Call, Endpoint
from syncd.domain.topology import PoolMode
from tests.unit.console.api.api_stage import DESCRIBED, Json, api
from tests.unit.console.api.test_api import address
from tests.unit.console.security.stage import ALICE, bearer
from tests.unit.services.cycle_world import World
from tests.unit.services.desk_world import STOCK, desk_of


def described(paths: Json) -> set[tuple[str, str]]:
    return {(method.upper(), f"{ROOT}{path}") for path, one in paths.items() for method in one}


def test_every_route_is_described_and_nothing_else() -> None:
    found = {(route.method, route.path) for route in routes(desk_of(World(STOCK)))}
    found -= {("GET", f"{ROOT}/openapi.json")}

    assert found == described(DESCRIBED["paths"])


def test_every_route_asks_for_the_role_that_its_description_names() -> None:
    roles = {(route.method, route.path): needed_by(route.handler) for route in _routes()}

    for endpoint in ENDPOINTS:
        operation = DESCRIBED["paths"][endpoint.path][endpoint.method.lower()]
        assert operation["description"] == f"For a {endpoint.role.value}."
        assert roles[endpoint.method, f"{ROOT}{endpoint.path}"] is endpoint.role


def _routes() -> Iterator[web.RouteDef]:
    yield from routes(desk_of(World(STOCK)))


async def test_the_description_is_served_and_describes_itself() -> None:
    async with api() as stand:
        answer = await stand.client.get(f"{ROOT}/openapi.json", headers=bearer(ALICE))
        served = json.loads(answer.text)
        assert described(served["paths"]) - described(DESCRIBED["paths"]) == {("GET", f"{ROOT}/openapi.json")}
        assert served["openapi"].startswith("3.1.")


def test_no_operation_has_the_name_of_another() -> None:
    names = [one["operationId"] for path in DESCRIBED["paths"].values() for one in path.values()]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", sorted(DESCRIBED["components"]["schemas"]))
def test_every_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(DESCRIBED["components"]["schemas"][name])


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(DESCRIBED)
    wanted = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}

    assert wanted == set(DESCRIBED["components"]["schemas"])


READING = [one for one in ENDPOINTS if one.method == "GET"]


@pytest.mark.parametrize("mode", list(PoolMode))
@pytest.mark.parametrize("endpoint", READING, ids=lambda one: one.path)
async def test_the_models_have_all_that_the_desk_tells(endpoint: Endpoint, mode: PoolMode) -> None:
    async with api(mode) as stand:
        path = await address(stand, endpoint)
        call = Call(
            caller=_CALLER,
            path=endpoint.where.model_validate(_named(endpoint.path, path)),
            query=endpoint.query(),
            body=None,
        )
        told = await endpoint.act(stand.desk, call)
        shape: TypeAdapter[Any] = TypeAdapter(_any_of(endpoint.answer))
        assert shape.validate_python(told, extra="forbid")


async def test_the_models_have_all_that_is_told_of_a_bundle() -> None:
    async with api() as stand:
        told = await stand.desk.explain("KIT")  # type: ignore[arg-type]
        assert stock.ExplainedBundle.model_validate(told, extra="forbid").sku == "KIT"


def _any_of(models: tuple[type[BaseModel], ...]) -> Any:  # noqa: ANN401
    first, *others = models
    found: Any = first
    for other in others:
        found |= other
    return found


def _named(template: str, path: str) -> dict[str, str]:
    pairs = zip(template.split("/"), path.split("/"), strict=True)
    return {name[1:-1]: part for name, part in pairs if name.startswith("{")}


_CALLER = type("Somebody", (), {"name": "bob", "role": READING[0].role})()


def test_who_asks_is_a_name_and_a_role() -> None:
    assert set(rest.Me.model_fields) == {"name", "role"}
