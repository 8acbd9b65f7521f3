"""The errors of IOP: those of the gateway, and those of the service behind it.

The gateway answers with `code`, `type` and `message` at the top, a service with an `error_response` that has
a `sub_code`. Of the words only those for tokens, signatures, limits, time-outs and missing parameters are
known, and none of them for certain; all others are ours. `words` in the settings gives each another name.
"""

import math
from typing import Any

from syncd.mock.aliexpress.product import AliexpressSettings

_SERVICE = 15


class Refusal(Exception):  # noqa: N818 - it is an answer of the platform, not a failure of the mock
    """A call that the platform refuses as a whole; `of_service` says that its gateway had let it in."""

    def __init__(self, code: str, message: str, *, kind: str = "ISV", of_service: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self._kind = kind
        self._of_service = of_service

    def body(self, settings: AliexpressSettings, request_id: str) -> dict[str, Any]:
        """Return the answer."""
        code = settings.word(self.code)
        if self._of_service:
            error = {
                "code": _SERVICE,
                "msg": "Remote service error",
                "sub_code": code,
                "sub_msg": self.message,
                "request_id": request_id,
            }
            return {"error_response": error}
        if settings.wraps_errors:
            return {"error_response": {"code": code, "msg": self.message, "request_id": request_id}}
        return {"code": code, "type": self._kind, "message": self.message, "request_id": request_id}


class Failure(Exception):  # noqa: N818 - it is an answer of the platform, not a failure of the mock
    """What a method was asked for cannot be done; the method says so in its own answer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def missing(name: str) -> Refusal:
    """Return the refusal of a call without this parameter."""
    return Refusal("MissingParameter", f"the parameter {name} is missing")


def invalid(name: str, wanted: str) -> Refusal:
    """Return the refusal of a parameter that cannot be; it never repeats the value."""
    return Refusal("isv.invalid-parameter", f"{name} must be {wanted}", of_service=True)


def no_product(product: str) -> Failure:
    """Return the failure of a product that is not there."""
    return Failure("PRODUCT_NOT_FOUND", f"there is no product {product}")


def throttled(wait: float | None) -> Refusal:
    """Return the refusal of a call too many; only the text says how long, and only where that is known."""
    if wait is None:
        return Refusal("AppCallLimit", "the app calls too often, retry later")
    return Refusal("ApiCallLimit", f"this ban will last for {max(math.ceil(wait), 1)} seconds")


def not_permitted() -> Refusal:
    """Return the refusal of a method that the app may not call."""
    return Refusal("InsufficientPermission", "the app has no permission for this method")


def token_expired() -> Refusal:
    """Return the refusal of an access token whose time is over."""
    return Refusal("IllegalAccessToken", "the access token has expired, refresh it")


def token_refused() -> Refusal:
    """Return the refusal of an access token that never was one, or is one no longer."""
    return Refusal("IllegalAccessToken", "the access token is invalid, the seller must authorize the app")


def refresh_refused() -> Refusal:
    """Return the refusal of a refresh token."""
    return Refusal("IllegalRefreshToken", "the refresh token is invalid or has expired")


def busy() -> Refusal:
    """Return the platform's own trouble, before anything took effect."""
    return Refusal("ServiceUnavailable", "the service is busy, retry later", kind="ISP")


def timed_out() -> Refusal:
    """Return the platform's own trouble where the call may have taken effect."""
    return Refusal("ServiceTimeout", "the service behind the gateway did not answer", kind="ISP")
