"""Signed calls to Pinduoduo, whose refusals come with status 200."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.adapters.channels.pdd.settings import PddSettings
from syncd.adapters.channels.pdd.tokens import REFRESH, bought, configured
from syncd.adapters.http import HttpClient, JsonAnswer, JsonClient, expecting
from syncd.adapters.wire.pdd import PddAccount, PddRefusal, content_of, kind_of, refusal_of
from syncd.adapters.wire.words import judged, told
from syncd.errors import Kind, PortError
from syncd.ports.tokens import Tokens

_NO_RENEWAL = frozenset({Kind.AUTH_EXPIRED, Kind.AUTH_REVOKED, Kind.REJECTED, Kind.NOT_FOUND})

_ADVICE: Mapping[Kind, str] = {
    Kind.AUTH_EXPIRED: "; the token is over: renew it, or let the owner authorize the app again for a new "
    "`access_token`",
    Kind.AUTH_REVOKED: "; the token is not good any more: the owner must authorize the app again with the "
    "main account, for a new `access_token` and `refresh_token`",
    Kind.SIGNATURE: "; check client_id, client_secret and the machine's clock",
    Kind.PERMISSION: "; the app lacks the permission for this call, or this machine's address is not on its "
    "list: apply for it in the open platform's console of `client_id`",
}


class PddRefused(PortError):  # noqa: N818 - says what the platform did
    """Pinduoduo itself refused a call; `reason` is what it said, without the shop's name.

    `is_of_service` says that it was no check of the gateway, but the service for what was asked for.
    """

    def __init__(self, kind: Kind, place: str, reason: str, *, is_of_service: bool) -> None:
        super().__init__(kind, f"{place}: {reason}")
        self.reason = reason
        self.is_of_service = is_of_service


class PddClient:
    """Calls Pinduoduo for one shop; `now` dates the calls, which it checks to ten minutes."""

    def __init__(
        self, settings: PddSettings, name: str, http: HttpClient, *, now: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._name = name
        self._now = now
        self.tokens = configured(settings)
        self._hidden = {settings.client_secret.get_secret_value(), *_of(self.tokens)}
        base, _, self._path = settings.url.rpartition("/")
        self._site = JsonClient(
            http,
            base_url=base,
            headers={"content-type": "application/x-www-form-urlencoded;charset=utf-8"},
            timeout=settings.timeout,
            max_bytes=settings.max_bytes,
        )

    def use(self, tokens: Tokens) -> None:
        """Call with other tokens from now on."""
        self.tokens = tokens
        # Calls under way may still be answered with words about those before.
        self._hidden |= set(_of(tokens))

    async def call(
        self, method: str, params: Mapping[str, str], *, writes: bool, tokens: Tokens | None = None
    ) -> Mapping[str, Any]:
        """Return what stands in the answer to `method`; with `tokens` they go instead of those in use.

        Raises:
            PddRefused: Pinduoduo answered with an error.
            PortError: the call failed otherwise; a write that may have been applied is `UNKNOWN`.
        """
        place = f"{self._name}: {method}"
        site = replace(self._site, name=place, judge=lambda answer: self._judged(answer, writes=writes))
        used = self.tokens if tokens is None else tokens
        account = PddAccount(
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret.get_secret_value(),
            access_token=used.access,
        )
        form = account.form(method, params, now=self._now())
        answer = await site.call("POST", self._path, data=form, writes=writes)
        refusal = refusal_of(answer.body)
        if refusal is not None:
            kind = self._kind(refusal, writes=writes)
            reason = f"{told(refusal.text, {*self._hidden, *_of(used)})}{_ADVICE.get(kind, '')}"
            raise PddRefused(kind, place, reason, is_of_service=refusal.is_of_service)
        with expecting(place):
            return content_of(answer.body)

    async def renew(self, tokens: Tokens) -> Tokens:
        """Return the tokens that come after `tokens`, asked for once; the access token is not sent with it.

        That a refresh token is good for one use only is documented nowhere, and taken for granted: a call
        without an answer may have spent it. By which code one is refused is not documented either: what the
        service refuses for a reason that it tells cannot be mended by asking again.

        Raises:
            PortError: there are none; `AUTH_REVOKED` where the refresh token is refused or empty.
        """
        place, now = f"{self._name}: {REFRESH}", self._now()
        if not tokens.refresh:
            message = (
                "there is no refresh_token: the owner must authorize the app again, for a new access_token"
            )
            raise PortError(Kind.AUTH_REVOKED, f"{place}: {message}", sent=False)
        alone = Tokens(access="", refresh=tokens.refresh)
        try:
            body = await self.call(REFRESH, {"refresh_token": tokens.refresh}, writes=True, tokens=alone)
        except PddRefused as error:
            if error.kind not in _NO_RENEWAL and not (error.kind is Kind.UNKNOWN and error.is_of_service):
                raise
            message = f"{error}; the refresh_token was not accepted: the owner must authorize the app again"
            raise PortError(Kind.AUTH_REVOKED, message) from None
        with expecting(place):
            return bought(body, tokens, now=now)

    def _kind(self, refusal: PddRefusal, *, writes: bool) -> Kind:
        return kind_of(
            refusal,
            writes=writes,
            is_final=self._settings.refusals_are_final,
            overrides=self._settings.errors,
        )

    def _judged(self, answer: JsonAnswer, *, writes: bool) -> Kind | None:
        """Return what a status that is not 2xx means; a failing gateway's word is not believed."""

        def meaning(body: object) -> Kind | None:
            refusal = refusal_of(body)
            return None if refusal is None else self._kind(refusal, writes=writes)

        return judged(answer, meaning)


def _of(tokens: Tokens) -> tuple[str, str]:
    return tokens.access, tokens.refresh
