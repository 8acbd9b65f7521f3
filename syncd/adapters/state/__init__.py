"""The state in SQLite, through SQLAlchemy Core and Alembic, with locks and tokens as files beside it.

`open_store`, `FileLock`, `FileVault` and `FileCopies` are the way in.
"""

from syncd.adapters.state.backups import FileCopies
from syncd.adapters.state.copies import Care
from syncd.adapters.state.lock import FileLock
from syncd.adapters.state.opening import open_store
from syncd.adapters.state.tokens import FileVault

__all__ = ["Care", "FileCopies", "FileLock", "FileVault", "open_store"]
