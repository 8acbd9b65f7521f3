"""Messages of Douyin's shop platform (抖店).

A POST of a JSON list of `{"tag", "msg_id", "data"}`, where `data` is JSON in a text; the header
`event-sign` is the MD5 of key, raw body and secret, `app-id` names the app. It wants `{"code": 0, "msg":
"success"}`, repeats what it did not hear that of, and tests the connection with tag 0.

Sources: op.jinritemai.com, guide of messages; zsmhub/doudian-sdk `message/`. The tag 0 is known from
background only, as is a variant by HMAC, which no document describes: it is not accepted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from syncd.adapters.hooks.common import doubt, json_of, mark, named, object_of, orders_of, refused, same
from syncd.adapters.wire.douyin import event_sign
from syncd.ports.hooks import Answer, HookRequest, Message, Probe, Reason, Signed, Verdict

_HEARD = Answer(body=b'{"code":0,"msg":"success"}', content_type="application/json")
_PROBE = "0"
_OF_ORDERS = ("1", "2")
"""What the tags of orders and of refunds begin with; both name the order as `p_id`."""

_TAG_LENGTH = 3


class DouyinHook:
    """`Hook` for messages that an app subscribed to."""

    def __init__(self, *, app_key: str, secrets: Sequence[str]) -> None:
        self._app_key = app_key
        self._secrets = secrets

    def read(self, request: HookRequest) -> Verdict:
        """Return what a request is; the time of a message is not signed."""
        given = request.headers.one("event-sign")
        if why := doubt(request, given, lambda secret: self._sign(request.body, secret), self._secrets):
            return why
        if not same(request.headers.one("app-id"), self._app_key):
            return refused(Reason.FOREIGN)
        rows = json_of(request.body)
        if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
            return refused(Reason.MALFORMED)
        news = [row for row in rows if str(row.get("tag")) != _PROBE]
        if not news:
            return Probe(answer=_HEARD)
        whole = mark(request.body)
        return Signed(messages=tuple(_message(row, whole) for row in news), answer=_HEARD)

    def _sign(self, body: bytes, secret: str) -> str:
        return event_sign(body, app_key=self._app_key, secret=secret)


def _message(row: Mapping[str, Any], whole: str) -> Message:
    # The id is inside what was signed; only a message without one is known by the whole delivery.
    ids = named("msg", row.get("msg_id")) or (whole,)
    tag, data = str(row.get("tag", "")), row.get("data")
    if len(tag) != _TAG_LENGTH or not tag.startswith(_OF_ORDERS):
        return Message(ids=ids)
    inside = object_of(data.encode(errors="replace")) if isinstance(data, str) else data
    found = inside.get("p_id") if isinstance(inside, Mapping) else None
    return Message(ids=ids, orders=orders_of(found))
