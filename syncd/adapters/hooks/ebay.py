"""Notifications of eBay.

A GET with `challenge_code` asks whether the endpoint is ours: the answer is the SHA-256 of code,
verification token and the endpoint's address, in hex. A POST of JSON is signed by a key of eBay's:
`X-EBAY-SIGNATURE` is base64 of JSON with the key's id `kid`, the `digest`, and an ECDSA `signature` of the
body. The keys come from `getPublicKey`; here they are settings, so that nothing is fetched for whoever
writes a new id into a header.

Sources: eBay/event-notification-nodejs-sdk and its test data; developer.ebay.com, getPublicKey. Which
topics tell of orders or stock is not confirmed, so no order is read from a body.
"""

import base64
import hashlib
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey

from syncd.adapters.hooks.common import JSON, json_of, mark, named, object_of, refused
from syncd.config.keys import elliptic_key
from syncd.ports.hooks import Answer, HookRequest, Message, Probe, Reason, Signed, Verdict

_CHALLENGE = "challenge_code"
_LONGEST = 1000
_DIGESTS: Mapping[str, type[hashes.HashAlgorithm]] = {
    "SHA1": hashes.SHA1,
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}


class EbayHook:
    """`Hook` for one endpoint.

    Raises:
        ValueError: one of the `keys` is no public key of an elliptic curve.
    """

    def __init__(self, *, token: str, endpoint: str, keys: Mapping[str, str]) -> None:
        self._token = token
        self._endpoint = endpoint
        self._keys: Mapping[str, EllipticCurvePublicKey] = {
            name: elliptic_key(text) for name, text in keys.items()
        }

    def read(self, request: HookRequest) -> Verdict:
        """Return what a request is."""
        if request.method == "GET":
            return self._challenged(request.query.one(_CHALLENGE))
        if request.method != "POST":
            return refused(Reason.METHOD)
        given = request.headers.one("X-EBAY-SIGNATURE")
        if not given:
            return refused(Reason.UNSIGNED)
        return self._signed(request.body, _opened(given))

    def _challenged(self, code: str) -> Verdict:
        if not 0 < len(code) <= _LONGEST:
            return refused(Reason.METHOD)
        text = f"{code}{self._token}{self._endpoint}".encode(errors="surrogatepass")
        body = json.dumps({"challengeResponse": hashlib.sha256(text).hexdigest()}).encode()
        return Probe(answer=Answer(body=body, content_type=JSON))

    def _signed(self, body: bytes, given: Mapping[str, object]) -> Verdict:
        key, digest = self._keys.get(str(given.get("kid"))), _DIGESTS.get(str(given.get("digest")))
        if key is None:
            return refused(Reason.KEY)
        if digest is None:
            return refused(Reason.SIGNATURE)
        try:
            key.verify(base64.b64decode(str(given.get("signature")), validate=True), body, ECDSA(digest()))
        except (InvalidSignature, ValueError):
            return refused(Reason.SIGNATURE)
        found = json_of(body)
        inside = found.get("notification") if isinstance(found, Mapping) else None
        if not isinstance(inside, Mapping):
            return refused(Reason.MALFORMED)
        # A repeat counts its attempts in the body, and so is signed anew.
        ids = (*named("notification", inside.get("notificationId")), mark(body))
        return Signed(messages=(Message(ids=ids),))


def _opened(header: str) -> Mapping[str, object]:
    try:
        return object_of(base64.b64decode(header, validate=True))
    except ValueError:
        return {}
