"""`syncd demo`: everything embedded on loopback, to watch syncd at work."""

from syncd.cli.demo.command import Performance, demo

__all__ = ["Performance", "demo"]
