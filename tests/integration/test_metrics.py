"""What a real daemon shows at /metrics: every metric that there is, with the labels that it should have.

And what operators are given for Prometheus and Grafana names nothing else.
"""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from syncd.console.metrics.families import FAMILIES, Kind
from syncd.ports.hooks import Reason
from syncd.services.hooks import PROBED, TAKEN
from tests.architecture.rules import ROOT
from tests.docs.promql import Matcher, named
from tests.integration.metrics_rig import scraped
from tests.unit.console.scrape import samples, values

RULES = ROOT / "deploy/prometheus-rules.yml"
CASES = ROOT / "tests/data/prometheus/alerts.yml"
DASHBOARD = ROOT / "deploy/grafana-dashboard.json"

OF_PROMETHEUS = {"instance", "job"}
"""The labels that a scrape adds."""

NOT_SCRAPED = {("syncd_hook_deliveries_total", "verdict"): {*map(str, Reason), TAKEN, PROBED}}
"""What a label can be besides what one daemon happens to show."""


@dataclass(frozen=True, slots=True)
class Scrape:
    """The names of a scrape, each with its labels and all their values."""

    page: bytes
    names: dict[str, dict[str, set[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for sample in samples(self.page):
            labels = self.names.setdefault(sample.name, {})
            for label, text in sample.labels.items():
                labels.setdefault(label, set()).add(text)
        # What Prometheus makes itself.
        self.names["up"] = {label: set() for label in OF_PROMETHEUS}

    def possible(self, metric: str, label: str) -> set[str]:
        """Return what a label can be."""
        return self.names[metric][label] | NOT_SCRAPED.get((metric, label), set())


@pytest.fixture(scope="module")
def scrape(tmp_path_factory: pytest.TempPathFactory) -> Scrape:
    return Scrape(asyncio.run(scraped(tmp_path_factory.mktemp("daemon"))))


# --- the page ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAMILIES)
def test_a_metric_is_shown_by_a_daemon_with_its_labels(name: str, scrape: Scrape) -> None:
    family = FAMILIES[name]
    timed = family.kind is Kind.HISTOGRAM
    shown = scrape.names.get(f"{name}_count" if timed else name)
    assert shown is not None, f"{name} is nowhere on the page"
    assert set(shown) == set(family.labels)


def test_nothing_else_of_ours_is_shown(scrape: Scrape) -> None:
    endings = {Kind.HISTOGRAM: ("_bucket", "_count", "_sum")}
    known = {f"{name}{end}" for name, family in FAMILIES.items() for end in endings.get(family.kind, ("",))}
    assert {name for name in scrape.names if name.startswith("syncd_")} == known


def test_what_the_demo_did_is_on_the_page(scrape: Scrape) -> None:
    assert values(scrape.page, "syncd_shop_up") == {("jd",): 1, ("outlet",): 1, ("tmall",): 1}
    assert sum(values(scrape.page, "syncd_changes_pushed_total").values()) == 22
    assert sum(values(scrape.page, "syncd_held_changes").values()) > 0
    assert values(scrape.page, "syncd_mqtt_connected") == {(): 0}


def test_a_page_is_small_enough_to_be_read_often(scrape: Scrape) -> None:
    assert len(scrape.page) < 100_000


@pytest.mark.parametrize("planted", ["mock-token", "mock-app", "Bearer", "argon2"])
def test_no_secret_is_on_the_page(planted: str, scrape: Scrape) -> None:
    assert planted not in scrape.page.decode()


def test_no_label_is_a_sku_or_a_listing(scrape: Scrape) -> None:
    texts = {
        text
        for name, labels in scrape.names.items()
        if name.startswith("syncd_")
        for found in labels.values()
        for text in found
    }
    assert [
        text for text in texts if any(code in text for code in ("MUG", "LAMP", "TEA", "茶杯", "OLD"))
    ] == []


# --- what operators are given ------------------------------------------------------------------------------


def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return rules


def _alerts() -> Iterator[Mapping[str, Any]]:
    for group in _rules()["groups"]:
        yield from group["rules"]


def _dashboard() -> dict[str, Any]:
    dashboard: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return dashboard


def _panels() -> list[Any]:
    panels: list[Any] = _dashboard()["panels"]
    return panels


def _expressions() -> Iterator[tuple[str, str]]:
    for rule in _alerts():
        yield rule["alert"], rule["expr"]
    for panel in _panels():
        for target in panel.get("targets", ()):
            yield f"{panel['title']} {target['refId']}", target["expr"]


def _unknown(matcher: Matcher, possible: set[str]) -> set[str]:
    """Return the values that a matcher names and that the label never has; of a pattern each of its words."""
    if "$" in matcher.value or "." in matcher.value:
        return set()
    named_values = matcher.value.split("|") if "~" in matcher.sign else [matcher.value]
    return set(named_values) - possible


@pytest.mark.parametrize(("where", "expression"), [*_expressions()], ids=lambda text: text[:40])
def test_an_expression_names_only_what_a_daemon_shows(where: str, expression: str, scrape: Scrape) -> None:
    found = named(expression)
    assert found.metrics, where
    assert found.metrics - scrape.names.keys() == set()
    labels = {label for metric in found.metrics for label in scrape.names[metric]}
    assert found.grouped - labels - OF_PROMETHEUS == set()
    for metric, matchers in found.selectors:
        for matcher in matchers:
            if matcher.label in OF_PROMETHEUS:
                continue
            assert matcher.label in scrape.names[metric], f"{metric} has no label {matcher.label}"
            assert _unknown(matcher, scrape.possible(metric, matcher.label)) == set()


def test_the_variables_of_the_dashboard_are_read_from_metrics_that_exist(scrape: Scrape) -> None:
    queries = [
        variable["definition"]
        for variable in _dashboard()["templating"]["list"]
        if variable["type"] == "query"
    ]
    assert len(queries) == 2
    for query in queries:
        found = named(query)
        assert (found.metrics - {"instance", "shop"}) <= scrape.names.keys()


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    for rule in _alerts():
        assert rule["labels"]["severity"] in {"critical", "warning"}, rule["alert"]
        assert set(rule["annotations"]) == {"summary", "description"}, rule["alert"]
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule["alert"]


def test_alerts_and_groups_have_names_of_their_own() -> None:
    names = [rule["alert"] for rule in _alerts()]
    groups = [group["name"] for group in _rules()["groups"]]
    assert len(set(names)) == len(names) > 20
    assert len(set(groups)) == len(groups)
    assert all(name.startswith("Syncd") for name in names)


def test_words_of_an_alert_use_only_labels_that_it_has(scrape: Scrape) -> None:
    for rule in _alerts():
        found = named(rule["expr"])
        labels = {label for metric in found.metrics for label in scrape.names[metric]}
        for text in rule["annotations"].values():
            words = [word.split()[0] for word in text.split("$labels.")[1:]]
            assert set(words) <= labels | OF_PROMETHEUS, rule["alert"]


def test_the_dashboard_can_be_imported() -> None:
    dashboard = _dashboard()
    assert (dashboard["uid"], dashboard["title"]) == ("syncd", "syncd")
    assert {"datasource", "instance", "shop"} == {one["name"] for one in dashboard["templating"]["list"]}
    assert [panel["title"] for panel in _panels() if panel["type"] == "row"] == [
        "Are all shops right",
        "Delays",
        "Calls and limits",
        "Sources",
        "State and process",
    ]


def test_panels_have_ids_of_their_own_and_say_what_they_show() -> None:
    panels = _panels()
    assert len({panel["id"] for panel in panels}) == len(panels)
    shown = [panel for panel in panels if panel["type"] != "row"]
    assert len({panel["title"] for panel in shown}) == len(shown)
    for panel in shown:
        assert panel["type"] in {"stat", "timeseries", "state-timeline", "table"}, panel["title"]
        assert panel["description"].endswith("."), panel["title"]
        references = [target["refId"] for target in panel["targets"]]
        assert references, panel["title"]
        assert len(set(references)) == len(references)
        sources = {target["datasource"]["uid"] for target in panel["targets"]}
        assert sources == {panel["datasource"]["uid"]} == {"${datasource}"}


def test_the_cases_for_the_rules_use_only_what_a_daemon_shows(scrape: Scrape) -> None:
    cases = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    alerts = {rule["alert"] for rule in _alerts()}
    for case in cases["tests"]:
        for series in case["input_series"]:
            ((metric, matchers),) = named(series["series"]).selectors
            for matcher in matchers:
                assert matcher.label in {*scrape.names[metric], *OF_PROMETHEUS}, series["series"]
        for expected in case.get("alert_rule_test", ()):
            assert expected["alertname"] in alerts


def test_panels_do_not_cover_each_other() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in _panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                assert (x, y) not in taken, f"{panel['title']} covers {taken[x, y]}"
                taken[x, y] = panel["title"]


def test_prometheus_itself_accepts_page_and_rules_and_fires_them_as_it_should(
    scrape: Scrape, tmp_path: Path
) -> None:
    program = shutil.which("promtool")
    if program is None:
        pytest.skip("promtool is missing: install the package `prometheus` to have it judge rules and page")
    page = tmp_path / "page"
    page.write_bytes(scrape.page)
    with page.open("rb") as stream:
        for arguments in (
            ["check", "rules", str(RULES)],
            ["check", "metrics"],
            ["test", "rules", str(CASES)],
        ):
            done = subprocess.run(
                [program, *arguments], stdin=stream, capture_output=True, text=True, check=False, timeout=60
            )
            assert done.returncode == 0, done.stdout + done.stderr
