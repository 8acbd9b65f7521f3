"""How a call is signed, as the platform computes it to check what came in."""

import hashlib
from collections.abc import Mapping


def signed_text(params: Mapping[str, str]) -> str:
    """Return the text between the secrets: each name with its value, by name, without `sign`."""
    return "".join(name + params[name] for name in sorted(params) if name != "sign")


def signature(params: Mapping[str, str], secret: str) -> str:
    """Return the signature that the parameters must carry."""
    text = f"{secret}{signed_text(params)}{secret}"
    return hashlib.md5(text.encode()).hexdigest().upper()
