"""The folder of the state: whose it is, and what lies in it."""

import os
import pwd
import stat
from collections.abc import Iterable
from pathlib import Path

from syncd.adapters.state.failures import file_error
from syncd.errors import StateError

DATABASE = "state.db"
LOCK = "push.lock"
TOKENS = "tokens.json"
BACKUPS = "backups"

RESTORING = "restoring"
"""Where a copy is made ready to be the state, in a folder of the state's own: a state is one folder."""

_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", LOCK, TOKENS, BACKUPS)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def ready_folder(folder: Path, *, read_only: bool, uid: int | None = None, restoring: bool = False) -> Path:
    """Return the path of the database in `folder`, made ready for us; never opens what is another user's.

    A missing folder is created if its parent exists, unless `read_only`. `uid` is the user we are. Only who
    is `restoring` begins a new state where a restore was broken off.

    Raises:
        StateError: the folder or a file in it is not ours, is missing or cannot be made.
    """
    uid = os.geteuid() if uid is None else uid
    try:
        if not restoring:
            _refuse_half_restored(folder)
        return _ready(folder, read_only=read_only, uid=uid)
    except OSError as error:
        raise file_error(f"{folder}: the state folder cannot be used: {error.strerror}", error) from error


def _ready(folder: Path, *, read_only: bool, uid: int) -> Path:
    file = folder / DATABASE
    if folder.exists():
        if not folder.is_dir():
            raise StateError(f"{folder}: the state folder is a file; move it away or name another folder")
        require_ours((folder, *(folder / name for name in _FILES)), uid)
    elif not read_only:
        _make(folder)
    if not file.exists():
        if read_only:
            raise StateError(f"{file}: there is no state yet; the first `syncd sync` or `syncd run` makes it")
        os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    elif not read_only and file.stat().st_mode & _OTHERS:
        file.chmod(0o600)
    return file


def _refuse_half_restored(folder: Path) -> None:
    """Return unless the old state was moved aside already, and the new one did not take its place."""
    file = folder / DATABASE
    # A restore that fails later leaves an empty file in its place.
    is_there = file.exists() and file.stat().st_size > 0
    if not is_there and (folder / RESTORING / DATABASE).exists():
        raise StateError(
            f"{folder}: a restore was broken off, and the state that was here lies in {folder / BACKUPS}; "
            "run `syncd restore` again: a new state would know of no lock and no paused shop"
        )


def _make(folder: Path) -> None:
    if not folder.parent.is_dir():
        raise StateError(
            f"{folder}: neither the state folder nor {folder.parent} exists; create {folder.parent} or "
            "correct the folder in the configuration"
        )
    folder.mkdir(mode=0o700, exist_ok=True)


def backups_of(folder: Path) -> Path:
    """Return where copies of the state in `folder` lie; it is made where it is missing, for us alone."""
    backups = folder / BACKUPS
    backups.mkdir(mode=0o700, exist_ok=True)
    return backups


def require_ours(paths: Iterable[Path], uid: int) -> None:
    """Return if every path that is there belongs to the user `uid`.

    Raises:
        StateError: one belongs to somebody else.
        OSError: one cannot be looked at.
    """
    for path in paths:
        if path.exists() and (owner := path.stat().st_uid) != uid:
            raise StateError(
                f"{path}: belongs to {_name(owner)}, but this is {_name(uid)}, whose files would stop the "
                f"daemon; run `sudo -u {_name(owner)} syncd ...` instead"
            )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"'#{uid}'"  # What sudo takes for a user without a name.
