"""The errors of TOP: a code of the gateway, and a `sub_code` where the service behind it refused.

What TOP's documents do not say is ours: the words after the colon of most `sub_code`s, and the `sub_code`s
of sessions. A program must match them by prefix.
"""

import math
from typing import Any

_MESSAGES = {
    7: "App Call Limited",
    9: "Http Action Not Allowed",
    10: "Service Currently Unavailable",
    11: "Insufficient ISV Permissions",
    15: "Remote service error",
    21: "Missing Method",
    22: "Invalid Method",
    23: "Invalid Format",
    24: "Missing Signature",
    25: "Invalid signature",
    26: "Missing Session",
    27: "Invalid Session",
    28: "Missing App Key",
    29: "Invalid App Key",
    30: "Missing Timestamp",
    31: "Invalid Timestamp",
    32: "Missing Version",
    34: "Unsupported Version",
    40: "Missing required arguments",
    41: "Invalid arguments",
}
_SERVICE = 15


class Refusal(Exception):  # noqa: N818 - it is an answer of the platform, not a failure of the mock
    """A call that the platform refuses as a whole."""

    def __init__(self, code: int, sub_code: str = "", sub_msg: str = "", *, about: str = "") -> None:
        super().__init__(f"{code} {sub_code}")
        self.code = code
        self.sub_code = sub_code
        self.sub_msg = sub_msg
        self._about = about

    def body(self, service_code: int = _SERVICE) -> dict[str, Any]:
        """Return the error without its `request_id`; services number theirs with `service_code`."""
        message = _MESSAGES[self.code]
        error: dict[str, Any] = {
            "code": service_code if self.code == _SERVICE else self.code,
            "msg": f"{message}:{self._about}" if self._about else message,
        }
        if self.sub_code:
            error |= {"sub_code": self.sub_code, "sub_msg": self.sub_msg}
        return error


def missing(name: str) -> Refusal:
    """Return the refusal of a call without this parameter."""
    return Refusal(40, "isv.missing-parameter", f"the parameter {name} is missing", about=name)


def invalid(name: str, wanted: str) -> Refusal:
    """Return the refusal of a parameter that cannot be; it never repeats the value."""
    return Refusal(41, "isv.invalid-parameter", f"{name} must be {wanted}", about=name)


def quantity_refused(word: str, message: str) -> Refusal:
    """Return the refusal of a counter."""
    return Refusal(_SERVICE, f"isv.item-quantity-service-error:{word}", message)


def listing_refused(word: str, message: str) -> Refusal:
    """Return the refusal to put an item on sale or to take it off."""
    return Refusal(_SERVICE, f"isv.item-listing-service-error:{word}", message)


def deleted(item: str) -> Refusal:
    """Return the refusal of an item that the seller deleted."""
    return Refusal(_SERVICE, "isv.item-is-delete:invalid-numIid", f"the item {item} is deleted")


def throttled(wait: float | None) -> Refusal:
    """Return the refusal of a call too many; only the text says how long, and only where that is known."""
    if wait is None:
        return Refusal(
            7, "accesscontrol.limited-by-dynamic-access-count", "This call is limited, retry later"
        )
    seconds = max(math.ceil(wait), 1)
    return Refusal(
        7,
        "accesscontrol.limited-by-app-access-count",
        f"This ban will last for {seconds} more seconds",
    )


def not_permitted() -> Refusal:
    """Return the refusal of a method whose package the app has not ordered."""
    return Refusal(11, "isv.permission-api-package-limit", "the app may not call this method")


def session_refused(word: str) -> Refusal:
    """Return the refusal of a session that is not valid, or no longer."""
    return Refusal(27, word, "the session is not valid, the seller must authorize the app again")


def busy() -> Refusal:
    """Return the platform's own trouble, before anything took effect."""
    return Refusal(10, "isp.system-busy", "the service is busy, retry later")


def timed_out() -> Refusal:
    """Return the platform's own trouble where the call may have taken effect."""
    return Refusal(_SERVICE, "isp.remote-service-timeout", "the service behind the gateway did not answer")
