"""How an IOP call is signed, as the platform computes it to check what came in."""

import hashlib
import hmac
from collections.abc import Mapping


def signed_text(params: Mapping[str, str], path: str = "") -> str:
    """Return the text to sign: the path of a path method, then each name with its value, by name.

    Calls of dotted methods have no path in it. Only `sign` itself is left out.
    """
    # By code points, which is the order of the bytes in UTF-8 too; no language has a say in it.
    return path + "".join(f"{name}{params[name]}" for name in sorted(params) if name != "sign")


def signature(params: Mapping[str, str], secret: str, path: str = "") -> str:
    """Return the signature that the parameters must carry."""
    return hmac.new(secret.encode(), signed_text(params, path).encode(), hashlib.sha256).hexdigest().upper()
