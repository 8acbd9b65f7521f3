"""Keys as people write them into settings."""

import base64
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

_ENVELOPE = re.compile(r"-----(?:BEGIN|END) PUBLIC KEY-----")
_BASE64 = "whsec_"


def signing_key(secret: str) -> bytes:
    """Return the bytes that sign: what begins with `whsec_` is base64 behind it, all else is taken as it is.

    Raises:
        ValueError: it begins so, and is no base64, or nothing.
    """
    if not secret.startswith(_BASE64):
        return secret.encode()
    key = base64.b64decode(secret.removeprefix(_BASE64), validate=True)
    if not key:
        raise ValueError("there is nothing behind its beginning")
    return key


def elliptic_key(text: str) -> "EllipticCurvePublicKey":
    """Return the public key of an elliptic curve in PEM, with or without its lines: eBay writes them as one.

    Raises:
        ValueError: it is none.
    """
    # Here, so that nobody loads the library who has no such key.
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    inside = "".join(_ENVELOPE.sub("", text).split())
    try:
        key = load_der_public_key(base64.b64decode(inside, validate=True))
    except UnsupportedAlgorithm as error:
        raise ValueError("it is of a kind that is not known") from error
    if not isinstance(key, EllipticCurvePublicKey):
        raise ValueError("it is of no elliptic curve")  # noqa: TRY004 - the text is wrong, not its type
    return key
