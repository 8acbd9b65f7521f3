"""The source asks a real Tryton what was recorded, and makes of its answers what was really there."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from syncd.adapters.http import HttpClient
from syncd.adapters.sources.tryton import TrytonSource
from syncd.domain.model import Snapshot
from syncd.errors import Kind, PortError
from tests.unit.adapters.tryton_rig import NOW, SmallTryton, cells, settings

FILE = Path(__file__).parents[2] / "data/tryton/recorded.json"
RECORDED: dict[str, list[dict[str, Any]]] = json.loads(FILE.read_text(encoding="utf-8"))


class Replay(httpx.AsyncBaseTransport):
    """Answers a recording in its order; asked for anything else it fails."""

    def __init__(self) -> None:
        self._calls = iter(RECORDED["full"])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer the call that is due."""
        call, due = json.loads(request.content), next(self._calls)
        assert (request.url.path, call["method"], call["params"]) == (
            due["path"],
            due["method"],
            due["params"],
        )
        return httpx.Response(due["status"], json=due["answer"])


async def replayed() -> Snapshot:
    options = {
        "user": "admin",
        "password": SecretStr("PASSWORD"),
        "warehouses": ("main", "WH2"),
        "codes": {"main": "WH1"},
        "unsellable": ("DMG",),
    }
    source = TrytonSource(settings(**options), "erp", HttpClient(Replay()))
    return await source.collect(now=NOW, cursor="")


async def test_what_was_open_is_found() -> None:
    found = {sku: figures for (sku, name), figures in cells(await replayed()).items() if any(figures[1:])}
    assert found == {
        "SKU-0002": [101, 4, 0, 0, 0, 0, 0],
        "SKU-0003": [102, 5, 0, 0, 0, 0, 0],
        "SKU-0004": [103, 6, 0, 0, 0, 0, 0],
        "SKU-0010": [103, 0, 0, 0, 0, 6, 3],
        "SKU-0011": [122, 4, 12, 0, 0, 2, 2],
        "SKU-0012": [111, 24, 0, 0, 0, 0, 0],
        "SKU-0018": [122, 0, 5, 0, 0, 0, 0],
    }


async def test_all_goods_with_a_code_are_found_and_nothing_else() -> None:
    snapshot = await replayed()
    assert set(snapshot.skus) == {f"SKU-{number:04}" for number in range(1, 21)}
    assert (snapshot.complete, snapshot.problems, snapshot.floored) == (True, (), 0)


async def test_the_other_warehouse_is_found() -> None:
    found = {sku: figures[0] for (sku, name), figures in cells(await replayed()).items() if name == "WH2"}
    assert (found["SKU-0001"], found["SKU-0005"], found["SKU-0010"]) == (10, 7, 22)


def test_a_count_without_a_location_was_0_and_no_error() -> None:
    calls = [each for each in RECORDED["refusals"] if each["params"][-2:] == [["code", "quantity"], {}]]
    answer = calls[0]
    assert {row["quantity"] for row in answer["answer"]["result"]} == {0.0}


@pytest.mark.parametrize(
    ("method", "status", "kind"),
    [
        ("model.product.product.search_read", 200, Kind.REJECTED),
        ("model.product.product.write", 200, Kind.REJECTED),
        ("model.product.product.nope", 403, Kind.PERMISSION),
        ("common.db.login", 401, Kind.AUTH_REVOKED),
    ],
)
async def test_the_recorded_refusals_have_their_kinds(method: str, status: int, kind: Kind) -> None:
    due = next(each for each in RECORDED["refusals"] if (each["method"], each["status"]) == (method, status))
    content = due["answer"]
    answer = httpx.Response(status, text=content if isinstance(content, str) else json.dumps(content))
    tryton = SmallTryton()
    tryton.on("common.db.login" if "login" in method else "model.ir.date.today", answer)
    with pytest.raises(PortError) as caught:
        await tryton.read()
    assert caught.value.kind is kind


async def test_the_recorded_end_of_a_session_renews_it() -> None:
    due = next(each for each in RECORDED["refusals"] if each["status"] == 401 and "date" in each["method"])
    tryton = SmallTryton()
    tryton.stocked("A")
    tryton.on("model.ir.date.today", httpx.Response(401, text=due["answer"]))
    await tryton.read()
    assert len(tryton.asked("common.db.login")) == 2
