"""Signed calls to IOP, whose refusals come with status 200."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.adapters.channels.aliexpress.session import REFRESH, bought, configured
from syncd.adapters.channels.aliexpress.settings import AliexpressSettings
from syncd.adapters.http import LONGEST_WAIT, HttpClient, JsonAnswer, JsonClient, expecting
from syncd.adapters.wire.granted import refusal_kind
from syncd.adapters.wire.iop import CALLS, IopAccount, IopRefusal, kind_of, refusal_of, response_key, rest
from syncd.adapters.wire.values import object_at, plain
from syncd.adapters.wire.words import judged, told
from syncd.errors import Kind, PortError
from syncd.ports.tokens import Tokens

_FINE = frozenset({"", "0"})
_HINT = "; if you know it, say in errors what it means"

_ADVICE: Mapping[Kind, str] = {
    Kind.AUTH_EXPIRED: "; the access token is over: the seller must authorize the app again, for a new "
    "`access_token`",
    Kind.AUTH_REVOKED: "; the seller must authorize the app again, for a new `access_token` and "
    "`refresh_token`",
    Kind.SIGNATURE: "; check app_key, app_secret and the machine's clock",
    Kind.PERMISSION: "; the app lacks the permission for this call: apply for it in the platform's console",
}


class IopRefused(PortError):  # noqa: N818 - says what IOP did
    """IOP itself refused a call; `reason` is what it said, without the shop's name."""

    def __init__(self, kind: Kind, place: str, reason: str, *, retry_after: float | None) -> None:
        super().__init__(kind, f"{place}: {reason}", retry_after=retry_after)
        self.reason = reason


class IopClient:
    """Calls IOP for one shop; `now` dates the calls."""

    def __init__(
        self, settings: AliexpressSettings, name: str, http: HttpClient, *, now: Callable[[], datetime]
    ) -> None:
        self.tokens = configured(settings)
        self._account = IopAccount(
            app_key=settings.app_key,
            app_secret=settings.app_secret.get_secret_value(),
            access_token=self.tokens.access,
        )
        self._errors = settings.errors
        self._name = name
        self._now = now
        self._secrets = frozenset((self._account.app_secret, self.tokens.access, self.tokens.refresh))
        self._site = JsonClient(
            http,
            base_url=settings.url,
            headers={"content-type": "application/x-www-form-urlencoded;charset=utf-8"},
            timeout=settings.timeout,
            max_bytes=settings.max_bytes,
        )

    def use(self, tokens: Tokens) -> None:
        """Call with another access token from now on."""
        self.tokens = tokens
        self._account = replace(self._account, access_token=tokens.access)
        # Calls under way may still be answered with words about the one before.
        self._secrets |= {tokens.access, tokens.refresh}

    async def renew(self, tokens: Tokens) -> Tokens:
        """Return the tokens that come after `tokens`.

        Raises:
            PortError: there are none; `AUTH_REVOKED` where the refresh token is refused.
        """
        place, now = f"{self._name}: {REFRESH}", self._now()
        if not tokens.refresh:
            message = f"{place}: there is no refresh token{_ADVICE[Kind.AUTH_REVOKED]}"
            raise PortError(Kind.AUTH_REVOKED, message, sent=False)
        form = self._account.path_form(REFRESH, {"refresh_token": tokens.refresh}, now=now)
        answer = await self._site_for(place, writes=True).call("POST", rest(REFRESH), data=form, writes=True)
        refusal = refusal_of(answer.body)
        if refusal is not None:
            kind = refusal_kind(kind_of(refusal, writes=True, overrides=self._errors))
            raise self._error(refusal, place, kind)
        with expecting(place):
            return bought(_object(answer.body), tokens, now=now)

    async def call(self, method: str, params: Mapping[str, str], *, writes: bool) -> Mapping[str, Any]:
        """Return what stands in the answer to `method`.

        Raises:
            IopRefused: IOP answered with an error.
            PortError: the call failed otherwise; a write that may have been applied is `UNKNOWN`.
        """
        place = f"{self._name}: {method}"
        form = self._account.form(method, params, now=self._now())
        answer = await self._site_for(place, writes=writes).call("POST", CALLS, data=form, writes=writes)
        refusal = refusal_of(answer.body)
        if refusal is not None:
            kind = kind_of(refusal, writes=writes, overrides=self._errors)
            raise self._error(refusal, place, kind)
        with expecting(place):
            body = _object(answer.body)
            # A gateway that simplifies answers unasked leaves the wrapping out.
            return _object(body.get(response_key(method), body))

    async def read(self, method: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the `result` in the answer to a call that reads.

        Raises:
            IopRefused: IOP answered with an error, or the result says that it is one.
            PortError: the call failed otherwise.
        """
        body, place = await self.call(method, params, writes=False), f"{self._name}: {method}"
        with expecting(place):
            result = object_at(body, "result")
            code = plain(result.get("error_code"))
        if result.get("success") is not False and code in _FINE:
            return result
        kind, reason = self.meaning(result)
        raise IopRefused(kind, place, f"{reason}{_ADVICE.get(kind, '')}", retry_after=None)

    def meaning(self, row: Mapping[str, Any]) -> tuple[Kind, str]:
        """Return what a part of an answer means that says it failed, and what it says.

        No code of these is documented, so only the settings give one a meaning.
        """
        refusal = IopRefusal(code=plain(row.get("error_code")), message=plain(row.get("error_message")))
        kind = self._errors.get(refusal.code, Kind.UNKNOWN)
        return kind, f"{told(refusal.text, self._secrets)}{_HINT if kind is Kind.UNKNOWN else ''}"

    def _site_for(self, place: str, *, writes: bool) -> JsonClient:
        return replace(self._site, name=place, judge=lambda answer: self._judged(answer, writes=writes))

    def _error(self, refusal: IopRefusal, place: str, kind: Kind) -> IopRefused:
        wait = refusal.wait if kind is Kind.THROTTLED else None
        reason = f"{told(refusal.text, self._secrets)}{_ADVICE.get(kind, '')}"
        return IopRefused(kind, place, reason, retry_after=None if wait is None else min(wait, LONGEST_WAIT))

    def _judged(self, answer: JsonAnswer, *, writes: bool) -> Kind | None:
        """Return what a status that is not 2xx means; a failing gateway's word is not believed."""

        def meaning(body: object) -> Kind | None:
            refusal = refusal_of(body)
            return None if refusal is None else kind_of(refusal, writes=writes, overrides=self._errors)

        return judged(answer, meaning)


def _object(body: object) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise TypeError("the answer is no object")
    return body
