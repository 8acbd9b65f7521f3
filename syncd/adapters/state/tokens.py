"""The newest tokens of the shops, as one file in the state folder that nobody else may read."""

import asyncio
import fcntl
import json
import os
import stat
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from syncd.adapters.state.failures import file_error
from syncd.adapters.state.folder import TOKENS, require_ours
from syncd.adapters.state.lock import acquire, release
from syncd.domain.model import ShopName
from syncd.errors import StateError
from syncd.ports.tokens import Kept, Tokens

SCHEMA = "syncd.tokens/1"

_LARGEST = 1024 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_WAY_OUT = (
    "stop syncd and move it away; it then begins with the configured tokens, which have to be new ones "
    "where their refresh token was used since"
)


class FileVault:
    """`TokenVault` as the file `tokens.json` of mode 0600, with a lock beside it for each shop.

    It is written whole, to a file beside it that takes its place once it is on the disk. The folder must be
    there; `uid` is the user we are.
    """

    def __init__(self, folder: Path, *, uid: int | None = None) -> None:
        self._folder = folder
        self._file = folder / TOKENS
        self._uid = os.geteuid() if uid is None else uid

    @asynccontextmanager
    async def held(self, shop: ShopName) -> AsyncIterator[bool]:
        """Yield True and keep the shop's lock until the block ends; at once False if somebody has it.

        Raises:
            StateError: the lock cannot be opened.
        """
        with self._failures():
            self._require_folder()
        descriptor = acquire(self._folder / f"tokens-{shop}.lock")
        if descriptor is None:
            yield False
            return
        try:
            yield True
        finally:
            release(descriptor)

    async def load(self, shop: ShopName) -> Kept | None:
        """Return what was saved last of `shop`, None if nothing was.

        Raises:
            StateError: the file is damaged, not ours, or open to others.
        """
        return (await asyncio.to_thread(self._read)).get(shop)

    async def save(self, shop: ShopName, kept: Kept) -> None:
        """Keep `kept` instead of what was saved of `shop` before; on the disk once this returns.

        Raises:
            StateError: it could not be saved, or what is there cannot be read.
        """
        await asyncio.to_thread(self._change, shop, kept)

    def _change(self, shop: ShopName, kept: Kept) -> None:
        with self._failures():
            self._require_folder()
            self._put(shop, kept)

    def _put(self, shop: ShopName, kept: Kept) -> None:
        with self._alone():
            _replace(self._file, _text({**self._read(), shop: kept}))

    def _read(self) -> dict[ShopName, Kept]:
        with self._failures():
            require_ours((self._folder, self._file), self._uid)
            raw = self._bytes()
        return {} if raw is None else self._understood(raw)

    def _bytes(self) -> bytes | None:
        try:
            descriptor = os.open(self._file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as stream:
            # Of what was opened, not of what has its name by now.
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise StateError(f"{self._file}: is no file; {_WAY_OUT}")
            if found.st_mode & _OTHERS:
                raise StateError(
                    f"{self._file}: other users can read the shops' tokens in it (mode "
                    f"{stat.S_IMODE(found.st_mode):04o}); if nobody can have, chmod 600 {self._file}; else "
                    "have new ones granted"
                )
            return stream.read(_LARGEST + 1)

    def _understood(self, raw: bytes) -> dict[ShopName, Kept]:
        try:
            document = json.loads(raw.decode("utf-8"))
            schema = document["schema"]
            if schema == SCHEMA:
                return {ShopName(shop): _kept(entry) for shop, entry in document["shops"].items()}
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            # Not even the cause: it would quote a part of the file.
            raise StateError(f"{self._file}: the file of the tokens is damaged; {_WAY_OUT}") from None
        raise StateError(f"{self._file}: was written by another version of syncd; {_WAY_OUT}")

    def _require_folder(self) -> None:
        if not self._folder.is_dir():
            raise StateError(
                f"{self._folder}: there is no state yet, so that new tokens could not be kept; the first "
                "`syncd sync` or `syncd run` makes it"
            )
        require_ours((self._folder,), self._uid)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from writing the file; what is done meanwhile takes milliseconds."""
        descriptor = os.open(self._folder / "tokens.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message = f"{self._file}: the tokens of the shops cannot be kept here: {error.strerror}"
            raise file_error(message, error) from error


# --- writing -----------------------------------------------------------------------------------------------


def _replace(file: Path, text: bytes) -> None:
    new = file.with_suffix(".new")
    # What a crash left is not ours to continue: it may be open to others.
    with suppress(FileNotFoundError):
        new.unlink()
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(new, flags, 0o600), "wb") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


# --- the format --------------------------------------------------------------------------------------------


def _text(shops: Mapping[ShopName, Kept]) -> bytes:
    entries = {shop: _entry(kept) for shop, kept in sorted(shops.items())}
    return json.dumps({"schema": SCHEMA, "shops": entries}, indent=1).encode("ascii")


def _entry(kept: Kept) -> dict[str, str | None]:
    tokens = kept.tokens
    return {
        "access": tokens.access,
        "refresh": tokens.refresh,
        "access_expires": _written(tokens.access_expires),
        "refresh_expires": _written(tokens.refresh_expires),
        "seed": kept.seed,
        "saved": _written(kept.saved),
        "begun": _written(kept.begun),
    }


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _kept(entry: Mapping[str, Any]) -> Kept:
    saved = _read_moment(entry["saved"])
    if saved is None:
        raise ValueError("saved is no time")
    return Kept(
        tokens=Tokens(
            access=_read_text(entry["access"]),
            refresh=_read_text(entry["refresh"]),
            access_expires=_read_moment(entry["access_expires"]),
            refresh_expires=_read_moment(entry["refresh_expires"]),
        ),
        seed=_read_text(entry["seed"]),
        saved=saved,
        begun=_read_moment(entry["begun"]),
    )


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("is no text")
    return value


def _read_moment(value: object) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(_read_text(value))
    if moment.tzinfo is None:
        raise ValueError("names no zone")
    return moment
