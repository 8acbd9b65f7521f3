"""What an AliExpress shop has beyond a plain one: products, and how the platform behaves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from syncd.mock.clock import START
from syncd.mock.core import Listing, ShopSettings
from syncd.mock.fields import Fields, show_time

SHOP_SETTINGS = ShopSettings(max_quantity=999_999, unlists_items=True, idempotent=False)
"""An AliExpress shop in the words of every mock shop; whether 0 is taken, and delists, is not documented."""

ON_ORDER, ON_PAYMENT = "place_order_withhold", "payment_success_deduct"
"""When a product's counters fall (`reduce_strategy`): as an order is placed, or only as it is paid."""

LONE_SKU = "<none>"
"""The SKU id that a product without SKUs shows; that is not documented."""

HELD = ("", "auditing", "editingRequired")


@dataclass(frozen=True, slots=True, kw_only=True)
class AliexpressSettings:
    """How the platform treats this app and seller; the seller's access token is `settings.token`.

    - `token_until`, `refresh_until`: the tokens are refused from then on; None for never.
    - `refresh_token`, `auth_code`: what the two token methods take; the code is good for once. Each gives out
      a new pair, and the old refresh token ends with it where `refresh_once`; that is not documented.
    - `token_seconds`, `refresh_seconds`: how long the tokens of a new pair last.
    - `window`: how many seconds a call's timestamp may be off.
    - `denied`: methods that the app may not call; `order_package` False denies those of orders.
    - `words`: other words for the usual codes and statuses, by the usual one.
    - `wraps_errors`: the gateway's own errors stand in an `error_response` too.
    - `refuses_below_withheld`: a counter below the units of unpaid orders is refused. That is not documented.
    - `shows_zero`: a counter at 0 is shown; else only `sku_stock` false says so.
    - `shows_status`: a product that is read alone says its status (`product_status_type`), which is not
      documented; else only the lists do.
    - `shows_empty_lists`: an empty list is shown as such, not left out.
    - `oldest_first`: the order of the list of orders, which is not documented.
    - `shown_as`: orders by id that show this status, whatever became of them (`RISK_CONTROL`, `IN_FROZEN`).
    - `feed_seconds`: how long a job of `aliexpress.solution.feed.submit` takes.
    """

    app_key: str = "mock-app"
    app_secret: str = field(default="mock-secret", repr=False)
    shop_id: str = "1100000000"
    token_until: datetime | None = None
    refresh_token: str = field(default="mock-refresh", repr=False)
    refresh_until: datetime | None = None
    refresh_once: bool = True
    auth_code: str = field(default="mock-code", repr=False)
    token_seconds: int = 2_592_000
    refresh_seconds: int = 15_552_000
    window: int = 600
    denied: tuple[str, ...] = ()
    order_package: bool = True
    words: Mapping[str, str] = field(default_factory=dict)
    wraps_errors: bool = False
    refuses_below_withheld: bool = True
    shows_zero: bool = True
    shows_status: bool = False
    shows_empty_lists: bool = False
    oldest_first: bool = False
    shown_as: Mapping[str, str] = field(default_factory=dict)
    feed_seconds: float = 60.0

    def word(self, usual: str) -> str:
        """Return the word that this platform has for the usual one."""
        return self.words.get(usual, usual)

    def as_json(self) -> dict[str, Any]:
        """Return the settings in a form that `read_settings` takes."""
        return asdict(self) | {
            "token_until": _show(self.token_until),
            "refresh_until": _show(self.refresh_until),
            "denied": list(self.denied),
        }


@dataclass(slots=True, kw_only=True)
class Product:
    """One product; its SKUs are the listings that name it, and one without SKUs is a listing of the same id.

    The SKU ids of the platform are only unique within a product, listings have ids of their own: one with the
    id `PRODUCT/SKU` shows the SKU id `SKU`, any other its own.
    `held` is empty, or the status that keeps the product from being on sale. `modified` follows writes, being
    put on or off sale and a person's hand, but no plain sale; whether sales move it is not documented.
    """

    id: str
    reduce_strategy: str = ON_ORDER
    held: str = ""
    created: datetime = START
    modified: datetime = START

    def as_json(self) -> dict[str, Any]:
        """Return the product in a form that `read_product` takes."""
        return asdict(self) | {"created": show_time(self.created), "modified": show_time(self.modified)}


def sku_id(listing: Listing) -> str:
    """Return the SKU id as the platform shows it."""
    return LONE_SKU if listing.id == listing.item else listing.id.removeprefix(f"{listing.item}/")


def read_settings(fields: Fields, base: AliexpressSettings) -> AliexpressSettings:
    """Return `base` with what the document's `aliexpress` says."""
    if not fields.has("aliexpress"):
        return base
    part = fields.object("aliexpress")
    texts: dict[str, Any] = {
        name: part.text(name, getattr(base, name))
        for name in ("app_key", "app_secret", "shop_id", "refresh_token", "auth_code")
    }
    flags: dict[str, Any] = {
        name: part.flag(name, default=getattr(base, name))
        for name in (
            "refresh_once",
            "order_package",
            "wraps_errors",
            "refuses_below_withheld",
            "shows_zero",
            "shows_status",
            "shows_empty_lists",
            "oldest_first",
        )
    }
    settings = replace(
        base,
        **texts,
        **flags,
        token_until=part.time_or_null("token_until", base.token_until),
        refresh_until=part.time_or_null("refresh_until", base.refresh_until),
        token_seconds=part.whole("token_seconds", base.token_seconds, least=1),
        refresh_seconds=part.whole("refresh_seconds", base.refresh_seconds, least=1),
        window=part.whole("window", base.window, least=0),
        denied=part.texts("denied") if part.has("denied") else base.denied,
        words=_read_words(part, "words") if part.has("words") else base.words,
        shown_as=_read_words(part, "shown_as") if part.has("shown_as") else base.shown_as,
        feed_seconds=part.number("feed_seconds", base.feed_seconds),
    )
    part.done()
    return settings


def read_product(entry: Fields, known: Mapping[str, Product], now: datetime) -> Product:
    """Return a product as a person set it; what is not named stays as it is in `known`."""
    product_id = entry.text("id")
    old = known.get(product_id) or Product(id=product_id)
    strategy = entry.text("reduce_strategy", old.reduce_strategy)
    if strategy not in (ON_ORDER, ON_PAYMENT):
        raise entry.wrong("reduce_strategy", f"{ON_ORDER} or {ON_PAYMENT}")
    held = entry.text("held", old.held)
    if held not in HELD:
        raise entry.wrong("held", "empty, auditing or editingRequired")
    product = Product(
        id=product_id,
        reduce_strategy=strategy,
        held=held,
        created=entry.time("created") if entry.has("created") else old.created,
        modified=entry.time("modified") if entry.has("modified") else now,
    )
    entry.done()
    return product


def _read_words(part: Fields, key: str) -> dict[str, str]:
    words = part.object(key)
    return {name: words.text(name) for name in words.keys()}  # noqa: SIM118 - no mapping


def _show(when: datetime | None) -> str | None:
    return None if when is None else show_time(when)
