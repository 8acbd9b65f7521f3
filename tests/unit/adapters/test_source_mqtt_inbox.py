"""What is kept of the messages, and what the broker may forget."""

from datetime import UTC, datetime

from syncd.adapters.sources.mqtt.inbox import MOST, Inbox
from syncd.adapters.sources.mqtt.messages import MOST_PARTS, StockMessage
from syncd.domain.model import SnapshotKind

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def said(seq: int) -> StockMessage:
    return StockMessage(
        id=f"m{seq}", publisher="p", seq=seq, as_of=NOW, kind=SnapshotKind.DELTA, lines=({"sku": str(seq)},)
    )


class Desk:
    """An inbox, and the numbers of which the broker was told that we have them."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.had: list[int] = []

    def put(self, seq: int) -> str:
        return self.inbox.put(said(seq), lambda: self.had.append(seq))


def test_a_message_that_comes_again_is_kept_once_and_the_broker_told_of_the_first() -> None:
    desk = Desk()

    assert ([desk.put(1), desk.put(1)], desk.had, desk.inbox.messages) == (["", ""], [1], [said(1)])


def test_what_was_made_into_a_snapshot_is_forgotten_by_the_broker_once_that_is_accepted() -> None:
    desk = Desk()
    desk.put(1)
    desk.inbox.offer("cursor", [said(1)])
    desk.put(2)
    before = list(desk.had)
    desk.inbox.accepted("cursor")

    assert (before, desk.had) == ([], [1])


def test_another_cursor_says_nothing_of_what_was_offered() -> None:
    desk = Desk()
    desk.put(1)
    desk.inbox.offer("cursor", [said(1)])
    desk.inbox.accepted("the one before")

    assert desk.had == []


def test_when_it_is_full_what_waits_for_the_state_is_kept() -> None:
    desk = Desk()
    for seq in range(MOST):
        desk.put(seq + 1)

    assert (desk.put(MOST + 1), desk.had) == (f"{MOST} messages wait already", [MOST + 1])


def test_when_it_is_full_what_waits_for_a_number_only_makes_room() -> None:
    desk = Desk()
    for seq in range(MOST):
        desk.put(seq + 1)
    desk.inbox.release([said(1), said(2)])

    assert (desk.put(MOST + 1), desk.inbox.messages[0].seq) == ("", 3)


def test_the_largest_full_reading_fits_in_beside_what_waits_for_a_number() -> None:
    desk = Desk()
    for seq in range(MOST_PARTS + 10):
        desk.put(seq + 1)
        desk.inbox.release([said(seq + 1)])

    assert len(desk.inbox.messages) == MOST_PARTS + 10
