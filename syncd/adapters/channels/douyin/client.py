"""Signed calls to Douyin's shop platform, whose refusals come with status 200."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from syncd.adapters.channels.douyin.settings import DouyinSettings
from syncd.adapters.http import HttpClient, JsonAnswer, JsonClient, expecting, retry_after
from syncd.adapters.wire.douyin import (
    OF_BUSINESS,
    PARTLY,
    DouyinAccount,
    DouyinRefusal,
    Family,
    canonical,
    code_of,
    kind_of,
    refusal_of,
)
from syncd.adapters.wire.words import judged, told
from syncd.errors import Kind, PortError
from syncd.ports.tokens import Tokens

_REFRESH = "/token/refresh"

_ADVICE: Mapping[Kind, str] = {
    Kind.AUTH_EXPIRED: "; the access_token is over: it is renewed by refresh_token, or write a new one",
    Kind.AUTH_REVOKED: "; the shop's owner must authorize the app again, for a new access_token and "
    "refresh_token",
    Kind.SIGNATURE: "; check app_key, app_secret, sign_method and the machine's clock",
    Kind.PERMISSION: "; the app may not make this call: check its API packages and its list of addresses",
}


class DouyinRefused(PortError):  # noqa: N818 - says what the platform did
    """The platform itself refused a call.

    `reason` is what it said, without the shop's name. `of_business` says that a service refused what the call
    is about, and not the gateway the call.
    """

    def __init__(
        self, kind: Kind, place: str, reason: str, *, of_business: bool, retry_after: float | None
    ) -> None:
        super().__init__(kind, f"{place}: {reason}", retry_after=retry_after)
        self.reason = reason
        self.of_business = of_business


class Said(NamedTuple):
    """What an answer holds, and whether the platform carried out all that it was asked for."""

    data: Any
    is_whole: bool

    @property
    def object(self) -> Mapping[str, Any]:
        """Return what it holds where that is an object.

        Raises:
            TypeError: it is none.
        """
        if not isinstance(self.data, Mapping):
            raise TypeError("the answer is no object")
        return self.data


class DouyinClient:
    """Calls the platform for one shop; `now` dates the calls. `tokens` are those that calls are made with."""

    def __init__(
        self, settings: DouyinSettings, name: str, http: HttpClient, *, now: Callable[[], datetime]
    ) -> None:
        self.tokens = Tokens(
            access=settings.access_token.get_secret_value(),
            refresh=settings.refresh_text,
            access_expires=settings.access_expires,
        )
        self._account = DouyinAccount(
            app_key=settings.app_key,
            app_secret=settings.app_secret.get_secret_value(),
            sign_method=settings.sign_method,
        )
        self._errors = settings.errors
        self._name = name
        self._now = now
        self._site = JsonClient(
            http,
            base_url=settings.url,
            headers={"content-type": "application/json"},
            timeout=settings.timeout,
            max_bytes=settings.max_bytes,
        )

    async def call(
        self, path: str, params: Mapping[str, Any], *, writes: bool, family: Family = Family.OTHER
    ) -> Said:
        """Return what the answer to a call holds.

        Raises:
            DouyinRefused: the platform answered with an error.
            PortError: the call failed otherwise; a write that may have been applied is `UNKNOWN`.
        """
        return await self._call(path, params, self.tokens, writes=writes, family=family)

    def use(self, tokens: Tokens) -> None:
        """Call with other tokens from now on."""
        self.tokens = tokens

    async def renew(self, tokens: Tokens) -> Tokens:
        """Return the tokens that come after `tokens`; the refresh token is spent by it.

        Raises:
            PortError: there are none; `AUTH_REVOKED` where the refresh token is refused or empty.
        """
        place = f"{self._name}: {_REFRESH}"
        if not tokens.refresh:
            message = f"{place}: there is no refresh_token{_ADVICE[Kind.AUTH_REVOKED]}"
            raise PortError(Kind.AUTH_REVOKED, message, sent=False)
        params = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        began = self._now()
        said = await self._call(
            _REFRESH, params, replace(tokens, access=""), writes=True, family=Family.TOKEN
        )
        with expecting(place):
            return _tokens(said.object, tokens, began)

    # --- inside --------------------------------------------------------------------------------------------

    async def _call(
        self, path: str, params: Mapping[str, Any], tokens: Tokens, *, writes: bool, family: Family
    ) -> Said:
        place = f"{self._name}: {path}"
        judged = _Judge(self._errors, self._secrets(tokens), family=family, writes=writes)
        site = replace(self._site, name=place, judge=judged.status_kind)
        body = canonical(params)
        query = self._account.query(path, body, access=tokens.access, now=self._now())
        answer = await site.call("POST", path, params=query, data=body.encode(), writes=writes)
        refusal = refusal_of(answer.body)
        if refusal is not None:
            # No document names a wait; one that a header names is kept.
            raise judged.refused(refusal, place, wait=retry_after(answer.headers))
        with expecting(place):
            code = answer.body["code"] if "code" in answer.body else answer.body["err_no"]
            return Said(answer.body.get("data"), code_of(code) != PARTLY)

    def _secrets(self, tokens: Tokens) -> set[str]:
        return {
            *(self._account.app_secret, tokens.access, tokens.refresh),
            *(self.tokens.access, self.tokens.refresh),
        }


class _Judge:
    """Says what a refusal of one call means."""

    def __init__(
        self, errors: Mapping[str, Kind], secrets: Iterable[str], *, family: Family, writes: bool
    ) -> None:
        self._errors = errors
        self._secrets = secrets
        self._family = family
        self._writes = writes

    def refused(self, refusal: DouyinRefusal, place: str, *, wait: float | None) -> DouyinRefused:
        kind = self._kind(refusal)
        reason = f"{told(refusal.text, self._secrets)}{_ADVICE.get(kind, '')}"
        of_business = refusal.code in OF_BUSINESS
        return DouyinRefused(kind, place, reason, of_business=of_business, retry_after=wait)

    def status_kind(self, answer: JsonAnswer) -> Kind | None:
        """Return what a status that is not 2xx means; a failing gateway's word is not believed."""

        def meaning(body: object) -> Kind | None:
            refusal = refusal_of(body)
            return None if refusal is None else self._kind(refusal)

        return judged(answer, meaning)

    def _kind(self, refusal: DouyinRefusal) -> Kind:
        return kind_of(refusal, self._family, writes=self._writes, overrides=self._errors)


def _tokens(data: Mapping[str, Any], old: Tokens, began: datetime) -> Tokens:
    """Return the tokens of an answer; their life is counted from before the call, so it is never longer."""
    access, refresh, lasts = (
        data["access_token"],
        data.get("refresh_token") or old.refresh,
        data["expires_in"],
    )
    if not isinstance(access, str) or not access or not isinstance(refresh, str):
        raise TypeError("a token is no text")
    if isinstance(lasts, bool) or not isinstance(lasts, int) or lasts <= 0:
        raise ValueError("expires_in is no number of seconds")
    return Tokens(access=access, refresh=refresh, access_expires=began + timedelta(seconds=lasts))
