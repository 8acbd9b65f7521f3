"""How each platform signs what it sends, written apart from the program; and the settings that believe it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from syncd.adapters.hooks import open_hook
from syncd.config.hooks import HookTable
from syncd.ports.hooks import Hook, HookRequest, Pairs

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
KEY = "7000000000000000001"
SECRET = "kept-secret"
EBAY_KEY = ec.derive_private_key(
    int.from_bytes(hashlib.sha256(b"kept-secret").digest(), "big"), ec.SECP256R1()
)
OTHER_KEY = ec.derive_private_key(99, ec.SECP256R1())
ENDPOINT = "https://example.com/hooks/bay"

Make = Callable[[bytes, str], HookRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A platform: how it signs a body with a secret, a body that names an order, and which one."""

    rule: str
    make: Make
    body: bytes
    orders: frozenset[str] = frozenset()
    settings: Mapping[str, Any]

    def hook(self, **settings: Any) -> Hook:  # noqa: ANN401 - as settings are
        return open_hook(HookTable.model_validate({"rule": self.rule, **self.settings, **settings}))

    def request(self, *, secret: str = SECRET) -> HookRequest:
        return self.make(self.body, secret)


def pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def post(body: bytes, headers: Mapping[str, str], query: Mapping[str, str] | None = None) -> HookRequest:
    return HookRequest(
        method="POST",
        query=Pairs(tuple((query or {}).items())),
        headers=Pairs.of_headers(headers.items()),
        body=body,
        received_at=NOW,
    )


def with_header(request: HookRequest, name: str, text: str) -> HookRequest:
    rows = [(key, text if key == name else value) for key, value in request.headers.rows]
    return replace(request, headers=Pairs.of_headers(rows))


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def _douyin(body: bytes, secret: str) -> HookRequest:
    signature = hashlib.md5(KEY.encode() + body + secret.encode()).hexdigest()
    return post(body, {"app-id": KEY, "event-sign": signature})


def _iop(body: bytes, secret: str) -> HookRequest:
    return post(body, {"Authorization": _hmac(secret.encode(), KEY.encode() + body).hex()})


def _shopify(body: bytes, secret: str) -> HookRequest:
    signature = base64.b64encode(_hmac(secret.encode(), body)).decode()
    names = {"Topic": "orders/create", "Hmac-SHA256": signature, "Event-Id": "e-1", "Webhook-Id": "w-1"}
    return post(body, {f"X-Shopify-{name}": text for name, text in names.items()})


def _woo(body: bytes, secret: str) -> HookRequest:
    signature = base64.b64encode(_hmac(secret.encode(), body)).decode()
    names = {"Resource": "order", "Signature": signature, "Delivery-ID": "d-1"}
    return post(body, {f"X-WC-Webhook-{name}": text for name, text in names.items()})


def standard(body: bytes, secret: str, *, name: str = "msg_1", at: datetime = NOW) -> HookRequest:
    time = str(int(at.timestamp()))
    signature = base64.b64encode(_hmac(secret.encode(), f"{name}.{time}.".encode() + body)).decode()
    headers = {"webhook-id": name, "webhook-timestamp": time, "webhook-signature": f"v1,{signature}"}
    return post(body, headers)


def _joined(params: Mapping[str, str]) -> str:
    return "".join(f"{name}{params[name]}" for name in sorted(params))


def _md5(text: bytes, secret: str) -> str:
    return hashlib.md5(secret.encode() + text + secret.encode()).hexdigest().upper()


def beijing(at: datetime = NOW) -> str:
    return at.astimezone(timezone(timedelta(hours=8))).strftime("%Y-%m-%d %H:%M:%S")


def top(body: bytes, secret: str, *, at: datetime = NOW, tid: str = "4800") -> HookRequest:
    params = {
        "app_key": KEY,
        "method": "taobao.open.trade",
        "timestamp": beijing(at),
        "tid": tid,
        "empty": "",
    }
    sign = _md5(_joined(params).encode() + body, secret)
    return post(body, {"Content-Type": "application/json"}, {**params, "sign": sign})


def _jd(body: bytes, secret: str) -> HookRequest:
    params = {"app_key": KEY, "method": "jingdong.told", "timestamp": beijing(), "v": "2.0"}
    sign = _md5(_joined({**params, "360buy_param_json": body.decode(errors="replace")}).encode(), secret)
    return post(body, {"Content-Type": "application/json"}, {**params, "sign": sign})


def _pdd(body: bytes, secret: str) -> HookRequest:
    params = {"client_id": KEY, "timestamp": str(int(NOW.timestamp())), "type": "told", "tid": "4800"}
    form = {"content": body.decode(errors="replace")}
    sign = _md5(_joined({**params, **form}).encode(), secret)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return post(urlencode(form).encode(), headers, {**params, "sign": sign})


def _ebay(body: bytes, secret: str) -> HookRequest:
    key = EBAY_KEY if secret == SECRET else OTHER_KEY
    # The same signature each time (RFC 6979): its length differs otherwise, and with it what is drawn.
    kind = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    signature = base64.b64encode(key.sign(body, kind)).decode()
    header = {"alg": "ecdsa", "kid": "k-1", "signature": signature, "digest": "SHA256"}
    return post(body, {"X-EBAY-SIGNATURE": base64.b64encode(json.dumps(header).encode()).decode()})


_APP = {"app_key": KEY, "secret": SECRET}
_PLAIN = {"secret": SECRET}
_ORDER = frozenset({"4800"})
_DATA = {"p_id": 4800, "s_ids": [4801], "shop_id": 1}

CASES = [
    Case(
        rule="douyin",
        make=_douyin,
        body=json.dumps([{"tag": "101", "msg_id": "m-1", "data": json.dumps(_DATA)}]).encode(),
        orders=_ORDER,
        settings=_APP,
    ),
    Case(rule="top", make=top, body=b'{"told":1}', orders=_ORDER, settings=_APP),
    Case(rule="jd", make=_jd, body=b'{"told":1}', settings=_APP),
    Case(rule="pdd", make=_pdd, body=b'{"told":1}', orders=_ORDER, settings=_APP),
    Case(
        rule="iop",
        make=_iop,
        body=b'{"message_type":0,"data":{"trade_order_id":"4800"}}',
        orders=_ORDER,
        settings=_APP,
    ),
    Case(rule="shopify", make=_shopify, body=b'{"id":4800}', orders=_ORDER, settings=_PLAIN),
    Case(rule="woocommerce", make=_woo, body=b'{"id":4800}', orders=_ORDER, settings=_PLAIN),
    Case(rule="hmac", make=standard, body=b"anything", settings=_PLAIN),
    Case(
        rule="ebay",
        make=_ebay,
        body=b'{"metadata":{},"notification":{"notificationId":"n-1"}}',
        settings={
            "verification_token": "token-of-eighty",
            "endpoint": ENDPOINT,
            "public_keys": {"k-1": pem(EBAY_KEY)},
        },
    ),
]
BY_RULE = {case.rule: case for case in CASES}
