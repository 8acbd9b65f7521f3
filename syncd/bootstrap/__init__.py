"""The composition root: the only place that knows concrete classes."""

from syncd.bootstrap.app import (
    POLL,
    App,
    Seams,
    open_app,
    open_state,
    open_vault,
    read_configuration,
    set_up_log,
    slow_shops,
)
from syncd.bootstrap.bell import Bell
from syncd.bootstrap.care import open_copies
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
