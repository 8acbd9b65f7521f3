"""The stage and a browser, for every test of the door."""

from collections.abc import AsyncIterator

import pytest

from tests.unit.console.security.stage import Browser, Stage, browser


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
async def someone(stage: Stage) -> AsyncIterator[Browser]:
    async with stage.showing() as url, browser(url) as made:
        yield made
