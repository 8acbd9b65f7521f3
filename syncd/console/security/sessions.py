"""Who is signed in: sessions on the server, known to the browser by a random id alone."""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from syncd.config.http import HttpTable
from syncd.console.access import Caller
from syncd.console.security.tokens import Proven
from syncd.ports.clock import Clock

MOST = 1000
"""Sessions at once."""

MOST_OF_ONE = 20
"""Sessions of one token at once; the oldest ends where another begins."""


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """One browser that signed in; `csrf` proves that a form came from our own page."""

    caller: Caller
    stamp: str = field(repr=False)
    began: float
    seen: float
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    def allows(self, csrf: str) -> bool:
        """Return whether `csrf` is this session's proof, in a time that says nothing of how close it is."""
        return hmac.compare_digest(self.csrf.encode(), csrf.encode("utf-8", "surrogatepass"))


class Sessions:
    """All sessions, in memory: a restart ends them, a reload those whose token was changed or taken out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._longest = 0.0
        self._idle = 0.0

    def __len__(self) -> int:
        return len(self._sessions)

    def configure(self, settings: HttpTable, stamp: Callable[[str], str | None]) -> None:
        """Go on with these times, and end the sessions whose token no longer has the same `stamp`."""
        self._longest, self._idle = settings.session_for, settings.session_idle
        self._end_where(lambda session: session.stamp != stamp(session.caller.name))

    def begin(self, proven: Proven) -> tuple[str, Session]:
        """Return a new session and the id that the browser is to keep."""
        now = self._clock.monotonic()
        self._end_where(lambda session: self._is_over(session, now))
        mine = [key for key, session in self._sessions.items() if session.caller.name == proven.caller.name]
        for key in mine[: max(len(mine) - MOST_OF_ONE + 1, 0)]:
            del self._sessions[key]
        while len(self._sessions) >= MOST:
            self._sessions.popitem(last=False)
        identity = secrets.token_urlsafe(32)
        session = Session(caller=proven.caller, stamp=proven.stamp, began=now, seen=now)
        self._sessions[_key(identity)] = session
        return identity, session

    def find(self, identity: str) -> Session | None:
        """Return the session of an id, None if there is none or it is over; it was seen now."""
        key = _key(identity)
        session = self._sessions.get(key)
        if session is None:
            return None
        now = self._clock.monotonic()
        if self._is_over(session, now):
            del self._sessions[key]
            return None
        session.seen = now
        return session

    def end(self, identity: str) -> None:
        """End the session of an id, if there is one."""
        self._sessions.pop(_key(identity), None)

    def lasts(self, session: Session) -> bool:
        """Return whether a session is still good: streams ask now and then, and are seen by it."""
        now = self._clock.monotonic()
        is_there = any(each is session for each in self._sessions.values())
        if not is_there or self._is_over(session, now):
            return False
        session.seen = now
        return True

    def _is_over(self, session: Session, now: float) -> bool:
        return now - session.began >= self._longest or now - session.seen >= self._idle

    def _end_where(self, condition: Callable[[Session], bool]) -> None:
        for key in [key for key, session in self._sessions.items() if condition(session)]:
            del self._sessions[key]


def _key(identity: str) -> bytes:
    # Looked up by its hash: neither the time of a look-up nor the memory tells an id.
    return sha256(identity.encode("utf-8", "surrogatepass")).digest()
