"""Signed calls to JD, whose refusals come with status 200."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.adapters.channels.jd.settings import JdSettings
from syncd.adapters.channels.jd.tokens import REFRESH, bought, configured, refusal_text
from syncd.adapters.http import HttpClient, JsonAnswer, JsonClient, expecting
from syncd.adapters.wire.jd import JdAccount, JdRefusal, content_of, kind_of
from syncd.adapters.wire.words import judged, told
from syncd.errors import Kind, PortError
from syncd.ports.tokens import Tokens

_ADVICE: Mapping[Kind, str] = {
    Kind.AUTH_EXPIRED: "; access_token is over or wrong: renew it, or let the owner authorize the app again",
    Kind.AUTH_REVOKED: "; who granted access_token is no merchant any more: the owner must authorize the app "
    "again",
    Kind.SIGNATURE: "; check app_key, app_secret and the machine's clock, and that the app is online",
    Kind.PERMISSION: "; the app lacks the permission for this call, or may make it only from JD's cloud "
    "(云鼎): see its grants in the console of the app_key",
}
_REVOKED = (
    "; check refresh_token, and app_key with app_secret: a token is renewed in its last 24 hours only, which "
    "token_expires has to say, and not often in a month; else the owner must authorize the app again"
)


class JdRefused(PortError):  # noqa: N818 - says what JD did
    """JD itself refused a call; `reason` is what it said, without the shop's name."""

    def __init__(self, kind: Kind, place: str, reason: str) -> None:
        super().__init__(kind, f"{place}: {reason}")
        self.reason = reason


class JdClient:
    """Calls JD for one shop; `now` dates the calls, which JD checks to six minutes."""

    def __init__(
        self, settings: JdSettings, name: str, http: HttpClient, *, now: Callable[[], datetime]
    ) -> None:
        self.tokens = configured(settings)
        self._account = JdAccount(
            app_key=settings.app_key,
            app_secret=settings.app_secret.get_secret_value(),
            access_token=self.tokens.access,
        )
        base, _, self._path = settings.url.rpartition("/")
        self._errors = settings.errors
        self._name = name
        self._now = now
        self._secrets = frozenset((self._account.app_secret, self.tokens.access, self.tokens.refresh))
        self._site = JsonClient(http, base_url=base, timeout=settings.timeout, max_bytes=settings.max_bytes)
        self._oauth = replace(
            self._site, base_url=settings.oauth_url, name=f"{name}: {REFRESH}", judge=_judged_renewal
        )

    def use(self, tokens: Tokens) -> None:
        """Call with another token from now on."""
        self.tokens = tokens
        self._account = replace(self._account, access_token=tokens.access)
        # Calls under way may still be answered with words about the one before.
        self._secrets |= {tokens.access, tokens.refresh}

    async def renew(self, tokens: Tokens) -> Tokens:
        """Return the token that comes after `tokens`, and what buys the one after that.

        JD tells the refusals of this address in no document: each is taken for one of the refresh token.

        Raises:
            PortError: there is none; `AUTH_REVOKED` where the refresh token is refused.
        """
        if not tokens.refresh:
            message = f"{self._name}: there is no refresh token; the owner must authorize the app again"
            raise PortError(Kind.AUTH_REVOKED, message, sent=False)
        now = self._now()
        params = {
            "app_key": self._account.app_key,
            "app_secret": self._account.app_secret,
            "grant_type": "refresh_token",
            "refresh_token": tokens.refresh,
        }
        answer = await self._oauth.call("GET", REFRESH, params=params, writes=True)
        place = f"{self._name}: {REFRESH}"
        refusal = refusal_text(answer.body)
        if refusal:
            kind = self._errors.get(str(answer.body["code"]), Kind.AUTH_REVOKED)
            secrets = {*self._secrets, tokens.refresh}
            raise JdRefused(kind, place, f"{told(refusal, secrets)}{_REVOKED}")
        with expecting(place):
            return bought(answer.body, tokens, now=now)

    async def call(self, method: str, params: Mapping[str, Any], *, writes: bool) -> Mapping[str, Any]:
        """Return what stands in the answer to `method`.

        Raises:
            JdRefused: JD answered with an error.
            PortError: the call failed otherwise; a write that may have been applied is `UNKNOWN`.
        """
        place = f"{self._name}: {method}"
        site = replace(self._site, name=place, judge=lambda answer: self._judged(answer, writes=writes))
        call = self._account.signed(method, params, now=self._now())
        answer = await site.call("POST", self._path, params=call.query, data=call.form, writes=writes)
        refusal = JdRefusal.of(answer.body)
        if refusal is None:
            with expecting(place):
                content = content_of(method, answer.body)
                if not isinstance(content, Mapping):
                    raise TypeError("the answer is no object")
            refusal = JdRefusal.inside(content)
            if refusal is None:
                return content
        raise self.refused(refusal, place, writes=writes)

    def refused(self, refusal: JdRefusal, place: str, *, writes: bool) -> JdRefused:
        """Return the error that a refusal is, with what to do about it."""
        kind = kind_of(refusal, writes=writes, overrides=self._errors)
        return JdRefused(kind, place, f"{self.told(refusal.text)}{_ADVICE.get(kind, '')}")

    def told(self, text: str) -> str:
        """Return the platform's words on one line, without our credentials should it repeat them."""
        return told(text, self._secrets)

    def _judged(self, answer: JsonAnswer, *, writes: bool) -> Kind | None:
        """Return what a status that is not 2xx means; a failing gateway's word is not believed."""

        def meaning(body: object) -> Kind | None:
            refusal = JdRefusal.of(body)
            return None if refusal is None else kind_of(refusal, writes=writes, overrides=self._errors)

        return judged(answer, meaning)


def _judged_renewal(answer: JsonAnswer) -> Kind | None:
    return judged(answer, lambda body: Kind.AUTH_REVOKED if refusal_text(body) else None)
