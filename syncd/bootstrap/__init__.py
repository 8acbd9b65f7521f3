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
)
from syncd.bootstrap.bell import Bell

__all__ = [
    "POLL",
    "App",
    "Bell",
    "Seams",
    "open_app",
    "open_state",
    "open_vault",
    "read_configuration",
    "set_up_log",
]
