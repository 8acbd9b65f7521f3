"""Requests are counted by the template of their route, and the page is served in the format of Prometheus."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.openmetrics.parser import text_string_to_metric_families as of_openmetrics
from prometheus_client.parser import text_string_to_metric_families as of_text

from syncd.adapters.memory import FakeClock
from syncd.console.access import Role, needed_by
from syncd.console.metrics import Metrics, routes
from tests.unit.console.scrape import page_of, values

Client = TestClient[web.Request, web.Application]


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Client, Metrics, FakeClock]]:
    clock = FakeClock()
    metrics = Metrics(clock)

    async def explain(_: web.Request) -> web.Response:
        clock.advance(0.2)
        return web.Response(text="{}")

    async def broken(_: web.Request) -> web.Response:
        raise RuntimeError

    async def gone(_: web.Request) -> web.Response:
        raise web.HTTPGone

    async def endless(_: web.Request) -> web.Response:
        clock.advance(3600)
        return web.Response()

    app = web.Application(middlewares=[metrics.middleware])
    app.router.add_get("/api/v1/stock/{sku}", explain)
    app.router.add_get("/broken", broken)
    app.router.add_get("/gone", gone)
    app.router.add_get("/events", endless)
    app.router.add_routes(routes(metrics))
    async with TestClient(TestServer(app)) as client:
        yield client, metrics, clock


async def counted(*paths: str, method: str = "GET") -> dict[tuple[str, ...], float]:
    async with served() as (client, metrics, _):
        for path in paths:
            async with client.request(method, path):
                pass
        return values(page_of(metrics), "syncd_http_requests_total")


async def test_requests_are_counted_by_the_template_of_their_route() -> None:
    found = await counted("/api/v1/stock/MUG-RED", "/api/v1/stock/MUG-BLUE")
    assert found == {("GET", "/api/v1/stock/{sku}", "200"): 2}


async def test_requests_that_no_route_takes_have_one_label_together() -> None:
    found = await counted("/wp-admin", "/.git/config", "/../../etc/passwd")
    assert found == {("GET", "unmatched", "404"): 3}


@pytest.mark.parametrize(("path", "status"), [("/gone", "410"), ("/broken", "500")])
async def test_an_answer_that_was_raised_is_counted_with_its_status(path: str, status: str) -> None:
    assert await counted(path) == {("GET", path, status): 1}


async def test_a_method_that_somebody_makes_up_has_no_label_of_its_own() -> None:
    found = await counted("/api/v1/stock/A", "/nothing", method="PROPFIND")
    assert {method for method, _, _ in found} == {"other"}


async def test_answers_are_timed_and_streams_are_not() -> None:
    async with served() as (client, metrics, _):
        for path in ("/api/v1/stock/A", "/events"):
            async with client.get(path):
                pass
        sums = values(page_of(metrics), "syncd_http_request_duration_seconds_sum")
    assert sums == {("/api/v1/stock/{sku}",): pytest.approx(0.2)}


@pytest.mark.parametrize(
    ("accepted", "kind"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain;version=0.0.4;q=0.3,*/*;q=0.1", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.3",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
    ],
)
async def test_the_page_has_the_format_that_is_asked_for(accepted: str, kind: str) -> None:
    async with (
        served() as (client, _, __),
        client.get("/metrics", headers={"Accept": accepted}) as response,
    ):
        page = await response.text()
    assert (response.status, response.headers["Content-Type"].partition("; escaping")[0]) == (200, kind)
    parse = of_openmetrics if "openmetrics" in kind else of_text
    assert "syncd_build" in {family.name.removesuffix("_info") for family in parse(page)}


async def test_the_page_counts_its_own_requests_once_they_are_answered() -> None:
    async with served() as (client, _, __):
        async with client.get("/metrics"):
            pass
        async with client.get("/metrics") as response:
            page = await response.read()
    assert values(page, "syncd_http_requests_total") == {("GET", "/metrics", "200"): 1}


def test_who_reads_the_page_must_be_known() -> None:
    (route,) = routes(Metrics(FakeClock()))
    assert needed_by(route.handler) is Role.VIEWER
