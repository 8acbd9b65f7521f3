"""What the application is put together from; whoever makes a part promises no more than is said here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web
from aiohttp.typedefs import Middleware

from syncd.config.http import HttpTable
from syncd.console.security.attempts import Attempts
from syncd.console.security.sessions import Sessions
from syncd.ports.clock import Clock
from syncd.ports.events import Events


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What the page says that asks for a token.

    `target` is where to go afterwards, the hidden field `next`. `is_wrong` after a token that is none,
    `wait` the seconds until the next attempt is allowed, 0 for now.
    """

    target: str = "/"
    is_wrong: bool = False
    wait: int = 0


class Looks(Protocol):
    """How answers look that are no data: given by the pages, plain without them. Neither may raise."""

    async def sign_in(self, request: web.Request, form: SignIn) -> web.Response:
        """Return the page with a form that posts `token` and `next` to /login."""
        ...

    async def problem(self, request: web.Request, status: int, detail: str) -> web.Response:
        """Return the page that tells people what went wrong; `detail` may be empty."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What outlives the applications: who is signed in, and who guessed."""

    sessions: Sessions
    attempts: Attempts

    @classmethod
    def fresh(cls, clock: Clock) -> "Kept":
        """Return nobody."""
        return cls(sessions=Sessions(clock), attempts=Attempts(clock))


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """All that one application is made of.

    `routes` are those of each part; every handler says who may call it (`syncd.console.access`). `prepare`
    are called with the new application, for what else a part needs there; `outermost` runs around all.
    A caller has `body_within` seconds to send a body, a handler `answer_within` to begin its answer.
    """

    settings: HttpTable
    clock: Clock
    events: Events
    kept: Kept
    routes: Sequence[Sequence[web.RouteDef]] = ()
    looks: Looks | None = None
    prepare: Sequence[Callable[[web.Application], None]] = ()
    outermost: Sequence[Middleware] = ()
    body_within: float = 15.0
    answer_within: float = 60.0
