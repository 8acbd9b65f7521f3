"""Messages by Apprise reach a real service on loopback, and no address leaks."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from syncd.adapters.alerts import AppriseSink
from syncd.domain.alerts.kinds import Level
from syncd.domain.alerts.messages import Phase
from syncd.errors import Kind, PortError
from syncd.ports.alerts import Notice
from tests.unit.domain.alert_desk import message, row_of

# What the library loads at its first use warns of its own library.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

SECRET = "planted0secret0token"
NOTICE = Notice(level=Level.WARNING, title="警告：库存偏低", body="MUG：剩余 3 件\n请补货 <b>&</b> {x}")
LOGGERS = ("apprise", "urllib3", "requests")


@dataclass
class Service:
    """A service on loopback: what it got, and what it answers."""

    port: int = 0
    status: int = 200
    answer: dict[str, Any] = field(default_factory=dict)
    got: list[tuple[str, Any]] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    free: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((request.path_qs, await request.json()))
        self.asked.set()
        await self.free.wait()
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    service.free.set()
    app = web.Application()
    app.router.add_post("/{rest:.*}", service.take)
    async with TestServer(app, host="127.0.0.1") as server:
        service.port = server.port or 0
        yield service


@pytest.fixture(autouse=True)
def _loggers_as_they_were() -> AsyncIterator[None]:  # type: ignore[misc]
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def json_sink(service: Service) -> AppriseSink:
    return AppriseSink(SecretStr(f"json://127.0.0.1:{service.port}/{SECRET}"))


async def test_a_message_arrives_with_its_title_and_body(service: Service) -> None:
    await json_sink(service).send(NOTICE)
    ((path, body),) = service.got
    assert path == f"/{SECRET}"
    assert (body["title"], body["message"], body["type"]) == (NOTICE.title, NOTICE.body, "warning")


@pytest.mark.parametrize(
    ("level", "phase", "kind"),
    [
        (Level.INFO, Phase.BEGIN, "info"),
        (Level.CRITICAL, Phase.BEGIN, "failure"),
        (Level.CRITICAL, Phase.END, "success"),
    ],
)
async def test_services_learn_how_bad_it_is(service: Service, level: Level, phase: Phase, kind: str) -> None:
    told = message(row_of()._replace(level=level), phase=phase)
    await json_sink(service).send(Notice(level=level, title="t", body="b", message=told))
    assert service.got[0][1]["type"] == kind


# The addresses of these services are fixed; here they lie on loopback and get the same bodies.
BOTS = {
    "dingtalk://": ("dingtalk.NotifyDingTalk", "/robot/send?access_token={token}", ("text", "content")),
    "wecombot://": ("wecombot.NotifyWeComBot", "/cgi-bin/webhook/send?key={key}", ("text", "content")),
    "feishu://": ("feishu.NotifyFeishu", "/open-apis/bot/v2/hook/{token}/", ("content", "text")),
}


@pytest.mark.parametrize("scheme", BOTS)
async def test_the_bots_of_the_house_get_text(
    service: Service, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    plug_in, path, (outer, inner) = BOTS[scheme]
    monkeypatch.setattr(f"apprise.plugins.{plug_in}.notify_url", f"http://127.0.0.1:{service.port}{path}")
    service.answer = {"errcode": 0, "code": 0, "StatusCode": 0}
    await AppriseSink(SecretStr(scheme + SECRET)).send(NOTICE)
    ((asked, body),) = service.got
    assert SECRET in asked
    assert NOTICE.title in body[outer][inner]
    assert "剩余 3 件" in body[outer][inner]


async def test_a_service_that_refuses_is_tried_again_by_others(service: Service) -> None:
    service.status = 403
    with pytest.raises(PortError) as failed:
        await json_sink(service).send(NOTICE)
    assert failed.value.kind is Kind.TRANSIENT


@pytest.mark.parametrize("url", [f"nosuch://{SECRET}", SECRET, "", f"json://{SECRET}:port/"])
async def test_a_url_that_is_none_says_where_to_correct_it(url: str) -> None:
    with pytest.raises(PortError, match="correct it in the settings") as failed:
        await AppriseSink(SecretStr(url)).send(NOTICE)
    assert failed.value.kind is Kind.REJECTED


async def test_what_breaks_in_a_plug_in_is_told_without_its_words(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> bool:
        raise RuntimeError(f"https://service.example/{SECRET}")

    monkeypatch.setattr("apprise.Apprise.notify", broken)
    with pytest.raises(PortError, match=r"could not be asked \(RuntimeError\)$"):
        await json_sink(service).send(NOTICE)


async def test_a_service_that_hangs_gets_no_second_message(service: Service) -> None:
    service.free.clear()
    sink = json_sink(service)
    first = asyncio.create_task(sink.send(NOTICE))
    await service.asked.wait()
    first.cancel()
    with pytest.raises(PortError, match="still on its way"):
        await sink.send(NOTICE)
    service.free.set()


async def test_no_address_gets_into_an_error_a_repr_or_the_log(
    service: Service, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(0)
    sinks = [json_sink(service), AppriseSink(SecretStr(f"json://127.0.0.1:9/{SECRET}"))]
    service.status = 500
    told = [repr(sink) + str(vars(sink)) for sink in sinks]
    for sink in sinks:
        with pytest.raises(PortError) as failed:
            await sink.send(NOTICE)
        told.append(repr(failed.value) + str(failed.value.__cause__))
    out = capfd.readouterr()
    # The service itself may write down what it was asked.
    heard = [record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp")]
    assert SECRET not in "".join([*told, *heard, out.out, out.err])
