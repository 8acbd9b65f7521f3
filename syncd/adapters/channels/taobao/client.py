"""Signed calls to TOP, whose refusals come with status 200."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.adapters.channels.taobao.session import REFRESH, bought, configured
from syncd.adapters.channels.taobao.settings import TaobaoSettings
from syncd.adapters.http import LONGEST_WAIT, HttpClient, JsonAnswer, JsonClient, expecting
from syncd.adapters.wire.granted import refusal_kind
from syncd.adapters.wire.top import TopAccount, TopRefusal, kind_of, refusal_of, response_key
from syncd.adapters.wire.words import judged, told
from syncd.errors import Kind, PortError
from syncd.ports.tokens import Tokens

_ADVICE: Mapping[Kind, str] = {
    Kind.AUTH_EXPIRED: "; the session is over: the owner must authorize the app again, for a new `session`",
    Kind.AUTH_REVOKED: "; the session was withdrawn: the owner must authorize the app again",
    Kind.SIGNATURE: "; check app_key, app_secret, sign_method and the machine's clock",
    Kind.PERMISSION: "; the app lacks the permission for this call: apply for its API package",
}


_NOT_FOR_THIS_APP = (
    "; where the app's sessions cannot be refreshed, leave refresh_token out and write session_expires"
)


class TopRefused(PortError):  # noqa: N818 - says what TOP did
    """TOP itself refused a call; `reason` is what it said, without the shop's name."""

    def __init__(self, kind: Kind, place: str, reason: str, *, retry_after: float | None) -> None:
        super().__init__(kind, f"{place}: {reason}", retry_after=retry_after)
        self.reason = reason


class TopClient:
    """Calls TOP for one shop; `now` dates the calls, which TOP checks to ten minutes."""

    def __init__(
        self, settings: TaobaoSettings, name: str, http: HttpClient, *, now: Callable[[], datetime]
    ) -> None:
        self.tokens = configured(settings)
        account = TopAccount(
            app_key=settings.app_key,
            app_secret=settings.app_secret.get_secret_value(),
            session=self.tokens.access,
            sign_method=settings.sign_method,
        )
        base, _, self._path = settings.url.rpartition("/")
        self._account = account
        self._errors = settings.errors
        self._name = name
        self._now = now
        self._secrets = frozenset((account.app_secret, self.tokens.access, self.tokens.refresh))
        self._site = JsonClient(
            http,
            base_url=base,
            headers={"content-type": "application/x-www-form-urlencoded;charset=utf-8"},
            timeout=settings.timeout,
            max_bytes=settings.max_bytes,
        )

    def use(self, tokens: Tokens) -> None:
        """Call with another session from now on."""
        self.tokens = tokens
        self._account = replace(self._account, session=tokens.access)
        # Calls under way may still be answered with words about the one before.
        self._secrets |= {tokens.access, tokens.refresh}

    async def renew(self, tokens: Tokens) -> Tokens:
        """Return the session that comes after `tokens`, and what buys the one after that.

        TOP's documents do not say that the call takes a session; the one that is over would be refused.

        Raises:
            PortError: there is none; `AUTH_REVOKED` where the refresh token is refused.
        """
        if not tokens.refresh:
            message = f"{self._name}: there is no refresh token; the owner must authorize the app again"
            raise PortError(Kind.AUTH_REVOKED, message, sent=False)
        account = replace(self._account, session="")
        now = self._now()
        try:
            body = await self._call(account, REFRESH, {"refresh_token": tokens.refresh}, writes=True)
        except TopRefused as error:
            reason = (
                error.reason if error.kind is not Kind.PERMISSION else f"{error.reason}{_NOT_FOR_THIS_APP}"
            )
            place = f"{self._name}: {REFRESH}"
            kind = refusal_kind(error.kind)
            raise TopRefused(kind, place, reason, retry_after=error.retry_after) from None
        with expecting(f"{self._name}: {REFRESH}"):
            return bought(body, tokens, now=now)

    async def call(self, method: str, params: Mapping[str, str], *, writes: bool) -> Mapping[str, Any]:
        """Return what stands in the answer to `method`.

        Raises:
            TopRefused: TOP answered with an error.
            PortError: the call failed otherwise; a write that may have been applied is `UNKNOWN`.
        """
        return await self._call(self._account, method, params, writes=writes)

    async def _call(
        self, account: TopAccount, method: str, params: Mapping[str, str], *, writes: bool
    ) -> Mapping[str, Any]:
        place = f"{self._name}: {method}"
        site = replace(self._site, name=place, judge=lambda answer: self._judged(answer, writes=writes))
        form = account.form(method, params, now=self._now())
        answer = await site.call("POST", self._path, data=form, writes=writes)
        refusal = refusal_of(answer.body)
        if refusal is not None:
            raise self._refused(refusal, place, writes=writes)
        with expecting(place):
            content = answer.body[response_key(method)]
            if not isinstance(content, Mapping):
                raise TypeError("the answer is no object")
            return content

    def _refused(self, refusal: TopRefusal, place: str, *, writes: bool) -> TopRefused:
        kind = kind_of(refusal, writes=writes, overrides=self._errors)
        wait = refusal.wait if kind is Kind.THROTTLED else None
        return TopRefused(
            kind,
            place,
            f"{told(refusal.text, self._secrets)}{_ADVICE.get(kind, '')}",
            retry_after=None if wait is None else min(wait, LONGEST_WAIT),
        )

    def _judged(self, answer: JsonAnswer, *, writes: bool) -> Kind | None:
        """Return what a status that is not 2xx means; a failing gateway's word is not believed."""

        def meaning(body: object) -> Kind | None:
            refusal = refusal_of(body)
            return None if refusal is None else kind_of(refusal, writes=writes, overrides=self._errors)

        return judged(answer, meaning)
