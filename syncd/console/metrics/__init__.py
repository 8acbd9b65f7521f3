"""Figures for Prometheus: counted from events, read from the last survey, shown at `/metrics`."""

from syncd.console.metrics.metrics import Metrics, routes
from syncd.console.metrics.standing import Watched

__all__ = ["Metrics", "Watched", "routes"]
