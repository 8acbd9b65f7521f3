"""What is on, told and owed outlives a restart."""

from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.messages import Phase
from tests.unit.domain.alert_desk import AlertDesk, phases, with_rules


def low(desk: AlertDesk, *skus: str, units: int = 3) -> None:
    for sku in skus:
        desk.tell("low_stock", pool="main", sku=sku, units=units)


# --- restarts ------------------------------------------------------------------------------------------


def test_after_a_restart_nothing_is_told_again() -> None:
    desk = AlertDesk()
    desk.on()
    desk.wait(61)
    desk.restart()
    desk.on()
    assert desk.wait(minutes=5) == []


def test_what_was_not_told_before_a_restart_is_told_after_it() -> None:
    desk = AlertDesk()
    desk.on()
    desk.restart()
    assert phases(desk.wait(61)) == [Phase.BEGIN]


def test_the_end_after_a_restart_is_told() -> None:
    desk = AlertDesk()
    desk.on()
    desk.wait(61)
    desk.restart()
    desk.off()
    assert phases(desk.wait(61)) == [Phase.END]


def test_ids_go_on_after_a_restart() -> None:
    desk = AlertDesk()
    desk.on()
    desk.restart()
    desk.on(AlertKind.CIRCUIT_OPEN)
    assert [row.id for row in desk.open] == [1, 2]


def test_what_the_first_whole_cycle_does_not_notice_any_more_is_over() -> None:
    desk = AlertDesk()
    low(desk, "A", "B")
    desk.wait(61)
    desk.restart()
    desk.wait(10)
    low(desk, "B")
    desk.tell("cycle_ended", scope="whole", held={})
    (message,) = desk.wait(61)
    assert (message.phase, [row.thing for row in message.rows]) == (Phase.END, ["A"])


def test_a_cycle_for_named_skus_proves_nothing_of_the_others() -> None:
    desk = AlertDesk()
    low(desk, "A")
    desk.wait(61)
    desk.restart()
    desk.wait(10)
    desk.tell("cycle_ended", scope="named", held={})
    assert len(desk.open) == 1


def test_a_kind_switched_off_meanwhile_ends_without_a_word() -> None:
    desk = AlertDesk()
    desk.on()
    desk.wait(61)
    desk.restart(with_rules(off=frozenset({AlertKind.SHOP_FAILING})))
    assert (desk.wait(minutes=5), desk.open) == ([], [])


def test_what_is_about_a_shop_that_is_no_more_ends_without_a_word() -> None:
    desk = AlertDesk()
    desk.on()
    desk.tell("low_stock", pool="main", sku="A", units=1)
    desk.wait(61)
    desk.restart(with_rules(places={"shop": ["jd"], "pool": ["main"]}))
    desk.wait(minutes=5)
    assert [row.kind for row in desk.open] == [AlertKind.LOW_STOCK]
    assert len(desk.said) == 2


# --- owing ---------------------------------------------------------------------------------------------


def told_once(desk: AlertDesk) -> None:
    desk.on()
    (message,) = desk.wait(61)
    desk.register.owe(message.rows[0], ("phone", "mail"))


def test_a_message_is_owed_until_it_arrived() -> None:
    desk = AlertDesk()
    told_once(desk)
    desk.register.sent("phone", desk.said[0].rows)
    desk.keep()
    assert desk.state[1].owing == ("mail",)


def test_what_is_over_and_still_owed_is_kept() -> None:
    desk = AlertDesk()
    told_once(desk)
    desk.off()
    (message,) = desk.wait(61)
    desk.register.owe(message.rows[0], ("mail",))
    desk.restart()
    assert [(row.is_open, row.owing) for row in desk.register.rows] == [(False, ("mail",))]


def test_an_old_message_that_arrives_late_pays_for_no_newer_one() -> None:
    desk = AlertDesk()
    told_once(desk)
    desk.off()
    (message,) = desk.wait(61)
    desk.register.owe(message.rows[0], ("phone",))
    desk.register.sent("phone", desk.said[0].rows)
    desk.keep()
    assert desk.state[1].owing == ("phone",)


def test_nothing_is_owed_to_targets_that_are_gone() -> None:
    desk = AlertDesk()
    told_once(desk)
    desk.register.drop_targets({"mail"})
    desk.keep()
    assert desk.state[1].owing == ("mail",)


def test_who_got_all_is_forgotten_when_it_is_over() -> None:
    desk = AlertDesk()
    told_once(desk)
    for target in ("phone", "mail"):
        desk.register.sent(target, desk.said[0].rows)
    desk.off()
    desk.wait(61)
    assert desk.register.rows == []


# --- other settings ------------------------------------------------------------------------------------


def test_nobody_is_reminded_of_what_is_called_less_bad_since() -> None:
    desk = AlertDesk(with_rules(levels={AlertKind.SHOP_FAILING: Level.CRITICAL}))
    desk.on()
    desk.wait(61)
    desk.restart(with_rules(levels={AlertKind.SHOP_FAILING: Level.INFO}))
    assert desk.wait(hours=9) == []
    assert [row.level for row in desk.open] == [Level.INFO]


def test_what_got_worse_and_is_still_not_to_be_told_is_not() -> None:
    desk = AlertDesk(with_rules(min_level=Level.CRITICAL))
    desk.on()
    desk.restart(with_rules(min_level=Level.CRITICAL, levels={AlertKind.SHOP_FAILING: Level.INFO}))
    desk.restart(with_rules(min_level=Level.CRITICAL))
    desk.on()
    assert desk.wait(hours=1) == []


def test_nobody_is_owed_what_is_switched_off() -> None:
    desk = AlertDesk()
    desk.on()
    (message,) = desk.wait(61)
    desk.register.owe(message.rows[0], ["phone"])
    desk.restart(with_rules(off=frozenset({AlertKind.SHOP_FAILING})))
    assert desk.register.rows[0].owed == ""
