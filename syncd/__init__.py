"""Keep the stock counters of many shops exact."""

__version__ = "0.1.0"
