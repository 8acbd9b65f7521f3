"""The manual names every metric, and what it says of Prometheus is true."""

import re
from itertools import pairwise
from typing import Any

import yaml

from syncd.console.live.hub import KEPT, MOST_CLIENTS
from syncd.console.live.published import PUBLISHED
from syncd.console.live.stream import KEEP_ALIVE, PATIENCE
from syncd.console.metrics.families import FAMILIES
from syncd.domain.delays import BOUNDS
from syncd.services.surveying import EVERY, TALLY_EVERY
from tests.architecture.rules import ROOT
from tests.docs.readme_rig import blocks, rows

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = TEXT.partition("\n## Metrics\n")[2].partition("\n## ")[0]


def test_every_metric_is_in_the_table_and_no_other() -> None:
    table = [(kind, name.strip("`")) for name, kind, *_ in rows(TEXT, "<!-- metrics -->")]
    assert table == [(family.kind.value, name) for name, family in FAMILIES.items()]


def test_the_text_names_no_metric_that_is_not_there() -> None:
    named = set(re.findall(r"`(syncd_\w+)", TEXT))
    assert named == FAMILIES.keys()


def test_names_and_labels_follow_the_conventions_of_prometheus() -> None:
    for name, family in FAMILIES.items():
        assert re.fullmatch(r"syncd_[a-z_]+", name)
        assert name.endswith("_total") == (family.kind == "counter"), name
        assert not re.search(r"_(ms|minutes|hours|kb|mb|percent)\b", name), name
        assert family.help_.endswith("."), name
        assert set(family.labels).isdisjoint({"sku", "listing", "order", "le"}), name
        assert list(family.buckets) == sorted(set(family.buckets)), name


def test_the_example_for_prometheus_is_what_it_reads() -> None:
    (block,) = blocks(TEXT, "yaml", "Metrics")
    read: dict[str, Any] = yaml.safe_load(block.text)
    (job,) = read["scrape_configs"]
    assert job["job_name"] == "syncd"
    assert job["static_configs"][0]["targets"] == ["127.0.0.1:8700"]
    assert read["rule_files"] == ["prometheus-rules.yml"]


def test_the_figures_of_the_text_are_those_of_the_program() -> None:
    said = " ".join(SECTION.split())
    for figure in (
        f"every {EVERY:g} seconds",
        f"silence of {KEEP_ALIVE:g} seconds",
        f"nothing for {PATIENCE:g} seconds",
        f"last {KEPT} events",
        f"At most {MOST_CLIENTS} may",
    ):
        assert figure in said, figure
    assert TALLY_EVERY == 60
    worst = max(above / below for below, above in pairwise(BOUNDS.tolist())) - 1
    assert f"at most {worst * 100:.0f} % too long" in said


def test_the_events_that_are_named_for_the_stream_are_published() -> None:
    (example,) = re.findall(r"\?names=([a-z_,]+)", SECTION)
    assert set(example.split(",")) <= PUBLISHED.keys()
