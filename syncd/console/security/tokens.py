"""Prove tokens by their argon2 hashes, beside the loop and not more than a few at once."""

import asyncio
import hmac
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from syncd.config.http import TokenTable
from syncd.console.access import Caller, Role

LONGEST = 256
"""Characters of a token at most."""

_HASH_OF_NOTHING = (
    "$argon2id$v=19$m=65536,t=3,p=4$c3luY2Rzbm90YXNhbHQ$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
)
_MOST_KNOWN = 1024
_MOST_WAITING = 16


class Busy(Exception):  # noqa: N818 - says how things are; the gate turns it into an answer
    """Too many proofs wait already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """Somebody whose token was proven; `stamp` is another one once the token's hash or role is changed."""

    caller: Caller
    stamp: str


def new_token(name: str) -> str:
    """Return a fresh token of 256 random bits; it begins with its name, by which its hash is found."""
    return f"{name}.{secrets.token_urlsafe(32)}"


def new_hash(token: str) -> str:
    """Return what stands for the token in the configuration."""
    return PasswordHasher().hash(token)


def named_in(token: str) -> str | None:
    """Return the name that a token begins with, None for what cannot be a token."""
    name, dot, secret = token.partition(".")
    is_whole = bool(name and dot and secret) and len(token) <= LONGEST and token.isascii()
    return name if is_whole else None


class Tokens:
    """The tokens of one configuration.

    A proof takes tens of milliseconds on purpose, so a proven token is remembered: by a keyed hash, as the
    token itself is kept nowhere. An unknown name costs the same time as a known one.
    """

    def __init__(self, tables: Mapping[str, TokenTable], *, at_once: int = 2) -> None:
        self._proven = {name: _proven(name, table) for name, table in tables.items()}
        self._hashes = {name: table.hash.get_secret_value() for name, table in tables.items()}
        self._nobody = next(iter(self._hashes.values()), _HASH_OF_NOTHING)
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, str] = OrderedDict()
        self._free = asyncio.Semaphore(at_once)
        self._waiting = 0

    def __contains__(self, name: object) -> bool:
        return name in self._proven

    def stamp(self, name: str) -> str | None:
        """Return the present stamp of a token, None where there is no such token."""
        proven = self._proven.get(name)
        return proven.stamp if proven else None

    def remembered(self, token: str) -> Proven | None:
        """Return whose token it is if that was proven before."""
        name = self._known.get(self._digest(token))
        return self._proven[name] if name is not None else None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn to prove something, and have it until the block ends.

        Raises:
            Busy: too many wait already.
        """
        if self._waiting >= _MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()

    async def prove(self, token: str) -> Proven | None:
        """Return whose token it is, None if it is nobody's; only for who has a `turn`."""
        name = named_in(token)
        if name is None:
            return None
        hash_ = self._hashes.get(name)
        is_right = await asyncio.to_thread(_is_right, hash_ or self._nobody, token)
        if hash_ is None or not is_right:
            return None
        self._known[self._digest(token)] = name
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return self._proven[name]

    def _digest(self, token: str) -> bytes:
        return hmac.digest(self._key, token.encode("utf-8", "surrogatepass"), "sha256")


def _proven(name: str, table: TokenTable) -> Proven:
    caller = Caller(name=name, role=Role(table.role.value))
    return Proven(caller=caller, stamp=f"{table.role.value} {table.hash.get_secret_value()}")


def _is_right(hash_: str, token: str) -> bool:
    try:
        return PasswordHasher().verify(hash_, token)
    except (VerificationError, InvalidHashError):
        return False
