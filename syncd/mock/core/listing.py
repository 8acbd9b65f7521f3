"""What a shop consists of, and how each part is read from JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from syncd.mock.core.settings import CallSettings, read_call_settings
from syncd.mock.fields import Fields, MockError, read_time

OFF_REASONS = ("sold_out", "person", "violation")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSettings(CallSettings):
    """How the platform behaves.

    `clips_deltas` cuts a delta at 0 and reports success instead of refusing it. `unlists_items` takes all
    listings of an item off and on together. `idempotent` False applies a repeated key again. `takes_on_order`
    lowers a counter as an order is placed, not only as it is paid.
    """

    max_batch: int = 50
    max_quantity: int = 999_999_999
    clips_deltas: bool = False
    auto_delists_at_zero: bool = False
    zero_allowed: bool = True
    unlists_items: bool = False
    idempotent: bool = True
    takes_on_order: bool = False


@dataclass(slots=True, kw_only=True)
class Listing:
    """One sellable entry; `withheld` units belong to unpaid orders and no buyer can take them.

    `sold` counts the units that buyers took, whatever was written meanwhile; the wire does not show it.
    """

    id: str
    item: str
    code: str
    quantity: int = 0
    withheld: int = 0
    on_sale: bool = True
    off_reason: str | None = None
    title: str = ""
    sold: int = 0

    def wire(self) -> dict[str, Any]:
        """Return the listing as the shop's API shows it."""
        return {
            "id": self.id,
            "item": self.item,
            "code": self.code,
            "quantity": self.quantity,
            "withheld": self.withheld,
            "on_sale": self.on_sale,
            "off_reason": self.off_reason,
            "title": self.title,
        }


class Line(NamedTuple):
    """One change as it was sent; `problem` says what makes it unreadable, empty where nothing does."""

    id: str
    key: str
    mode: str
    value: int
    base: int
    problem: str = ""


def read_line(raw: object, where: str) -> Line:
    """Read one change of a call; figures that cannot be read become a problem of that line only."""
    if plain := _plain_line(raw):
        return plain
    fields = Fields(raw, where)
    line_id, key = fields.text("id"), fields.text("key", "")
    figures = {name: fields.raw(name) for name in ("quantity", "delta", "if_quantity") if fields.has(name)}
    fields.done()
    mode = {"quantity": "set", "delta": "delta", "quantity if_quantity": "compare_and_set"}.get(
        " ".join(figures)
    )
    if mode is None:
        return Line(line_id, key, "", 0, 0, "send quantity, delta, or quantity with if_quantity")
    for name, figure in figures.items():
        if isinstance(figure, bool) or not isinstance(figure, int):
            return Line(line_id, key, mode, 0, 0, f"{name} must be a whole number")
    numbers = [figure for figure in figures.values() if isinstance(figure, int)]
    return Line(line_id, key, mode, numbers[0], numbers[-1])


def _plain_line(raw: object) -> Line | None:
    # Nearly all lines look like this, and a mock must keep up with the program it tests.
    if type(raw) is not dict or raw.keys() not in ({"id", "key", "quantity"}, {"id", "key", "delta"}):
        return None
    mode = "set" if "quantity" in raw else "delta"
    line_id, key, value = raw["id"], raw["key"], raw["quantity" if mode == "set" else mode]
    if type(line_id) is not str or not line_id or type(key) is not str or type(value) is not int:
        return None
    return Line(line_id, key, mode, value, 0)


def read_shop_settings(fields: Fields, base: ShopSettings) -> ShopSettings:
    """Return `base` with what the document's `settings` say."""
    if not fields.has("settings"):
        return base
    part = fields.object("settings")
    shared = read_call_settings(part, base)
    settings = replace(
        shared,
        max_batch=part.whole("max_batch", base.max_batch, least=1),
        max_quantity=part.whole("max_quantity", base.max_quantity, least=1),
        clips_deltas=part.flag("clips_deltas", default=base.clips_deltas),
        auto_delists_at_zero=part.flag("auto_delists_at_zero", default=base.auto_delists_at_zero),
        zero_allowed=part.flag("zero_allowed", default=base.zero_allowed),
        unlists_items=part.flag("unlists_items", default=base.unlists_items),
        idempotent=part.flag("idempotent", default=base.idempotent),
        takes_on_order=part.flag("takes_on_order", default=base.takes_on_order),
    )
    part.done()
    return settings


def read_listing(entry: Fields, known: Mapping[str, Listing]) -> Listing:
    """Return a listing as a person set it; what is not named stays as it is in `known`."""
    listing_id = entry.text("id")
    old = known.get(listing_id) or Listing(id=listing_id, item=listing_id, code="")
    on_sale = entry.flag("on_sale", default=old.on_sale)
    listing = Listing(
        id=listing_id,
        item=entry.text("item", old.item),
        code=entry.text("code", old.code),
        quantity=entry.whole("quantity", old.quantity, least=0),
        withheld=entry.whole("withheld", old.withheld, least=0),
        on_sale=on_sale,
        off_reason=_read_reason(entry, old, on_sale=on_sale),
        title=entry.text("title", old.title),
        sold=entry.whole("sold", old.sold, least=0),
    )
    entry.done()
    return listing


def _read_reason(entry: Fields, old: Listing, *, on_sale: bool) -> str | None:
    named = entry.has("off_reason")
    reason = entry.raw("off_reason")
    if reason is not None and reason not in OFF_REASONS:
        raise entry.wrong("off_reason", f"null or one of {', '.join(OFF_REASONS)}")
    if on_sale:
        return None
    if named:
        return str(reason) if reason else None
    # Whoever takes a listing off by hand and gives no reason is a person.
    return "person" if old.on_sale else old.off_reason


def read_pending(entry: Fields) -> tuple[datetime, Line]:
    """Return a write that was accepted but not applied, as `/_mock/state` showed it."""
    due = read_time(entry.text("due"), entry.at("due"))
    values = entry.items("line")
    entry.done()
    match values:
        case [str(line_id), str(key), str(mode), int(value), int(base), str(problem)]:
            return due, Line(line_id, key, mode, value, base, problem)
    raise MockError(f"{entry.at('line')}: must be what /_mock/state showed")
