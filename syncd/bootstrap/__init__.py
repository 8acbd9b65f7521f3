"""The composition root: the only place that knows concrete classes."""

from syncd.bootstrap.app import (
    POLL,
    App,
    Bell,
    Seams,
    open_app,
    open_state,
    open_vault,
    read_configuration,
    set_up_log,
)

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
