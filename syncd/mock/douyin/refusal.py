"""The errors of the platform: a code of the gateway, with a `sub_code` that says more.

What the documents do not say is ours, and a program must not rely on it: the words of missing parameters, the
`sub_code` of a call too many, and the numbers by which a read refuses a product.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

_MESSAGES = {
    20000: "service error",
    20001: "service timeout",
    30001: "insufficient permissions",
    40001: "missing parameter",
    40002: "missing business parameter",
    40003: "invalid parameter",
    40004: "invalid business parameter",
    50001: "token error",
    50002: "business failed",
    60000: "call limited",
    70000: "service off",
}


class Word(StrEnum):
    """Why the platform refuses a line, in words of our own."""

    DELETED = "deleted"
    NOT_FOUND = "not_found"
    INSUFFICIENT = "insufficient"
    ACTIVITY = "activity"
    BANNED = "banned"
    AUDIT = "audit"
    LINKED = "linked"
    DUPLICATE = "duplicate"
    BUSY = "busy"
    PARAMETER = "parameter"


class Family(NamedTuple):
    """How one writing method numbers its refusals: the code of the gateway and the number of each word."""

    code: int
    numbers: Mapping[Word, int]


BATCH = Family(
    50002,
    {
        Word.DELETED: 2010042,
        Word.NOT_FOUND: 2010058,
        Word.INSUFFICIENT: 2010012,
        Word.ACTIVITY: 2010045,
        Word.BANNED: 2010043,
        Word.AUDIT: 2010041,
        Word.LINKED: 2010330,
        Word.DUPLICATE: 2010021,
        Word.BUSY: 2010401,
        Word.PARAMETER: 2010013,
    },
)
SINGLE = Family(40004, {Word.DELETED: 4, Word.NOT_FOUND: 5, Word.DUPLICATE: 40010})
MULTI = Family(
    50002,
    {
        Word.DELETED: -40003,
        Word.NOT_FOUND: -40003,
        Word.INSUFFICIENT: -20001,
        Word.ACTIVITY: -20008,
        Word.BANNED: -40002,
        Word.AUDIT: -40001,
        Word.LINKED: -20011,
        Word.DUPLICATE: -20002,
        Word.BUSY: -5000,
        Word.PARAMETER: -10002,
    },
)


class Refusal(Exception):  # noqa: N818 - it is an answer of the platform, not a failure of the mock
    """A call that the platform refuses as a whole."""

    def __init__(self, code: int, sub_code: str, sub_msg: str = "", *, wait: float | None = None) -> None:
        super().__init__(f"{code} {sub_code}")
        self.code = code
        self.sub_code = sub_code
        self.sub_msg = sub_msg
        self.wait = wait

    def body(self) -> dict[str, Any]:
        """Return the answer without its `log_id`."""
        message = _MESSAGES.get(self.code, "failed")
        return {"code": self.code, "msg": message, "sub_code": self.sub_code, "sub_msg": self.sub_msg}


def missing(name: str) -> Refusal:
    """Return the refusal of a call without this business parameter."""
    return Refusal(40002, f"isv.parameter-missing:{name}", f"the parameter {name} is missing")


def invalid(name: str, wanted: str) -> Refusal:
    """Return the refusal of a business parameter that cannot be; it never repeats the value."""
    return Refusal(
        40004, f"isv.parameter-invalid:{BATCH.numbers[Word.PARAMETER]}", f"{name} must be {wanted}"
    )


def business(family: Family, word: Word, message: str) -> Refusal:
    """Return a refusal of the service behind the gateway, numbered as the method does it."""
    if word not in family.numbers:
        family = BATCH
    return Refusal(family.code, f"isv.business-failed:{family.numbers[word]}", message)


def gone(product: str) -> Refusal:
    """Return the refusal of a product that the shop has not, or no longer."""
    return business(BATCH, Word.NOT_FOUND, f"there is no product {product}")


def throttled(wait: float | None) -> Refusal:
    """Return the refusal of a call too many; where it is known how long, a header says so too."""
    return Refusal(60000, "isp.call-limited", "too many calls, retry later", wait=wait)


def not_permitted() -> Refusal:
    """Return the refusal of a method whose package the app has not."""
    return Refusal(30001, "isv.app-permissions-insufficient", "the app may not call this method")


def token_refused(word: str) -> Refusal:
    """Return the refusal of an access token: `expired`, `no-existed` or `invalid`."""
    return Refusal(40003, f"isv.access-token-{word}", "the access token is not valid")


def unauthorized() -> Refusal:
    """Return the refusal of an app whose authorization the shop took back."""
    return Refusal(30001, "dop.authorization-closed", "the shop closed the authorization of the app")


def not_generated(word: str) -> Refusal:
    """Return the refusal to give out a token."""
    return Refusal(50001, f"dop.token-generate-failed:{word}", "no token was generated")


def busy() -> Refusal:
    """Return the platform's own trouble, before anything took effect."""
    return Refusal(20000, "isp.service-error:busy", "the service is busy, retry later")


def timed_out() -> Refusal:
    """Return the platform's own trouble where the call may have taken effect."""
    return Refusal(20001, "isp.service-timeout", "the service behind the gateway did not answer")
