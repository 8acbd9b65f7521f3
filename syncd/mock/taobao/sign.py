"""How a TOP call is signed, as the platform computes it to check what came in."""

import hashlib
import hmac
from collections.abc import Callable, Mapping


def signed_text(params: Mapping[str, str]) -> str:
    """Return the text to sign: each name with its value, by name, without empty ones and `sign`."""
    named = sorted((name, value) for name, value in params.items() if name and value and name != "sign")
    return "".join(name + value for name, value in named)


def signature(params: Mapping[str, str], secret: str) -> str:
    """Return the signature that the parameters must carry; empty where their `sign_method` is not known."""
    make = SIGN_METHODS.get(params.get("sign_method", ""))
    return make(signed_text(params), secret) if make else ""


def _md5(text: str, secret: str) -> str:
    return hashlib.md5(f"{secret}{text}{secret}".encode()).hexdigest().upper()


def _hmac_md5(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.md5).hexdigest().upper()


def _hmac_sha256(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


SIGN_METHODS: Mapping[str, Callable[[str, str], str]] = {
    "md5": _md5,
    "hmac": _hmac_md5,
    "hmac-sha256": _hmac_sha256,
}
"""The three methods; only `md5` puts the secret around the text, the others take it as their key."""
