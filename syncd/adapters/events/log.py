"""The log: one structured line per event, on stderr."""

import logging
import sys
from functools import cached_property
from typing import TextIO

import structlog

from syncd.adapters.events.strays import hear_strays

_LOUD = frozenset(
    {
        "source_failing",
        "shop_failing",
        "orders_failing",
        "order_doubted",
        "listing_failing",
        "held",
        "row_refused",
        "oversold",
        "overlocked",
        "overtransferred",
        "locks_cut",
        "low_stock",
        "put_back",
        "foreign_writer",
        "binding_held",
        "alerts_lost",
        "reload_refused",
        "http_failed",
        "companion_failed",
        "library_failed",
        "login_refused",
        "cycle_stuck",
        "mqtt_lost",
        "mqtt_refused",
        "trigger_refused",
        "stock_missing",
        "stock_refused",
        "hook_refused",
        "sku_unknown",
        "tokens_failing",
        "purge_failing",
        "tokens_expiring",
        "circuit_opened",
    }
)
_QUIET = frozenset(
    {
        "changed",
        "listing_unbound",
        "source_collected",
        "drift",
        "alert",
        "cycle_ended",
        "lowered",
        "measured",
        "stock_watched",
        "hook_taken",
    }
)


_RENAMED = {"level": "of_level", "event": "of_event", "timestamp": "of_time"}
"""Facts that a line of the log has words of its own for, which would take their place."""


def configure_log(level: str, *, as_json: bool, stream: TextIO = sys.stderr) -> None:
    """Write events of at least `level` to `stream`, as JSON lines or for people.

    What libraries would write there by themselves becomes a line like all others.
    """
    ending: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            ending,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    hear_strays(LogEvents())


class LogEvents:
    """Writes every event as one line; outages as warnings, single listings only at level debug.

    The log must be configured before the first event.
    """

    @cached_property
    def _log(self) -> structlog.typing.FilteringBoundLogger:
        # Bound once: to make a logger for every event that is not written took 35 us for each change.
        bound: structlog.typing.FilteringBoundLogger = structlog.get_logger().bind()
        return bound

    def tell(self, name: str, /, **facts: object) -> None:
        """Write one line; empty facts are left out."""
        shown = {_RENAMED.get(key, key): value for key, value in facts.items() if value not in ("", None)}
        if name in _LOUD:
            self._log.warning(name, **shown)
        elif name in _QUIET:
            self._log.debug(name, **shown)
        else:
            self._log.info(name, **shown)
