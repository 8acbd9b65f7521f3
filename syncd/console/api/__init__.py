"""The API under `/api/v1`: what the desk answers, for programs."""

from syncd.console.api.routes import routes

__all__ = ["routes"]
