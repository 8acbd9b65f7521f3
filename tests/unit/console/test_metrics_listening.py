"""What events say is counted, by few labels, and from 0 on."""

from dataclasses import replace

import pytest

from syncd.adapters.memory import FakeClock
from syncd.console.metrics import Metrics, Watched
from syncd.domain.model import PoolName, ShopName, SourceName
from tests.unit.console.scrape import page_of, samples, value, values

SHOPS = (ShopName("jd"), ShopName("tmall"))
WATCHED = Watched(shops=SHOPS, sources=(SourceName("erp"),), pools=(PoolName("main"),))
STARTED = 1_772_445_600.0


def metrics(watched: Watched = WATCHED) -> tuple[Metrics, FakeClock]:
    clock = FakeClock()
    made = Metrics(clock)
    made.show(watched)
    return made, clock


def changed(one: Metrics, old: int | None, new: int, kind: str = "lower", shop: str = "tmall") -> None:
    one.tell("changed", shop=shop, listing="1", sku="A", kind=kind, old=old, new=new, cause="claim", rule="")


def test_changes_are_counted_by_shop_and_kind() -> None:
    one, _ = metrics()
    changed(one, 5, 2)
    changed(one, 2, 0, "zero")
    changed(one, 0, 0, "zero")
    found = values(page_of(one), "syncd_changes_pushed_total")
    assert {labels: count for labels, count in found.items() if count} == {
        ("lower", "tmall"): 1,
        ("zero", "tmall"): 2,
    }


def test_units_are_counted_by_which_way_they_went() -> None:
    one, _ = metrics()
    for old, new in ((5, 2), (2, 9), (None, 4), (3, 3)):
        changed(one, old, new)
    assert values(page_of(one), "syncd_units_pushed_total") == {
        ("lowered", "jd"): 0,
        ("raised", "jd"): 0,
        ("lowered", "tmall"): 3,
        ("raised", "tmall"): 7,
    }


def test_writes_are_counted_by_how_they_ended() -> None:
    one, _ = metrics()
    for _ in range(2):
        one.tell(
            "pushed",
            shop="jd",
            done=3,
            refused=2,
            unknown=1,
            not_tried=4,
            calls=2,
            throttled=1,
            because="",
        )
    found = values(page_of(one), "syncd_writes_total")
    assert {outcome: count for (outcome, shop), count in found.items() if shop == "jd"} == {
        "done": 6,
        "refused": 4,
        "unknown": 2,
        "not_tried": 8,
    }


def test_delays_become_true_histograms() -> None:
    one, _ = metrics()
    one.tell("measured", shop="jd", calls=2, spared=5, sale_to_seen={0.4: 2, 63.1: 1})
    one.tell("measured", shop="jd", sale_to_seen={0.4: 1})
    page = page_of(one)
    buckets = values(page, "syncd_sale_to_seen_seconds_bucket")
    assert (buckets["0.1", "jd"], buckets["0.5", "jd"], buckets["60.0", "jd"], buckets["120.0", "jd"]) == (
        0,
        3,
        3,
        4,
    )
    assert buckets["+Inf", "jd"] == value(page, "syncd_sale_to_seen_seconds_count", shop="jd") == 4
    assert value(page, "syncd_sale_to_seen_seconds_sum", shop="jd") == pytest.approx(64.3)
    assert value(page, "syncd_writes_spared_total", shop="jd") == 5


def test_cycles_are_timed_by_what_they_were_for() -> None:
    one, clock = metrics()
    clock.advance(30)
    facts = {"planned": 4, "done": 4, "failures": 2}
    one.tell("cycle_ended", scope="whole", seconds=2.0, held={"jd": 0, "tmall": 7}, **facts)
    clock.advance(30)
    one.tell("cycle_ended", scope="named", seconds=0.2, held={"jd": 0, "tmall": 0}, **facts)
    one.tell("lowered", seconds=0.1, done=1, left=0)
    page = page_of(one)
    assert values(page, "syncd_cycle_duration_seconds_count") == {
        ("lowered",): 1,
        ("named",): 1,
        ("whole",): 1,
    }
    assert value(page, "syncd_cycle_failures_total") == 4
    assert value(page, "syncd_last_cycle_timestamp_seconds") == STARTED + 30


def test_what_is_held_is_what_the_last_whole_cycle_found() -> None:
    one, _ = metrics()
    facts = {"seconds": 1.0, "planned": 4, "done": 4, "failures": 0}
    one.tell("cycle_ended", scope="whole", held={"jd": 3, "tmall": 7}, **facts)
    one.tell("cycle_ended", scope="named", held={"jd": 0, "tmall": 0}, **facts)
    assert values(page_of(one), "syncd_held_changes") == {("jd",): 3, ("tmall",): 7}
    one.tell("cycle_ended", scope="whole", held={"jd": 0, "tmall": 1}, **facts)
    assert values(page_of(one), "syncd_held_changes") == {("jd",): 0, ("tmall",): 1}


def test_before_the_first_cycle_the_last_one_is_as_old_as_the_program() -> None:
    one, _ = metrics()
    assert value(page_of(one), "syncd_last_cycle_timestamp_seconds") == STARTED


def test_a_circuit_is_open_until_it_is_closed() -> None:
    one, _ = metrics()
    one.tell("circuit_opened", shop="jd")
    assert values(page_of(one), "syncd_shop_circuit_open") == {("jd",): 1, ("tmall",): 0}
    one.tell("circuit_closed", shop="jd")
    assert values(page_of(one), "syncd_shop_circuit_open") == {("jd",): 0, ("tmall",): 0}


def test_what_a_pool_lacks_is_shown_in_skus_and_units() -> None:
    one, _ = metrics()
    one.tell("stock_watched", pool="main", low_stock=(3, 9), oversold=(1, 2))
    page = page_of(one)
    assert values(page, "syncd_stock_notice_skus") == {("low_stock", "main"): 3, ("oversold", "main"): 1}
    assert values(page, "syncd_stock_notice_units") == {("low_stock", "main"): 9, ("oversold", "main"): 2}


def test_a_source_shows_its_last_snapshot() -> None:
    one, _ = metrics()
    one.tell("source_collected", source="erp", kind="full", rows=40, changed=3, missing=0, bad=2, floored=0)
    page = page_of(one)
    assert values(page, "syncd_source_snapshots_total") == {("delta", "erp"): 0, ("full", "erp"): 1}
    assert value(page, "syncd_source_rows", source="erp") == 40
    assert value(page, "syncd_source_bad_rows", source="erp") == 2


def test_the_broker_is_shown_only_where_one_is_configured() -> None:
    one, _ = metrics()
    assert value(page_of(one), "syncd_mqtt_connected") is None
    one, _ = metrics(Watched(has_broker=True))
    assert value(page_of(one), "syncd_mqtt_connected") == 0


def test_the_broker_comes_and_goes() -> None:
    one, _ = metrics(Watched(has_broker=True))
    one.tell("mqtt_connected", broker="b", lost=None)
    assert value(page_of(one), "syncd_mqtt_connected") == 1
    one.tell("mqtt_lost", broker="b", error="gone", hint="")
    assert value(page_of(one), "syncd_mqtt_connected") == 0
    one.tell("mqtt_connected", broker="b (source erp)", source="erp")
    assert value(page_of(one), "syncd_mqtt_connected") == 0
    one.tell("mqtt_connected", broker="b", lost=17)
    assert value(page_of(one), "syncd_mqtt_letters_lost_total") == 17
    one.tell("mqtt_refused", broker="b", error="password", hint="")
    assert value(page_of(one), "syncd_mqtt_connected") == 0


def test_messages_that_were_passed_over_in_silence_count_too() -> None:
    one, _ = metrics(Watched(has_broker=True))
    one.tell("trigger_refused", topic="t", because="not JSON", passed_over=None)
    one.tell("trigger_refused", topic="t", because="not JSON", passed_over=8)
    assert value(page_of(one), "syncd_mqtt_triggers_refused_total") == 10


@pytest.mark.parametrize(
    ("event", "metric"),
    [
        ("drift", "syncd_drift_total"),
        ("foreign_writer", "syncd_foreign_writers_total"),
        ("tokens_renewed", "syncd_tokens_renewed_total"),
        ("tokens_failing", "syncd_token_outages_total"),
    ],
)
def test_what_happens_in_a_shop_is_counted_there(event: str, metric: str) -> None:
    one, _ = metrics()
    one.tell(event, shop="jd", listing="1")
    assert values(page_of(one), metric) == {("jd",): 1, ("tmall",): 0}


def test_every_event_is_counted_by_its_name() -> None:
    one, _ = metrics()
    one.tell("started")
    one.tell("row_refused", source="erp", row=3, message="no number")
    one.tell("row_refused", source="erp", row=4, message="no number")
    assert values(page_of(one), "syncd_events_total") == {("started",): 1, ("row_refused",): 2}


def test_an_event_that_nobody_knows_gets_no_label_of_its_own() -> None:
    one, _ = metrics()
    one.tell("made_up", shop="jd")
    assert values(page_of(one), "syncd_events_total") == {("other",): 1}


@pytest.mark.parametrize("name", ["changed", "pushed", "cycle_ended", "stock_watched", "source_collected"])
def test_an_event_that_lacks_what_it_should_say_breaks_nothing(name: str) -> None:
    one, _ = metrics()
    one.tell(name, shop="jd", pool="main", low_stock=3)
    assert values(page_of(one), "syncd_events_total") == {(name,): 1, ("unread",): 1}


def test_counts_of_shops_begin_at_zero_before_anything_happens() -> None:
    one, _ = metrics()
    page = page_of(one)
    assert value(page, "syncd_writes_total", shop="jd", outcome="refused") == 0
    assert value(page, "syncd_sale_to_accepted_seconds_count", shop="jd") == 0


def test_a_reload_forgets_the_shops_that_are_gone_and_keeps_the_counts_of_others() -> None:
    one, _ = metrics()
    changed(one, 5, 2)
    changed(one, 5, 2, shop="jd")
    one.show(Watched(shops=(ShopName("tmall"), ShopName("web"))))
    found = values(page_of(one), "syncd_changes_pushed_total")
    assert {shop for _, shop in found} == {"tmall", "web"}
    assert found["lower", "tmall"] == 1


def test_no_metric_has_a_label_that_grows_with_the_catalogue() -> None:
    one, _ = metrics()
    changed(one, 5, 2)
    one.tell("drift", shop="jd", listing="600000000001", sku="MUG-RED", by=2)
    one.tell("low_stock", pool="main", sku="MUG-RED", units=2)
    texts = {text for sample in samples(page_of(one)) for text in sample.labels.values()}
    assert texts & {"600000000001", "MUG-RED"} == set()


def test_two_in_one_process_do_not_know_of_each_other() -> None:
    one, other = metrics()[0], metrics()[0]
    one.tell("started")
    assert values(page_of(other), "syncd_events_total") == {}


def test_of_one_metric_no_more_labels_are_kept_than_anybody_has() -> None:
    one, _ = metrics()
    for at in range(3000):
        one.tell("drift", shop=f"s{at}")
    assert len(values(page_of(one), "syncd_drift_total")) == 2000


def test_what_a_configuration_tells_as_it_ends_is_forgotten_with_it() -> None:
    one, _ = metrics()
    one.show(replace(WATCHED, shops=SHOPS[:1]))
    changed(one, 5, 2, shop="tmall")
    changed(one, 5, 2, shop="jd")
    one.tell("reloaded")
    found = values(page_of(one), "syncd_changes_pushed_total")
    assert {shop for _, shop in found} == {"jd"}
    assert found["lower", "jd"] == 1
