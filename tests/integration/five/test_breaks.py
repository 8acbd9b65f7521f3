"""The run finds adapters that lose claims or show too much; a whole one passes."""

from pathlib import Path

import pytest

from tests.integration.five.breaks import BREAKS, outcome

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FOUND = (
    "claims of pdd are lost",
    "claims of aliexpress are lost",
    "withheld units of jd are ignored",
    "orders of taobao are eight hours early",
    "aliexpress is asked for orders in Beijing's time",
    "each line of douyin has one unit",
    "only one line of an order of aliexpress is told",
    "taobao raises by one too many",
)


@pytest.mark.parametrize("name", FOUND)
async def test_the_run_finds_an_adapter_that_is_broken(tmp_path: Path, name: str) -> None:
    assert await outcome(BREAKS[name], tmp_path)
