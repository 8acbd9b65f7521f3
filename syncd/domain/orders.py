"""Orders as shops tell them: the newest version of every line, without a word about the buyer (DESIGN 6)."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from syncd.domain.model import ListingId


class Stage(StrEnum):
    """How far a line has come; a line that was shipped or ended never goes back."""

    UNPAID = "unpaid"
    PAID = "paid"
    SHIPPED = "shipped"
    DONE = "done"
    CLOSED = "closed"


class OrderLine(NamedTuple):
    """One line of an order, as the newest version that a shop told of it.

    `line` is the shop's id of the line (a sub-order), unique in the shop; `order` that of the main order.
    `units` were ordered, in units of the listing; `released` of them were cancelled, closed or refunded
    before they were shipped (a refund that is only asked for releases nothing), `shipped` have left. Times
    are the platform's, in UTC; `modified` orders the versions. `replaces` is the line that this one took the
    place of, empty for none. `listing` is empty where the shop does not say which one it was. `doubt` says
    for people what of the line was not understood, empty for nothing; such a line occupies until it is.
    `warehouse` is where the platform routed it to, empty where it did not.
    """

    order: str
    line: str
    listing: ListingId
    code: str
    units: int
    released: int
    shipped: int
    stage: Stage
    created: datetime
    paid: datetime | None
    sent: datetime | None
    ended: datetime | None
    modified: datetime
    replaces: str = ""
    doubt: str = ""
    warehouse: str = ""
