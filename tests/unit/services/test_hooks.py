"""A delivery rings once, in time, for what it points at; all others are counted and told now and then."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.domain.look import Look
from syncd.ports.hooks import Answer, Message, Probe, Reason, Refused, Signed
from syncd.services.hooks import QUIET, REFUSAL, REMEMBERED, UNTIMED, HookJob, Hooks
from tests.unit.services.hooks_rig import HEARD, SHOP, Fixed, Scene, signed


def test_a_delivery_that_names_orders_has_them_looked_at() -> None:
    scene = Scene()
    answer = scene.hooks(signed("1", orders=("4800",))).take(SHOP, scene.request())
    assert answer == HEARD
    assert scene.looks == [Look(shop=SHOP, orders=frozenset({"4800"}))]


def test_a_delivery_that_names_none_has_the_shop_looked_at() -> None:
    scene = Scene()
    scene.hooks(signed("1")).take(SHOP, scene.request())
    assert scene.looks == [Look(shop=SHOP)]


def test_a_shop_that_cannot_be_asked_for_orders_is_looked_at_whole() -> None:
    scene = Scene()
    scene.hooks(signed("1", orders=("4800",)), names_orders=False).take(SHOP, scene.request())
    assert scene.looks == [Look(shop=SHOP)]


def test_orders_of_several_messages_are_looked_at_at_once() -> None:
    scene = Scene()
    rows = (Message(ids=("1",), orders=frozenset("7")), Message(ids=("2",), orders=frozenset("8")))
    scene.hooks(Signed(messages=(*rows, Message(ids=("3",))))).take(SHOP, scene.request())
    assert scene.looks == [Look(shop=SHOP, orders=frozenset({"7", "8"})), Look(shop=SHOP)]


def test_a_delivery_that_comes_again_rings_for_nothing_and_hears_what_it_heard() -> None:
    scene = Scene()
    hooks = scene.hooks(signed("1"))
    answers = [hooks.take(SHOP, scene.request()) for _ in range(3)]
    assert answers == [HEARD] * 3
    assert len(scene.looks) == 1
    assert hooks.counts == {(SHOP, "taken"): 1, (SHOP, "replayed"): 2}


def test_of_a_delivery_with_old_and_new_messages_the_new_ones_count() -> None:
    scene = Scene()
    scene_hooks = scene.hooks(signed("1"))
    scene_hooks.take(SHOP, scene.request())
    mixed = Signed(messages=(Message(ids=("1",)), Message(ids=("2",), orders=frozenset("7"))))
    # The same memory, as it is the same shop: only what it reads next differs.
    scene_hooks._jobs = {SHOP: HookJob(hook=Fixed(mixed))}
    scene_hooks.take(SHOP, scene.request())
    assert scene.looks[1:] == [Look(shop=SHOP, orders=frozenset("7"))]


def test_one_id_of_several_is_enough_to_know_a_message() -> None:
    scene = Scene()
    hooks = scene.hooks(Signed(messages=(Message(ids=("event:1", "signed:a")),)))
    hooks.take(SHOP, scene.request())
    hooks._jobs = {SHOP: HookJob(hook=Fixed(Signed(messages=(Message(ids=("event:2", "signed:a")),))))}
    hooks.take(SHOP, scene.request())
    assert hooks.counts[SHOP, "replayed"] == 1


@pytest.mark.parametrize(
    ("late", "outcome"), [(0, "taken"), (300, "taken"), (301, "stale"), (-300, "taken"), (-301, "early")]
)
def test_a_signed_time_must_lie_within_the_window(late: int, outcome: str) -> None:
    scene = Scene()
    hooks = scene.hooks(signed("1", at=scene.clock.now() - timedelta(seconds=late)))
    answer = hooks.take(SHOP, scene.request())
    assert hooks.counts == {(SHOP, outcome): 1}
    assert (answer == HEARD) is (outcome == "taken")


@given(offset=st.integers(-300, 300), later=st.integers(0, 1200))
def test_what_has_a_signed_time_is_never_taken_twice(offset: int, later: int) -> None:
    scene = Scene()
    hooks = scene.hooks(signed("1", at=scene.clock.now() + timedelta(seconds=offset)))
    hooks.take(SHOP, scene.request())
    scene.clock.advance(later)
    hooks.take(SHOP, scene.request())
    assert hooks.counts[SHOP, "taken"] == 1


@pytest.mark.parametrize(("hours", "taken"), [(23, 1), (24, 2)])
def test_what_has_no_signed_time_is_known_again_for_a_day(hours: int, taken: int) -> None:
    scene = Scene()
    hooks = scene.hooks(signed("1"))
    hooks.take(SHOP, scene.request())
    scene.clock.advance(timedelta(hours=hours).total_seconds())
    hooks.take(SHOP, scene.request())
    assert hooks.counts[SHOP, "taken"] == taken


def test_no_more_than_so_many_ids_are_remembered() -> None:
    scene = Scene()
    hooks = scene.hooks(signed(*map(str, range(REMEMBERED + 500))))
    hooks.take(SHOP, scene.request())
    assert len(scene.memory._seen[SHOP]._until) == REMEMBERED


def test_what_is_over_is_forgotten() -> None:
    scene = Scene()
    hooks = scene.hooks(signed("1"))
    hooks.take(SHOP, scene.request())
    scene.clock.advance(UNTIMED.total_seconds())
    hooks._jobs = {SHOP: HookJob(hook=Fixed(signed("2")))}
    hooks.take(SHOP, scene.request())
    assert list(scene.memory._seen[SHOP]._until) == ["2"]


def test_a_probe_is_answered_and_rings_for_nothing() -> None:
    scene = Scene()
    hooks = scene.hooks(Probe(answer=Answer(body=b"challenge")))
    assert hooks.take(SHOP, scene.request()).body == b"challenge"
    assert (scene.looks, scene.told, hooks.counts) == ([], [], {(SHOP, "probed"): 1})


@pytest.mark.parametrize("reason", list(Reason))
def test_whoever_is_refused_learns_nothing(reason: Reason) -> None:
    scene = Scene()
    answer = scene.hooks(Refused(reason=reason)).take(SHOP, scene.request())
    assert answer == REFUSAL
    assert not scene.looks


def test_a_shop_without_a_hook_is_refused_as_a_forged_delivery_is() -> None:
    scene = Scene()
    hooks = scene.hooks(signed("1"))
    assert hooks.take("nobody", scene.request()) == REFUSAL
    assert hooks.counts == {("", "no_hook"): 1}


def test_names_that_nobody_has_fill_no_memory() -> None:
    scene = Scene()
    hooks = scene.hooks(signed("1"))
    for number in range(1000):
        hooks.take(f"nobody{number}", scene.request())
    assert len(hooks.counts) == len(scene.memory._told) == 1


def test_refusals_are_told_once_in_a_while_with_how_many_there_were() -> None:
    scene = Scene()
    hooks = scene.hooks(Refused(reason=Reason.SIGNATURE))
    for seconds in (0, 1, 1, QUIET):
        scene.clock.advance(seconds)
        hooks.take(SHOP, scene.request())
    facts = {"shop": SHOP, "because": "signature"}
    assert scene.told == [("hook_refused", facts | {"count": 1}), ("hook_refused", facts | {"count": 3})]


def test_each_reason_is_told_for_itself() -> None:
    scene = Scene()
    hooks = scene.hooks(signed("1"))
    hooks.refuse(SHOP, Reason.TOO_LARGE)
    hooks.refuse(SHOP, Reason.TOO_SLOW)
    assert scene.names() == ["hook_refused", "hook_refused"]


def test_what_was_taken_is_told_without_ids() -> None:
    scene = Scene()
    scene.hooks(signed("1", orders=("4800",))).take(SHOP, scene.request())
    assert scene.told == [("hook_taken", {"shop": SHOP, "messages": 1, "orders": 1})]


def test_a_reload_lets_nobody_repeat_what_came_before() -> None:
    scene = Scene()
    for _ in range(2):
        scene.hooks(signed("1")).take(SHOP, scene.request())
    assert len(scene.looks) == 1


def test_two_shops_know_only_their_own_messages() -> None:
    scene = Scene()
    jobs = {name: HookJob(hook=Fixed(signed("1"))) for name in (SHOP, type(SHOP)("other"))}
    hooks = Hooks(jobs, ring=scene.looks.append, clock=scene.clock, events=scene)
    for name in jobs:
        hooks.take(name, scene.request())
    assert len(scene.looks) == 2


@given(order=st.permutations(range(8)), twice=st.sets(st.integers(0, 7)))
def test_in_whatever_order_and_how_often_they_come_each_is_looked_at_once(
    order: list[int], twice: set[int]
) -> None:
    scene = Scene()
    hooks = scene.hooks(signed("0"))
    for number in [*order, *twice]:
        hooks._jobs = {SHOP: HookJob(hook=Fixed(signed(str(number), orders=(str(number),))))}
        hooks.take(SHOP, scene.request())
    named = [order for look in scene.looks for order in look.orders]
    assert sorted(named) == [str(number) for number in range(8)]
