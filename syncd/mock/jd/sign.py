"""How a call to JD's `routerjson` is signed, as the platform computes it to check what came in."""

import hashlib
from collections.abc import Mapping


def signed_text(params: Mapping[str, str], secret: str) -> str:
    """Return the text to sign: names with values, by name, without empty ones and `sign`, in the secret."""
    named = sorted((name, value) for name, value in params.items() if name and value and name != "sign")
    return secret + "".join(name + value for name, value in named) + secret


def signature(params: Mapping[str, str], secret: str) -> str:
    """Return the signature that the parameters must carry, in capital hexadecimal digits."""
    return hashlib.md5(signed_text(params, secret).encode()).hexdigest().upper()
