"""What is told of a push."""

import pytest

from syncd.adapters.memory import FakeClock
from syncd.domain.model import ShopName
from syncd.errors import Kind
from syncd.services.push import PushReport
from syncd.services.telling import tell_push
from tests.unit.services.cycle_world import Told


@pytest.mark.parametrize("kind", [None, Kind.AUTH_REVOKED, Kind.TRANSIENT])
async def test_a_push_says_what_stopped_it(kind: Kind | None) -> None:
    told = Told()
    await tell_push(told, PushReport(shop=ShopName("web"), stopped_by=kind), FakeClock())
    assert told.named("pushed")[0]["stopped_by"] == kind
