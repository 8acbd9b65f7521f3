"""What happens, as it happens: server-sent events for pages and programs that watch."""

from syncd.console.live.hub import Client, Hub

__all__ = ["Client", "Hub"]
