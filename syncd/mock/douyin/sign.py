"""How calls and messages of the Douyin shop platform are signed, as the platform computes it."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any


def canonical(value: object) -> str:
    """Return JSON as it is signed: names sorted at every depth, no spaces, nothing escaped without need."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def signed_text(params: Mapping[str, str], body: str, secret: str) -> str:
    """Return the text to sign of a call; the token and the way of signing are no part of it."""
    parts = "".join(
        f"{name}{body if name == 'param_json' else params.get(name, '')}"
        for name in ("app_key", "method", "param_json", "timestamp", "v")
    )
    return f"{secret}{parts}{secret}"


def signature(params: Mapping[str, str], body: str, secret: str) -> str:
    """Return the signature that a call must carry; empty where its `sign_method` is not known."""
    make = SIGN_METHODS.get(params.get("sign_method") or "md5")
    return make(signed_text(params, body, secret), secret) if make else ""


def event_signature(app_key: str, body: bytes, secret: str) -> str:
    """Return what the header `event-sign` of a pushed message says of its raw bytes."""
    return hashlib.md5(app_key.encode() + body + secret.encode()).hexdigest()


def spi_signature(params: Mapping[str, str], body: str, secret: str) -> str:
    """Return the signature of a call by which the platform asks the program; it names no method."""
    text = f"{secret}app_key{params['app_key']}param_json{body}timestamp{params['timestamp']}{secret}"
    make = SIGN_METHODS.get(params.get("sign_method") or "md5")
    return make(text, secret) if make else ""


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON is anything
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _md5(text: str, _: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def _hmac_sha256(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


SIGN_METHODS: Mapping[str, Callable[[str, str], str]] = {"md5": _md5, "hmac-sha256": _hmac_sha256}
"""The two methods; without a name the platform takes the older one."""
