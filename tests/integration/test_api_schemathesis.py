"""Schemathesis asks the assembled API all that its description allows, and what it forbids."""

import asyncio
from collections.abc import Iterator

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from syncd.console.api.endpoints import ENDPOINTS, ROOT
from syncd.domain.topology import PoolMode
from tests.unit.console.api.api_stage import Hurried, api
from tests.unit.console.security.stage import ALICE, Stage, bearer

pytestmark = pytest.mark.timeout(600)


def found(url: str, *, examples: int, seed: int) -> tuple[list[str], set[str]]:
    """Return everything that all checks of all phases find, and the operations that were tried."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "workers": 1,
            "base-url": f"{url}{ROOT}",
            "headers": bearer(ALICE),
            "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
        }
    )
    address = f"{url}{ROOT}/openapi.json"
    schema = schemathesis.openapi.from_url(address, config=config, headers=bearer(ALICE))
    problems: list[str] = []
    tried: set[str] = set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            problems.append(repr(vars(event)))
        if isinstance(event, events.ScenarioFinished):
            tried.add(str(event.recorder.label))
            problems += _failures(event)
    return problems, tried


def _failures(event: events.ScenarioFinished) -> Iterator[str]:
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                failure = check.failure_info.failure
                yield f"{event.recorder.label}: {check.name}: {failure.title}: {failure.message}"


async def looked(mode: PoolMode, *, examples: int, seed: int) -> tuple[list[str], set[str]]:
    async with api(mode, Stage(clock=Hurried())) as stand:
        result = await asyncio.to_thread(found, stand.client.url, examples=examples, seed=seed)
        assert stand.stage.told.named("http_failed") == []
        return result


async def test_schemathesis_finds_nothing() -> None:
    problems, tried = await looked(PoolMode.SHARED, examples=3, seed=1)

    assert problems == []
    assert {f"{one.method} {one.path}" for one in ENDPOINTS} <= tried


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "seed"), [(PoolMode.SHARED, 2), (PoolMode.SPLIT, 3)])
async def test_schemathesis_finds_nothing_when_it_looks_longer(mode: PoolMode, seed: int) -> None:
    problems, _ = await looked(mode, examples=60, seed=seed)

    assert problems == []
