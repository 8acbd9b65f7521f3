"""Deliveries by the Standard Webhooks specification, for shops of our own and others that keep to it.

`webhook-signature` holds one or more signatures such as `v1,BASE64`, parted by blanks: the HMAC-SHA256 of
`webhook-id`, `webhook-timestamp` in Unix seconds, and the raw body, with points between them. A repeat
keeps its id and has a new time. A secret that begins with `whsec_` is base64 behind it; any other one is
taken as it is, as BigCommerce does with its client secret.

Sources: the specification 1.0.0 (standardwebhooks.com); developer.bigcommerce.com, webhooks.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from syncd.adapters.hooks.common import mark, named, refused, same
from syncd.adapters.hooks.signed_params import unix
from syncd.config.keys import signing_key
from syncd.ports.hooks import Answer, HookRequest, Message, Reason, Signed, Verdict

_VERSION = "v1,"
_MOST_SIGNATURES = 10


class StandardHook:
    """`Hook` for whoever signs by that specification."""

    def __init__(self, *, secrets: Sequence[str]) -> None:
        self._keys = [signing_key(secret) for secret in secrets]

    def read(self, request: HookRequest) -> Verdict:
        """Return what a request is; the body may be anything."""
        if request.method != "POST":
            return refused(Reason.METHOD)
        name, time = request.headers.one("webhook-id"), request.headers.one("webhook-timestamp")
        given = request.headers.one("webhook-signature").split()[:_MOST_SIGNATURES]
        at = unix(time)
        if not name or not given:
            return refused(Reason.UNSIGNED)
        if at is None:
            return refused(Reason.MALFORMED)
        base = f"{name}.{time}.".encode(errors="surrogatepass") + request.body
        wanted = [f"{_VERSION}{_sign(base, key)}" for key in self._keys]
        found = [same(one, each) for one in given for each in wanted]
        if not any(found):
            return refused(Reason.SIGNATURE)
        # The id is signed, so it alone tells a repeat; one that is too long to keep is known by its mark.
        ids = named("delivery", name) or (mark(name),)
        return Signed(messages=(Message(ids=ids),), at=at, answer=Answer(status=204))


def _sign(base: bytes, key: bytes) -> str:
    return base64.b64encode(hmac.new(key, base, hashlib.sha256).digest()).decode()
