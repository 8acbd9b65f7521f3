"""Webhooks of WooCommerce.

A POST of JSON; `X-WC-Webhook-Signature` is the HMAC-SHA256 of the raw body in base64. The secret is freed
of HTML entities before it signs: what is written `a&amp;b` signs as `a&b`. As a webhook is made, an
unsigned form `webhook_id=N` comes and must be answered well, and means nothing else. Whatever is answered
badly more than five times in a row ends the webhook, and nothing is sent again. What was deleted is told
by its id alone.

Sources: WooCommerce 11.0.1, deliveries and signatures recorded from it; class-wc-webhook.php.
"""

import html
import re
from collections.abc import Mapping, Sequence

from syncd.adapters.hooks.common import (
    FORM,
    content_type,
    doubt,
    json_of,
    mark,
    named,
    orders_of,
    refused,
)
from syncd.adapters.hooks.shopify import sign
from syncd.ports.hooks import HookRequest, Message, Probe, Reason, Signed, Verdict

_PING = re.compile(rb"webhook_id=[0-9]{1,20}")


class WooHook:
    """`Hook` for the webhooks of one shop, which share a secret."""

    def __init__(self, *, secrets: Sequence[str]) -> None:
        self._secrets = [html.unescape(secret) for secret in secrets]

    def read(self, request: HookRequest) -> Verdict:
        """Return what a request is."""
        given = request.headers.one("X-WC-Webhook-Signature")
        if not given and _is_ping(request):
            return Probe()
        if why := doubt(request, given, lambda secret: sign(request.body, secret), self._secrets):
            return why
        body = json_of(request.body)
        if not isinstance(body, Mapping):
            return refused(Reason.MALFORMED)
        is_order = request.headers.one("X-WC-Webhook-Resource") == "order"
        ids = (*named("delivery", request.headers.one("X-WC-Webhook-Delivery-ID")), mark(request.body))
        orders = orders_of(body.get("id")) if is_order else frozenset()
        return Signed(messages=(Message(ids=ids, orders=orders),))


def _is_ping(request: HookRequest) -> bool:
    is_form = request.method == "POST" and content_type(request) == FORM
    return is_form and _PING.fullmatch(request.body) is not None
