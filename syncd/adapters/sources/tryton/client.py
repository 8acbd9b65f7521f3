"""Tryton's JSON-RPC for one user: logs in when it must, and never so often that Tryton locks the user out."""

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NoReturn

from syncd.adapters.http import HttpClient, JsonAnswer, JsonClient
from syncd.adapters.sources.tryton.settings import TrytonSettings
from syncd.errors import Kind, PortError

AFTER_REFUSAL = timedelta(minutes=10)
"""Six wrong logins lock a user out of Tryton, people too: so one refusal is believed for so long."""

AFTER_LOCK = timedelta(minutes=5)
"""Tryton's own time for a lock, by default; every attempt before its end would be in vain."""

_LOGIN = "common.db.login"
_WHY_ONCE = "The next login is tried in 10 minutes, because six wrong ones lock the user out of Tryton"
_LONGEST_MESSAGE = 300
_SHORTEST_SECRET = 4
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """Who is logged in, as the header that says so."""

    header: str = field(repr=False)
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shut:
    """Why no login is tried before `until`."""

    until: datetime
    kind: Kind
    reason: str


class TrytonClient:
    """Calls one database of a Tryton server."""

    def __init__(self, settings: TrytonSettings, name: str, http: HttpClient) -> None:
        self._settings = settings
        self._name = name
        self._path = f"/{settings.database}/rpc/"
        self._site = JsonClient(
            http, base_url=settings.url, timeout=settings.timeout, max_bytes=settings.max_bytes
        )
        self._door = replace(self._site, judge=_judge_login)
        self._session: _Session | None = None
        self._shut: _Shut | None = None
        self._lock = asyncio.Lock()

    async def call(self, method: str, *params: object, now: datetime) -> Any:  # noqa: ANN401 - JSON is anything
        """Return the result of `method`, which must be one that changes nothing.

        A session that is over is renewed once.

        Raises:
            PortError: Tryton refused, or its answer was not understood.
        """
        session = await self._logged_in(None, now)
        try:
            return await self._call(method, params, session)
        except PortError as error:
            if error.kind is not Kind.AUTH_EXPIRED:
                raise
        return await self._call(method, params, await self._logged_in(session, now))

    # --- login ---------------------------------------------------------------------------------------------

    async def _logged_in(self, over: _Session | None, now: datetime) -> _Session:
        """Return the session, a new one where there is none or it is the one that is `over`."""
        async with self._lock:
            if self._session is None or self._session is over:
                self._session = None
                self._session = await self._login(now)
            return self._session

    async def _login(self, now: datetime) -> _Session:
        if self._shut is not None and now < self._shut.until:
            self._stay_out(self._shut, now)
        settings = self._settings
        given = [settings.user, {"password": settings.password.get_secret_value()}, "en"]
        try:
            result = await self._exchange(_LOGIN, given, None)
        except PortError as error:
            raise self._refused_login(error, now) from None
        self._shut = None
        try:
            user, key, *_ = result
            whole = f"{settings.user}:{int(user)}:{key}"
        except (TypeError, ValueError):
            raise PortError(Kind.UNKNOWN, f"{self._name}: {_LOGIN}: the answer holds no session") from None
        header = base64.b64encode(whole.encode()).decode()
        return _Session(header=f"Session {header}", key=str(key))

    def _refused_login(self, error: PortError, now: datetime) -> PortError:
        """Return what a failed login means, and remember a refusal."""
        place = f"{self._name}: {_LOGIN}"
        if error.kind is Kind.AUTH_REVOKED:
            self._shut = _Shut(until=now + AFTER_REFUSAL, kind=error.kind, reason="the login was refused")
            message = f"{place}: Tryton does not accept `user` and `password`; correct them. {_WHY_ONCE}"
            return PortError(error.kind, message)
        if error.kind is Kind.THROTTLED:
            self._shut = _Shut(until=now + AFTER_LOCK, kind=error.kind, reason="the user was locked out")
            wait = error.retry_after or AFTER_LOCK.total_seconds()
            message = f"{place}: Tryton has locked the user out, as it does after six wrong logins"
            return PortError(error.kind, message, retry_after=wait)
        return error

    def _stay_out(self, shut: _Shut, now: datetime) -> NoReturn:
        wait = (shut.until - now).total_seconds()
        message = (
            f"{self._name}: {shut.reason}, and no other login is tried before {shut.until:%H:%M:%S} UTC, "
            "because six wrong ones lock the user out of Tryton; check `user` and `password`"
        )
        raise PortError(shut.kind, message, retry_after=wait, sent=False)

    # --- one call ------------------------------------------------------------------------------------------

    async def _call(self, method: str, params: Sequence[object], session: _Session) -> Any:  # noqa: ANN401
        try:
            return await self._exchange(method, params, session)
        except PortError as error:
            if error.kind is not Kind.PERMISSION:
                raise
            model = method.removeprefix("model.").rpartition(".")[0]
            advice = f"the user may not read {model}, or its module is not active; grant the right in Tryton"
            raise PortError(error.kind, f"{self._name}: {method}: {advice}") from None

    async def _exchange(self, method: str, params: Sequence[object], session: _Session | None) -> Any:  # noqa: ANN401
        place = f"{self._name}: {method}"
        site = replace(self._door if session is None else self._site, name=place)
        headers = {} if session is None else {"authorization": session.header}
        asked = {"id": 1, "method": method, "params": list(params)}
        answer = await site.call("POST", self._path, json=asked, headers=headers, writes=False)
        if not isinstance(answer.body, Mapping) or not answer.body.keys() & {"result", "error"}:
            raise PortError(Kind.UNKNOWN, f"{place}: the answer is none of Tryton's; check `url`")
        if "error" in answer.body:
            raise self._refused(place, answer.body["error"], session)
        return answer.body["result"]

    def _refused(self, place: str, error: object, session: _Session | None) -> PortError:
        """Return what an answer of status 200 refuses, in Tryton's words."""
        word, text = _words(error)
        kind = _KINDS.get(word, Kind.REJECTED)
        return PortError(kind, f"{place}: Tryton refuses: {self._told(text, session)}")

    def _told(self, text: str, session: _Session | None) -> str:
        """Return Tryton's words on one line, without our credentials should it repeat them."""
        secrets = [self._settings.password.get_secret_value()]
        secrets += [session.key, session.header.partition(" ")[2]] if session else []
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, "***")
        plain = "".join(char if char.isprintable() else " " for char in text)
        return plain[:_LONGEST_MESSAGE]


_KINDS: Mapping[str, Kind] = {
    "ConcurrencyException": Kind.TRANSIENT,
    "RateLimitException": Kind.THROTTLED,
    "LoginException": Kind.AUTH_REVOKED,
}
"""What the names of Tryton's exceptions mean; all others, such as UserError, refuse what was asked."""


def _judge_login(answer: JsonAnswer) -> Kind | None:
    return Kind.AUTH_REVOKED if answer.status == _UNAUTHORIZED else None


def _words(error: object) -> tuple[str, str]:
    """Return the name of Tryton's exception, empty if it has none, and its message.

    It is `[name, [message, description, ...]]`, and for a failure of the server `[message, trace]`, whose
    second half is for nobody's eyes.
    """
    if not isinstance(error, list) or not error:
        return "", "without a reason"
    name, *rest = error
    if rest and isinstance(rest[0], list):
        # A warning begins with a key that nobody can read.
        shown = rest[0][1:3] if name == "UserWarning" else rest[0][:2]
        told = [part for part in shown if isinstance(part, str) and part]
        return str(name), f"{name}: {' '.join(told)}"
    return "", str(name)
