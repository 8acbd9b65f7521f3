"""The state in SQLite, through SQLAlchemy Core and Alembic: `open_store` and `FileLock` are the way in."""

from syncd.adapters.state.lock import FileLock
from syncd.adapters.state.opening import open_store

__all__ = ["FileLock", "open_store"]
