"""What an order of a mock shop is: a buyer's purchase with one line or more, and how far each has come.

Every version of an order is a value of its own, so that an older one can be shown after a newer one.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from syncd.mock.fields import Fields, show_time


class Stage(StrEnum):
    """How far a line has come; `part_shipped` is only ever said of whole orders.

    `cancelled` lines ended before they were paid, `closed` ones by a refund afterwards.
    """

    UNPAID = "unpaid"
    PAID = "paid"
    PART_SHIPPED = "part_shipped"
    SHIPPED = "shipped"
    FINISHED = "finished"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Refund(StrEnum):
    """What became of the wish to have the money back."""

    NONE = "none"
    ASKED = "asked"
    AGREED = "agreed"
    SENT_BACK = "sent_back"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    DONE = "done"


class Cause(StrEnum):
    """Why units come back before they were shipped."""

    UNPAID = "unpaid"
    BUYER = "buyer"
    SELLER = "seller"
    REFUND = "refund"


ENDED = frozenset({Stage.CLOSED, Stage.CANCELLED})
"""The stages in which a line has nothing more to ship."""

_LEFT = frozenset({Stage.SHIPPED, Stage.FINISHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSettings:
    """How the platform treats orders.

    An order that is not paid after `pay_within` seconds is closed by itself, never where that is 0.
    `restores` are the causes for which units that had left the counter come back into it.
    """

    pay_within: float = 900.0
    restores: tuple[Cause, ...] = (Cause.UNPAID, Cause.BUYER, Cause.SELLER)


class OrderItem(NamedTuple):
    """One line of an order, as it was at one moment.

    `taken` says that its units were taken from the counter as it was ordered, and not only as it is paid.
    `refunded` units were given up before they were shipped, though the line goes on with the rest.
    """

    id: str
    listing: str
    item: str
    code: str
    units: int
    taken: bool
    stage: Stage
    refund: Refund = Refund.NONE
    refund_id: str = ""
    refunded: int = 0
    sent: datetime | None = None
    ended: datetime | None = None

    @property
    def open_units(self) -> int:
        """Return the units that are still to be shipped."""
        return self.units - self.refunded if self.stage in (Stage.UNPAID, Stage.PAID) else 0


class Order(NamedTuple):
    """One order, as it was at one moment; its times are whole seconds."""

    id: str
    buyer: int
    created: datetime
    modified: datetime
    lines: tuple[OrderItem, ...]
    paid: datetime | None = None

    @property
    def stage(self) -> Stage:
        """Return how far the order as a whole has come; lines that ended early do not count beside others."""
        if len(self.lines) == 1:
            return self.lines[0].stage
        stages = {line.stage for line in self.lines}
        going_on = stages - ENDED
        if not going_on:
            return Stage.CLOSED if Stage.CLOSED in stages else Stage.CANCELLED
        if len(going_on) == 1:
            return going_on.pop()
        if going_on <= _LEFT:
            return Stage.SHIPPED
        return Stage.PART_SHIPPED if going_on & _LEFT else Stage.UNPAID

    @property
    def sent(self) -> datetime | None:
        """Return when its first line was shipped."""
        return min((line.sent for line in self.lines if line.sent), default=None)

    @property
    def ended(self) -> datetime | None:
        """Return when its last line ended, None while one goes on."""
        ends = [line.ended for line in self.lines if line.ended]
        return max(ends) if len(ends) == len(self.lines) else None

    def line(self, line_id: str) -> OrderItem | None:
        """Return the line of this id."""
        return next((line for line in self.lines if line.id == line_id), None)

    def as_json(self) -> dict[str, Any]:
        """Return the order in a form that `read_order` takes."""
        return {
            "id": self.id,
            "buyer": self.buyer,
            "stage": str(self.stage),
            "created": show_time(self.created),
            "modified": show_time(self.modified),
            "paid": _show(self.paid),
            "lines": [line_as_json(line) for line in self.lines],
        }


def line_as_json(line: OrderItem) -> dict[str, Any]:
    """Return a line in a form that `read_order` takes."""
    return line._asdict() | {"sent": _show(line.sent), "ended": _show(line.ended)}


def whole_second(when: datetime) -> datetime:
    """Return the time without its fraction, as platforms stamp orders."""
    return when.replace(microsecond=0) if when.microsecond else when


def read_order(entry: Fields) -> Order:
    """Return an order as `/_mock/state` showed it."""
    lines = tuple(_read_line(part) for part in entry.objects("lines"))
    if not lines:
        raise entry.wrong("lines", "a list of at least one line")
    entry.has("stage")
    order = Order(
        id=_read_id(entry, "id"),
        buyer=entry.whole("buyer", 0, least=0),
        created=entry.time("created"),
        modified=entry.time("modified"),
        lines=lines,
        paid=_read_time(entry, "paid"),
    )
    entry.done()
    return order


def read_order_settings(fields: Fields, base: OrderSettings) -> OrderSettings:
    """Return `base` with what the document's `order_settings` say."""
    if not fields.has("order_settings"):
        return base
    part = fields.object("order_settings")
    settings = replace(
        base,
        pay_within=part.number("pay_within", base.pay_within),
        restores=_read_causes(part) if part.has("restores") else base.restores,
    )
    part.done()
    return settings


def settings_as_json(settings: OrderSettings) -> dict[str, Any]:
    """Return the settings in a form that `read_order_settings` takes."""
    return asdict(settings) | {"restores": [str(cause) for cause in settings.restores]}


def deadline(order: Order, settings: OrderSettings) -> datetime:
    """Return when an unpaid order is closed by itself."""
    return order.created + timedelta(seconds=settings.pay_within)


def _read_causes(part: Fields) -> tuple[Cause, ...]:
    words = part.texts("restores")
    if not set(words) <= set(Cause):
        raise part.wrong("restores", f"a list of {', '.join(Cause)}")
    return tuple(Cause(word) for word in words)


def _read_line(entry: Fields) -> OrderItem:
    line = OrderItem(
        id=_read_id(entry, "id"),
        listing=entry.text("listing"),
        item=entry.text("item"),
        code=entry.text("code", ""),
        units=entry.whole("units", least=1),
        taken=entry.flag("taken", default=False),
        stage=Stage(_read_word(entry, "stage", [one for one in Stage if one is not Stage.PART_SHIPPED])),
        refund=Refund(_read_word(entry, "refund", Refund, "none")),
        refund_id=entry.text("refund_id", ""),
        refunded=entry.whole("refunded", 0, least=0),
        sent=_read_time(entry, "sent"),
        ended=_read_time(entry, "ended"),
    )
    entry.done()
    return line


def _read_id(entry: Fields, key: str) -> str:
    text = entry.text(key)
    if not (text.isascii() and text.isdigit()):
        raise entry.wrong(key, "digits, as all ids of orders are")
    return text


def _read_word(entry: Fields, key: str, known: Iterable[str], default: str | None = None) -> str:
    word = entry.text(key, default)
    words = list(known)
    if word not in words:
        raise entry.wrong(key, f"one of {', '.join(words)}")
    return word


def _read_time(entry: Fields, key: str) -> datetime | None:
    return None if entry.raw(key) is None else entry.time(key)


def _show(when: datetime | None) -> str | None:
    return None if when is None else show_time(when)
