"""Who may do what over HTTP: every handler says it, and what says nothing is refused."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar

from aiohttp import web

Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
_AnyHandler = TypeVar("_AnyHandler", bound=Handler)

_MARK = "syncd_access"


class Role(StrEnum):
    """What a token or a session may do: a viewer reads, an operator also changes."""

    VIEWER = "viewer"
    OPERATOR = "operator"

    def covers(self, needed: "Role") -> bool:
        """Return whether this role is enough where `needed` is asked for."""
        return self is Role.OPERATOR or needed is Role.VIEWER


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: the name of the token, as the ledger shows it, and what it may do."""

    name: str
    role: Role


def needs(role: Role) -> Callable[[_AnyHandler], _AnyHandler]:
    """Mark a handler as open to callers with at least this role."""

    def mark(handler: _AnyHandler) -> _AnyHandler:
        setattr(handler, _MARK, role)
        return handler

    return mark


def anyone(handler: _AnyHandler) -> _AnyHandler:
    """Mark a handler as open without a token: health, hooks, signing in and static files."""
    setattr(handler, _MARK, None)
    return handler


def needed_by(handler: object) -> Role | None:
    """Return the role that a handler asks for, None where anyone may call it.

    Raises:
        LookupError: the handler says nothing; it must be refused.
    """
    if not hasattr(handler, _MARK):
        raise LookupError(f"{handler!r} does not say who may call it")
    role: Role | None = getattr(handler, _MARK)
    return role
