"""Secrets are in no answer, no log, no metric and no error, whatever goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from syncd.config.loader import load
from syncd.config.registry import Registry
from tests.docs.test_config_examples import ENVIRON, copied
from tests.security.fortress import SECRETS, Fortress, fortress
from tests.security.test_every_route import ENDLESS, guarded, path_of, template
from tests.unit.console.security.stage import ALICE, Browser, bearer, browser


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def found_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


async def everything(here: Fortress, someone: Browser) -> AsyncIterator[str]:
    """Yield every answer that there is for an operator, and for who sends secrets where none belong."""
    yield f"{(await someone.get('/nothing')).text}{(await someone.get('/api/v1/nothing')).text}"
    for path in ("/healthz", "/readyz", "/login"):
        yield (await someone.get(path)).text
    for method, route, _ in guarded(here):
        for kind in ("application/json", "text/html") if template(route) not in ENDLESS else ():
            headers = bearer(ALICE) | {"Accept": kind, "Content-Type": "text/plain"}
            answer = await someone.ask(method, path_of(route), headers=headers)
            yield f"{answer.headers}{answer.text}"
    for sent in (bearer(ALICE + "x"), {"Cookie": f"syncd={ALICE}"}, bearer("alice.planted-guess")):
        yield (await someone.get("/metrics", headers=sent)).text
    yield (await someone.post("/login", data={"token": f"{ALICE}x"})).text
    yield (await someone.post("/hooks/web", data=ALICE, headers=bearer(ALICE))).text


async def test_no_answer_and_no_line_of_the_log_holds_a_secret(tmp_path: Path) -> None:
    async with fortress(tmp_path / "world", failing=True) as here, browser(here.url) as someone:
        answers = [text async for text in everything(here, someone)]
        told = "\n".join(here.world.told.lines)
    log = here.log.getvalue()
    assert len(answers) > 10
    assert "login_refused" in log
    assert "shop_failing" in log
    for text in (*answers, told, log):
        assert found_in(text) == []


async def test_no_stream_of_events_holds_a_secret(tmp_path: Path) -> None:
    async with fortress(tmp_path / "world", failing=True) as here, browser(here.url) as someone:
        url = f"{here.url}/events"
        async with someone.client.get(url, headers=bearer(ALICE)) as answer:
            assert answer.status == 200
            await here.world.cycle(here.app)
            async with asyncio.timeout(10):
                text = (await answer.content.readuntil(b"event: cycle_ended")).decode()
    assert found_in(text) == []


def test_no_configuration_shows_a_secret_of_any_adapter(tmp_path: Path) -> None:
    """The examples name a secret in every place where an adapter or a table takes one."""
    environ = {name: f"planted-{name}" for name in ENVIRON}
    configuration = load(copied(tmp_path, defaults=True), environ=environ, registry=Registry.installed())
    parts = [configuration, *configuration.sources.values(), *configuration.shops.values()]
    parts += [part.options for part in parts if hasattr(part, "options")]
    assert [name for name in ENVIRON if any(f"planted-{name}" in repr(part) for part in parts)] == []


async def test_nothing_that_is_made_of_a_configuration_shows_a_secret(tmp_path: Path) -> None:
    async with fortress(tmp_path / "world") as here:
        shown = f"{here.app.configuration!r} {here.app!r} {here.daemon!r}"
    assert found_in(shown) == []
