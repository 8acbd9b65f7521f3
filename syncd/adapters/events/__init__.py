"""Listeners for what happens: the log, and several listeners at once."""

from syncd.adapters.events.fan_out import FanOut
from syncd.adapters.events.log import LogEvents, configure_log

__all__ = ["FanOut", "LogEvents", "configure_log"]
