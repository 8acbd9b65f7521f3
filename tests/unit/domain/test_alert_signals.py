"""What events mean."""

import pytest

from syncd.console.live.published import PUBLISHED, WITHHELD_FACTS
from syncd.domain.alerts.kinds import TRAITS, AlertKind
from syncd.domain.alerts.records import Key
from syncd.domain.alerts.signals import EVENTS, NOTICED, Clear, Confirm, Raise, signals_of
from syncd.ports.hooks import Reason

SECRET = "planted-secret"

FACTS: dict[str, object] = {
    "shop": "web",
    "pool": "main",
    "source": "erp",
    "sku": "A",
    "listing": "101",
    "line": "7-1",
    "broker": "mqtt.example:1883",
    "target": "phone",
}

BEGINS = [
    ("low_stock", {"units": 3}, AlertKind.LOW_STOCK, "main", "A"),
    ("oversold", {"units": 3}, AlertKind.OVERSOLD, "main", "A"),
    ("locks_cut", {"units": 3}, AlertKind.LOCKS_CUT, "main", "A"),
    ("changed", {"kind": "off"}, AlertKind.DELISTED, "web", "101"),
    ("put_back", {"because": "by hand"}, AlertKind.PUT_BACK, "web", "101"),
    ("drift", {"by": -2}, AlertKind.DRIFT, "web", ""),
    ("foreign_writer", {"because": "three times"}, AlertKind.FOREIGN_WRITER, "web", "101"),
    ("listing_failing", {"because": "refused"}, AlertKind.LISTING_FAILING, "web", "101"),
    ("listing_unbound", {"because": "no SKU"}, AlertKind.LISTING_UNBOUND, "web", "101"),
    ("binding_held", {"because": "another SKU"}, AlertKind.BINDING_HELD, "web", "101"),
    ("source_failing", {"error": "down"}, AlertKind.SOURCE_FAILING, "erp", ""),
    ("source_failing", {"error": "empty", "emptied": True}, AlertKind.SOURCE_EMPTIED, "erp", ""),
    ("shop_failing", {"error": "down"}, AlertKind.SHOP_FAILING, "web", ""),
    ("shop_failing", {"error": "who?", "kind": "auth_expired"}, AlertKind.SHOP_BLOCKED, "web", ""),
    ("circuit_opened", {}, AlertKind.CIRCUIT_OPEN, "web", ""),
    ("orders_failing", {"error": "down"}, AlertKind.ORDERS_FAILING, "web", ""),
    ("order_doubted", {"because": "no units"}, AlertKind.ORDER_DOUBTED, "web", "7-1"),
    ("tokens_expiring", {"days": 3}, AlertKind.TOKENS_EXPIRING, "web", ""),
    ("tokens_failing", {"error": "refused"}, AlertKind.TOKENS_FAILING, "web", ""),
    ("held", {"because": "42 %"}, AlertKind.PLAN_HELD, "web", ""),
    ("pushed", {"stopped_by": "auth_revoked", "done": 0}, AlertKind.SHOP_BLOCKED, "web", ""),
    ("pushed", {"stopped_by": "signature", "done": 3}, AlertKind.SHOP_BLOCKED, "web", ""),
    ("cycle_stuck", {"seconds": 3600}, AlertKind.CYCLE_STUCK, "", ""),
    ("reload_refused", {}, AlertKind.RELOAD_REFUSED, "", ""),
    ("mqtt_lost", {"error": "gone"}, AlertKind.MQTT_LOST, "mqtt.example:1883", ""),
    ("mqtt_refused", {"error": "who"}, AlertKind.MQTT_LOST, "mqtt.example:1883", ""),
    ("hook_refused", {"because": "signature", "count": 3}, AlertKind.HOOK_REFUSED, "web", ""),
]

_OTHERWISE = {("shop_failing", AlertKind.SHOP_BLOCKED): {"because"}}
"""The facts of a kind that stand under another name in an event."""

ENDS = [
    ("low_stock_over", {}, [AlertKind.LOW_STOCK]),
    ("oversold_over", {}, [AlertKind.OVERSOLD]),
    ("source_recovered", {}, [AlertKind.SOURCE_FAILING, AlertKind.SOURCE_EMPTIED]),
    ("shop_recovered", {}, [AlertKind.SHOP_FAILING, AlertKind.SHOP_BLOCKED]),
    ("circuit_closed", {}, [AlertKind.CIRCUIT_OPEN]),
    ("orders_recovered", {}, [AlertKind.ORDERS_FAILING]),
    ("tokens_renewed", {}, [AlertKind.TOKENS_FAILING, AlertKind.TOKENS_EXPIRING]),
    ("mqtt_connected", {}, [AlertKind.MQTT_LOST]),
    ("started", {}, [AlertKind.CYCLE_STUCK, AlertKind.RELOAD_REFUSED]),
    ("reloaded", {}, [AlertKind.RELOAD_REFUSED]),
    ("pushed", {"done": 2}, [AlertKind.SHOP_BLOCKED]),
    ("cycle_ended", {"scope": "named"}, [AlertKind.CYCLE_STUCK]),
]


@pytest.mark.parametrize(("name", "facts", "kind", "place", "thing"), BEGINS)
def test_what_begins(name: str, facts: dict[str, object], kind: AlertKind, place: str, thing: str) -> None:
    (signal,) = signals_of(name, FACTS | facts)
    assert isinstance(signal, Raise)
    assert signal.key == Key(kind, place, thing)


@pytest.mark.parametrize(("name", "facts", "kind", "place", "thing"), BEGINS)
def test_a_kind_keeps_no_fact_that_its_event_never_has(
    name: str, facts: dict[str, object], kind: AlertKind, place: str, thing: str
) -> None:
    _ = facts, place, thing
    traits = TRAITS[kind]
    inside = {fact for event, fact in WITHHELD_FACTS if event == name}
    kept = {fact for fact in (traits.place, traits.thing, *traits.facts) if fact}
    assert kept <= {*PUBLISHED[name], *inside, *_OTHERWISE.get((name, kind), ())}


@pytest.mark.parametrize("facts", [{"because": Reason.REPLAYED.value}, {"because": "no_hook", "shop": ""}])
def test_a_repeat_and_a_call_to_no_shop_are_no_alert(facts: dict[str, object]) -> None:
    assert list(signals_of("hook_refused", FACTS | facts)) == []


@pytest.mark.parametrize(("name", "facts", "kinds"), ENDS)
def test_what_ends(name: str, facts: dict[str, object], kinds: list[AlertKind]) -> None:
    signals = list(signals_of(name, FACTS | facts))
    assert [signal.key.kind for signal in signals if isinstance(signal, Clear)] == kinds
    assert len(signals) == len(kinds)


def test_a_relisting_ends_a_delisting_or_is_told_itself() -> None:
    (signal,) = signals_of("changed", {**FACTS, "kind": "relist"})
    assert isinstance(signal, Clear)
    assert signal.instead is not None
    assert (signal.key.kind, signal.instead.key.kind) == (AlertKind.DELISTED, AlertKind.RELISTED)


@pytest.mark.parametrize("kind", ["zero", "lower", "raise"])
def test_other_changes_mean_nothing(kind: str) -> None:
    assert list(signals_of("changed", {**FACTS, "kind": kind})) == []


def test_a_push_that_throttling_stopped_proves_nothing_of_credentials() -> None:
    assert list(signals_of("pushed", {**FACTS, "stopped_by": "throttled", "done": 0})) == []


def test_a_whole_cycle_confirms_what_was_noticed_and_frees_what_is_not_held() -> None:
    signals = list(signals_of("cycle_ended", {"scope": "whole", "held": {"web": 0, "jd": 3}}))
    assert signals[1:] == [Confirm(NOTICED), Clear(Key(AlertKind.PLAN_HELD, "web", ""))]


@pytest.mark.parametrize("held", [None, 3, "web"])
def test_an_odd_event_breaks_nothing(held: object) -> None:
    assert len(list(signals_of("cycle_ended", {"scope": "whole", "held": held}))) == 2


def test_most_events_mean_nothing() -> None:
    assert list(signals_of("planned", FACTS)) == []


def test_every_kind_that_no_look_at_the_state_finds_has_an_event() -> None:
    begun = {kind for _, _, kind, *_ in BEGINS} | {AlertKind.RELISTED}
    deficits = {AlertKind.BACKORDERED, AlertKind.OVERLOCKED, AlertKind.OVERTRANSFERRED}
    looked_at = {AlertKind.SOURCE_STALE, AlertKind.BACKLOG, AlertKind.TARGET_FAILING}
    assert begun | deficits | looked_at == set(AlertKind)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_only_facts_on_the_list_of_a_kind_are_kept(name: str) -> None:
    planted = dict.fromkeys(("token", "url", "password", "buyer", "address", "authorization"), SECRET)
    for signal in signals_of(name, {**FACTS, "kind": "off", "done": 0, **planted}):
        if isinstance(signal, Raise):
            assert SECRET not in signal.facts


def test_a_fact_is_one_line_that_can_be_printed_and_stored() -> None:
    text = "a\nb\x1b[31m\ud800" + "x" * 400
    (signal,) = signals_of("shop_failing", {"shop": text, "error": text})
    assert isinstance(signal, Raise)
    assert signal.key.place == "a b?[31m?" + "x" * 290 + "…"
    assert signal.facts.isprintable()


def test_every_kind_has_its_traits() -> None:
    assert set(TRAITS) == set(AlertKind)
