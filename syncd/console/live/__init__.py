"""What happens, as it happens: server-sent events for pages and programs that watch."""

from syncd.console.live.hub import Client, Hub
from syncd.console.live.stream import routes

__all__ = ["Client", "Hub", "routes"]
