"""The composition root: the only place that knows concrete classes."""

from syncd.bootstrap.app import (
    POLL,
    App,
    Bell,
    Seams,
    open_app,
    open_copies,
    open_state,
    open_vault,
    read_configuration,
    set_up_log,
    slow_shops,
)
from syncd.bootstrap.console import Porch, open_console

__all__ = [
    "POLL",
    "App",
    "Bell",
    "Porch",
    "Seams",
    "open_app",
    "open_console",
    "open_copies",
    "open_state",
    "open_vault",
    "read_configuration",
    "set_up_log",
    "slow_shops",
]
