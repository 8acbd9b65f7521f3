"""Figures by metric and labels, as one process counts them; no other book knows of them."""

from bisect import bisect_left
from collections.abc import Collection, Iterator
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from syncd.console.metrics.families import FAMILIES, Family, Kind

Labels = tuple[str, ...]

MOST = 2000
"""So many sets of labels of one metric: whoever counts must not be able to fill the memory."""


class Book:
    """Counts what it is told; plain dictionaries, because an event may come a hundred thousand times.

    The library's own counters take a lock for each, and register themselves for the whole process.
    """

    def __init__(self) -> None:
        self._values: dict[str, dict[Labels, float]] = {}
        self._timings: dict[str, dict[Labels, list[int]]] = {}
        self._sums: dict[str, dict[Labels, float]] = {}

    def add(self, family: Family, *labels: str, amount: float = 1) -> None:
        """Count `amount` more."""
        values = self._values.setdefault(family.name, {})
        if labels in values:
            values[labels] += amount
        elif len(values) < MOST:
            values[labels] = amount

    def put(self, family: Family, value: float, *labels: str) -> None:
        """Set a figure."""
        values = self._values.setdefault(family.name, {})
        if labels in values or len(values) < MOST:
            values[labels] = value

    def observe(self, family: Family, seconds: float, *labels: str, times: int = 1) -> None:
        """Count that something took so long, so many times; 0 times makes it known."""
        timings = self._timings.setdefault(family.name, {})
        if labels not in timings:
            if len(timings) >= MOST:
                return
            timings[labels] = [0] * (len(family.buckets) + 1)
        timings[labels][bisect_left(family.buckets, seconds)] += times
        sums = self._sums.setdefault(family.name, {})
        sums[labels] = sums.get(labels, 0.0) + seconds * times

    def drop(self, family: Family, label: str, kept: Collection[str]) -> None:
        """Forget what is counted under a `label` that is none of `kept`: a shop that was dropped."""
        at = family.labels.index(label)
        for books in (self._values, self._timings, self._sums):
            book = books.get(family.name, {})
            for labels in [labels for labels in book if labels[at] not in kept]:
                del book[labels]

    def collect(self) -> Iterator[Metric]:
        """Yield every metric of which something is counted, in their order."""
        for name, family in FAMILIES.items():
            if name in self._values:
                yield self._counted(family)
            elif name in self._timings:
                yield self._timed(family)

    def _counted(self, family: Family) -> Metric:
        made = CounterMetricFamily if family.kind is Kind.COUNTER else GaugeMetricFamily
        metric = made(family.name, family.help_, labels=family.labels)
        for labels, value in sorted(self._values[family.name].items()):
            metric.add_metric(labels, value)
        return metric

    def _timed(self, family: Family) -> Metric:
        metric = HistogramMetricFamily(family.name, family.help_, labels=family.labels)
        bounds = [*(str(float(bound)) for bound in family.buckets), "+Inf"]
        for labels, counts in sorted(self._timings[family.name].items()):
            buckets = list(zip(bounds, accumulate(counts), strict=True))
            metric.add_metric(labels, buckets, self._sums[family.name][labels])
        return metric
