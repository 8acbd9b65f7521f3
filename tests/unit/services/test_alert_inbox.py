"""Events wait for alerting without growing, and nobody waits for it."""

from syncd.domain.alerts.kinds import AlertKind
from syncd.domain.alerts.signals import Clear, Raise
from syncd.services.alerting import Inbox
from tests.unit.services.alert_world import AlertWorld


def test_the_newest_word_of_an_alert_counts() -> None:
    inbox = Inbox()
    for _ in range(1000):
        inbox.tell("shop_failing", shop="web", error="down")
        inbox.tell("shop_recovered", shop="web")
    assert [type(signal) for signal in inbox.take()] == [Clear, Clear]


def test_what_was_taken_is_gone() -> None:
    inbox = Inbox()
    inbox.tell("shop_failing", shop="web", error="down")
    inbox.take()
    assert inbox.take() == []


def test_signals_keep_the_order_of_their_newest_words() -> None:
    inbox = Inbox()
    for shop in ("a", "b", "a"):
        inbox.tell("shop_failing", shop=shop, error="down")
    assert [signal.key.place for signal in inbox.take() if isinstance(signal, Raise)] == ["b", "a"]


def test_a_full_inbox_drops_the_oldest_and_counts_it() -> None:
    inbox = Inbox(most=2)
    for shop in ("a", "b", "c"):
        inbox.tell("shop_failing", shop=shop, error="down")
    assert [signal.key.place for signal in inbox.take() if isinstance(signal, Raise)] == ["b", "c"]
    assert (inbox.take_lost(), inbox.take_lost()) == (1, 0)


def test_other_events_leave_it_empty() -> None:
    inbox = Inbox()
    inbox.tell("planned", digest="0" * 16, changes=3)
    assert inbox.take() == []


async def test_lost_alerts_are_told() -> None:
    world = AlertWorld()
    async with world.running():
        world.inbox._most = 1
        world.shop_fails("a")
        world.shop_fails("b")
        await world.wait(2)
    assert world.told.named("alerts_lost") == [{"count": 1}]


def test_a_whole_cycle_and_its_notices_fit_in_order() -> None:
    inbox = Inbox()
    inbox.tell("low_stock", pool="main", sku="A", units=1)
    inbox.tell("cycle_ended", scope="whole", held={})
    kinds = [signal.key.kind for signal in inbox.take() if not hasattr(signal, "kinds")]
    assert kinds == [AlertKind.LOW_STOCK, AlertKind.CYCLE_STUCK]
