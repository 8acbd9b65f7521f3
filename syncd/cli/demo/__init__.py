"""`syncd demo`: everything embedded on loopback, to watch syncd at work."""

from syncd.cli.demo.command import demo

__all__ = ["demo"]
