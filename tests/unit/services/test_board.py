"""How every shop and source is, as the documents whose schemas are shipped."""

from datetime import timedelta

from syncd.adapters.memory import FakeClock, MemoryStore
from syncd.domain.model import ListingId, ShopName, SourceName
from syncd.domain.records import PendingRow, ShopState, ShopStatus, SourceState
from syncd.ports.store import Measured
from syncd.services.board import Board
from tests.unit.adapters.mqtt_schemas import fits

A, B, ERP = ShopName("a"), ShopName("b"), SourceName("erp")


class Desk:
    """A board over a state in memory, for the shop `a` and the source `erp`."""

    def __init__(self) -> None:
        self.clock, self.store = FakeClock(), MemoryStore()
        self.board = Board(self.store, self.clock, shops=[A], sources=[ERP])

    async def shop(self) -> dict[str, object]:
        document = (await self.board.documents())["shop/a/state"]
        assert document is not None
        return document


async def test_before_anything_is_known_the_documents_fit_their_schemas() -> None:
    documents = await Desk().board.documents()

    assert {topic: fits(topic.partition("/")[0], document) for topic, document in documents.items()} == {
        "shop/a/state": True,
        "source/erp/state": True,
    }


async def test_a_shop_that_fails_says_since_when_and_why() -> None:
    desk = Desk()
    at = desk.clock.now()
    await desk.store.save_shop(
        ShopState(name=A, status=ShopStatus.PAUSED, error="down", failing_since=at, observed_at=at)
    )
    document = await desk.shop()

    assert (document["status"], document["error"], document["since"], fits("shop", document)) == (
        "paused",
        "down",
        at.isoformat(),
        True,
    )


async def test_decreases_that_wait_have_a_count_and_a_time() -> None:
    desk = Desk()
    at = desk.clock.now()
    rows = [
        PendingRow(A, ListingId(str(number)), at - timedelta(seconds=number), None, number == 2)
        for number in (1, 2)
    ]
    await desk.store.save_measures(Measured(pending=tuple(rows)))
    document = await desk.shop()

    assert (document["decreases"], fits("shop", document)) == (
        {"waiting": 2, "held": 1, "oldest": (at - timedelta(seconds=1)).isoformat()},
        True,
    )


async def test_the_last_push_and_what_is_held_are_told() -> None:
    desk = Desk()
    desk.board.tell("pushed", shop="a", done=3, refused=1, unknown=0, not_tried=0, calls=2, because="")
    desk.board.tell("cycle_ended", held={"a": 4, "b": 0}, seconds=1.0)
    document = await desk.shop()

    assert (document["last_push"], document["held"], fits("shop", document)) == (
        {
            "at": desk.clock.now().isoformat(),
            "done": 3,
            "refused": 1,
            "unknown": 0,
            "not_tried": 0,
            "calls": 2,
        },
        4,
        True,
    )


async def test_what_left_the_configuration_is_to_be_forgotten() -> None:
    desk = Desk()
    await desk.store.save_shop(ShopState(name=B))
    await desk.store.save_source(SourceState(name=SourceName("old")))
    documents = await desk.board.documents()

    assert [topic for topic, document in documents.items() if document is None] == [
        "shop/b/state",
        "source/old/state",
    ]


async def test_a_source_says_the_time_of_its_figures() -> None:
    desk = Desk()
    await desk.store.save_source(SourceState(name=ERP, seq=3, as_of=desk.clock.now(), error="late"))
    document = (await desk.board.documents())["source/erp/state"]

    assert document is not None
    assert (document["seq"], document["as_of"], document["error"], fits("source", document)) == (
        3,
        desk.clock.now().isoformat(),
        "late",
        True,
    )
