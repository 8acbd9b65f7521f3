"""What a Douyin shop has beyond a plain one: products, and how the platform behaves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from syncd.mock.clock import START
from syncd.mock.core import ShopSettings
from syncd.mock.fields import Fields, show_time

SHOP_SETTINGS = ShopSettings(max_batch=50, unlists_items=True, idempotent=False)
"""A Douyin shop in the words of every mock shop; a product that is sold out stays on sale."""

ON_ORDER, ON_PAYMENT = 1, 2
"""When a product's counters fall (`reduce_type`): as an order is placed, or only as it is paid."""

PENDING, PASSED, BANNED = 2, 3, 5
_CHECKS = (1, PENDING, PASSED, 4, BANNED, 7)
_PARTLY_DONE, _DONE = 10001, 10000
_PAID_WORDS = (2, 105)


@dataclass(frozen=True, slots=True, kw_only=True)
class DouyinSettings:
    """How the platform treats this app and shop; the access token is `settings.token`.

    - `refresh_token`, `code`: what `/token/refresh` and `/token/create` take; a code is good once.
    - `token_until`, `refresh_until`: the tokens are refused from then on; None for never. What is given out
      lives `token_seconds` and twice as long; the documents do not say how long that is.
    - `refresh_once`: a refresh token that was used is refused; the documents do not say.
    - `closed`: the shop took its authorization back.
    - `window`: how many seconds a call's timestamp may be off.
    - `denied`: paths whose package the app has not; `order_package` False denies those of orders.
    - `partial_code`: the code above an answer of which some rows failed, 10000 or 10001.
    - `keys_by_row`: a repeated key of the call for several products is refused for the rows that took effect,
      and not for the whole call. The documents do not say.
    - `paid_status`: what a paid order is said to be, 2 (to be shipped) or 105 (paid).
    - `deep_rows`: the order list fails beyond this row. The documents say 10,000 and 50,000.
    - `refuses_below_withheld`: a counter below the units of unpaid orders is refused. That is not documented.
    - `terse`: orders tell no time of sending, and a list of products neither their names nor when their
      counters fall; the documents at hand name none of these.
    """

    app_key: str = "7000000000000000001"
    app_secret: str = field(default="mock-secret", repr=False)
    refresh_token: str = field(default="mock-refresh", repr=False)
    code: str = field(default="mock-code", repr=False)
    shop_id: int = 123456
    token_until: datetime | None = None
    refresh_until: datetime | None = None
    token_seconds: int = 604_800
    refresh_once: bool = True
    closed: bool = False
    window: int = 600
    denied: tuple[str, ...] = ()
    order_package: bool = True
    partial_code: int = _DONE
    keys_by_row: bool = True
    paid_status: int = 2
    deep_rows: int = 10_000
    refuses_below_withheld: bool = True
    terse: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the settings in a form that `read_douyin_settings` takes."""
        return asdict(self) | {
            "token_until": _show(self.token_until),
            "refresh_until": _show(self.refresh_until),
            "denied": list(self.denied),
        }


@dataclass(slots=True, kw_only=True)
class Product:
    """One product; its SKUs are the listings that name it.

    `reduce_type` is 1 where an order takes the units, 2 where its payment does. `activity` are units of a SKU
    that a campaign has taken: its counter cannot be written below them. Writes to a `regional` product are
    refused, because its stock is that of warehouses. `updated` follows writes, switches and a person's hand,
    but no plain sale: whether sales move it is not documented, and nobody may rely on it.
    """

    id: str
    reduce_type: int = ON_ORDER
    check_status: int = PASSED
    deleted: bool = False
    regional: bool = False
    activity: Mapping[str, int] = field(default_factory=dict)
    updated: datetime = START

    def as_json(self) -> dict[str, Any]:
        """Return the product in a form that `read_product` takes."""
        return asdict(self) | {"activity": dict(self.activity), "updated": show_time(self.updated)}


def read_douyin_settings(fields: Fields, base: DouyinSettings) -> DouyinSettings:
    """Return `base` with what the document's `douyin` says."""
    if not fields.has("douyin"):
        return base
    part = fields.object("douyin")
    settings = replace(
        base,
        app_key=part.text("app_key", base.app_key),
        app_secret=part.text("app_secret", base.app_secret),
        refresh_token=part.text("refresh_token", base.refresh_token),
        code=part.text("code", base.code),
        shop_id=part.whole("shop_id", base.shop_id, least=1),
        token_until=part.time_or_null("token_until", base.token_until),
        refresh_until=part.time_or_null("refresh_until", base.refresh_until),
        token_seconds=part.whole("token_seconds", base.token_seconds, least=1),
        refresh_once=part.flag("refresh_once", default=base.refresh_once),
        closed=part.flag("closed", default=base.closed),
        window=part.whole("window", base.window, least=0),
        denied=part.texts("denied") if part.has("denied") else base.denied,
        order_package=part.flag("order_package", default=base.order_package),
        partial_code=_read_one_of(part, "partial_code", base.partial_code, (_DONE, _PARTLY_DONE)),
        keys_by_row=part.flag("keys_by_row", default=base.keys_by_row),
        paid_status=_read_one_of(part, "paid_status", base.paid_status, _PAID_WORDS),
        deep_rows=part.whole("deep_rows", base.deep_rows, least=1),
        refuses_below_withheld=part.flag("refuses_below_withheld", default=base.refuses_below_withheld),
        terse=part.flag("terse", default=base.terse),
    )
    part.done()
    return settings


def read_product(entry: Fields, known: Mapping[str, Product], now: datetime) -> Product:
    """Return a product as a person set it; what is not named stays as it is in `known`."""
    product_id = entry.text("id")
    old = known.get(product_id) or Product(id=product_id)
    product = Product(
        id=product_id,
        reduce_type=_read_one_of(entry, "reduce_type", old.reduce_type, (ON_ORDER, ON_PAYMENT)),
        check_status=_read_one_of(entry, "check_status", old.check_status, _CHECKS),
        deleted=entry.flag("deleted", default=old.deleted),
        regional=entry.flag("regional", default=old.regional),
        activity=_read_activity(entry) if entry.has("activity") else old.activity,
        updated=entry.time("updated") if entry.has("updated") else now,
    )
    entry.done()
    return product


def _read_activity(entry: Fields) -> dict[str, int]:
    part = entry.object("activity")
    return {sku: part.whole(sku, least=0) for sku in part.keys()}  # noqa: SIM118 - no mapping


def _read_one_of(part: Fields, key: str, old: int, known: tuple[int, ...]) -> int:
    value = part.whole(key, old)
    if value not in known:
        raise part.wrong(key, f"one of {', '.join(map(str, known))}")
    return value


def _show(when: datetime | None) -> str | None:
    return None if when is None else show_time(when)
