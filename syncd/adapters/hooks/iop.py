"""Messages of IOP, the platform behind AliExpress and Lazada.

A POST of JSON; the header `Authorization` is the HMAC-SHA256 of key and raw body by the app's secret, in
hex. Source: Lazada Open Platform, "Push Mechanism" (articles 119493 and 120168), which tells of
`data.trade_order_id` and repeats for six hours, 30 minutes apart. That AliExpress signs the same way is
assumed: it is the same gateway, and no document of its own was found. Its `timestamp` is shown in seconds
and in milliseconds, and not said to be new with each repeat: it is not judged.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from syncd.adapters.hooks.common import doubt, json_of, mark, orders_of, refused
from syncd.ports.hooks import HookRequest, Message, Reason, Signed, Verdict


class IopHook:
    """`Hook` for messages that an app subscribed to."""

    def __init__(self, *, app_key: str, secrets: Sequence[str]) -> None:
        self._app_key = app_key
        self._secrets = secrets

    def read(self, request: HookRequest) -> Verdict:
        """Return what a request is."""
        base = self._app_key.encode() + request.body
        given = request.headers.one("Authorization")
        if why := doubt(request, given, lambda secret: _sign(base, secret), self._secrets):
            return why
        body = json_of(request.body)
        if not isinstance(body, Mapping):
            return refused(Reason.MALFORMED)
        data = body.get("data")
        order = data.get("trade_order_id") if isinstance(data, Mapping) else None
        return Signed(messages=(Message(ids=(mark(request.body),), orders=orders_of(order)),))


def _sign(base: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
