"""Webhooks of Shopify.

A POST of JSON; `X-Shopify-Hmac-SHA256` is the HMAC-SHA256 of the raw body by the app's client secret, in
base64. The same `X-Shopify-Event-Id` is the same event, `X-Shopify-Webhook-Id` the same delivery; nobody
signs these headers, nor the topic. The names come without `X-` too. A new secret may take an hour until it
signs. An answer is awaited for 5 s; after eight failures in 4 h the subscription is deleted, so what comes
again is answered well.

Sources: shopify.dev, "Verify webhook deliveries"; Shopify/shopify-api-ruby, tests of webhooks.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from syncd.adapters.hooks.common import doubt, json_of, mark, named, orders_of, refused
from syncd.ports.hooks import HookRequest, Message, Pairs, Reason, Signed, Verdict


class ShopifyHook:
    """`Hook` for one shop's subscriptions."""

    def __init__(self, *, secrets: Sequence[str]) -> None:
        self._secrets = secrets

    def read(self, request: HookRequest) -> Verdict:
        """Return what a request is."""
        given = _header(request.headers, "Hmac-SHA256")
        if why := doubt(request, given, lambda secret: sign(request.body, secret), self._secrets):
            return why
        body = json_of(request.body)
        if not isinstance(body, Mapping):
            return refused(Reason.MALFORMED)
        is_order = _header(request.headers, "Topic").startswith("orders/")
        ids = (*named("event", _header(request.headers, "Event-Id")), mark(request.body))
        orders = orders_of(body.get("id")) if is_order else frozenset()
        return Signed(messages=(Message(ids=ids, orders=orders),))


def sign(body: bytes, secret: str) -> str:
    """Return the signature of a raw body, as WooCommerce makes it too."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def _header(headers: Pairs, name: str) -> str:
    return headers.one(f"X-Shopify-{name}") or headers.one(f"Shopify-{name}")
