"""A scrape as Prometheus sees it: read by the library's own parser."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from syncd.console.metrics import Metrics


class Sample(NamedTuple):
    """One line of a scrape."""

    name: str
    labels: Mapping[str, str]
    value: float


def samples(page: bytes) -> Iterator[Sample]:
    """Yield every line of a scrape; a page that is not valid raises `ValueError`."""
    for family in text_string_to_metric_families(page.decode()):
        for sample in family.samples:
            yield Sample(sample.name, sample.labels, sample.value)


def page_of(metrics: Metrics) -> bytes:
    """Return the page in the text format."""
    return generate_latest(metrics)


def value(page: bytes, name: str, **labels: str) -> float | None:
    """Return the value of one line, None where there is none."""
    found = [one.value for one in samples(page) if (one.name, one.labels) == (name, labels)]
    assert len(found) <= 1, f"{name} {labels} stands there {len(found)} times"
    return found[0] if found else None


def values(page: bytes, name: str) -> dict[tuple[str, ...], float]:
    """Return the values of all lines of a name by their labels, in the order of the labels' names."""
    return {
        tuple(text for _, text in sorted(one.labels.items())): one.value
        for one in samples(page)
        if one.name == name
    }
