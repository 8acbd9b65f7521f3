"""What a JD shop has beyond a plain one: wares, and how the platform behaves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from syncd.mock.clock import START
from syncd.mock.core import ShopSettings
from syncd.mock.fields import Fields, show_time

SHOP_SETTINGS = ShopSettings(max_batch=30, unlists_items=True)
"""A JD shop in the words of every mock shop; `idempotent` False forgets each `stockRfId` at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JdSettings:
    """How the platform treats this app and shop; the seller's access token is `settings.token`.

    - `window`: how many seconds a call's timestamp may be off.
    - `token_until`: the access token is refused from then on; None for never.
    - `refresh_token`, `token_seconds`: what renews it, and for how long; `refreshes` of `refresh_cap` were
      used this month (0: no cap, the document has no figure). Renewing works only in the last `refresh_from`
      seconds. `refresh_once` ends a refresh token with its use; that is not documented.
    - `holds_booked`: `stockNum` holds the units of open orders, and falls as they are shipped. False: it
      falls as they are placed. The document leaves open which; see `syncd.mock.jd.state`.
    - `refuses_below_booked`: a counter below the booked units is refused. That is not documented either.
    - `success_with_failures`: a call whose rows were refused says `success` all the same.
    - `lists_successes`: rows that were written are told too, not only those that were refused.
    - `denied`: methods that the app has no right to; `in_cloud` False refuses those of orders with code 73.
    - `daily_calls`: calls a day by Beijing's time, as test apps have them; 0 for no limit.
    - `order_words`: states that single orders are told with, by order id, such as PAUSE; see `orders`.
    - `unpaid_word`: the state that unpaid orders are told with; empty: they are not told at all.
    - `splits_orders`: an order of several lines whose lines came differently far is told as one child for
      each line, with the order as its `parentOrderId`.
    - `tells_order_times`: orders tell `orderStartTime` and `orderEndTime`, which no stored document names.
    """

    app_key: str = "mock-app"
    app_secret: str = field(default="mock-secret", repr=False)
    window: int = 360
    token_until: datetime | None = None
    refresh_token: str = field(default="mock-refresh", repr=False)
    token_seconds: int = 30 * 86_400
    refresh_from: int = 86_400
    refresh_once: bool = False
    refresh_cap: int = 0
    refreshes: int = 0
    holds_booked: bool = True
    refuses_below_booked: bool = True
    success_with_failures: bool = True
    lists_successes: bool = False
    denied: tuple[str, ...] = ()
    in_cloud: bool = True
    daily_calls: int = 0
    order_words: Mapping[str, str] = field(default_factory=dict)
    unpaid_word: str = "WAIT_SELLER_STOCK_OUT"
    splits_orders: bool = False
    tells_order_times: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the settings in a form that `read_jd_settings` takes."""
        until = None if self.token_until is None else show_time(self.token_until)
        return asdict(self) | {"token_until": until, "denied": list(self.denied)}


@dataclass(slots=True, kw_only=True)
class Ware:
    """One ware; its SKUs are the listings that name it.

    `modified` follows writes, listing and delisting and a person's hand; whether sales move it is not
    documented, and here they do not. Its SKUs show the same time.
    """

    id: str
    outer_id: str = ""
    modified: datetime = START

    def as_json(self) -> dict[str, Any]:
        """Return the ware in a form that `read_ware` takes."""
        return asdict(self) | {"modified": show_time(self.modified)}


def read_jd_settings(fields: Fields, base: JdSettings) -> JdSettings:
    """Return `base` with what the document's `jd` says."""
    if not fields.has("jd"):
        return base
    part = fields.object("jd")
    flags = (
        "refresh_once",
        "holds_booked",
        "refuses_below_booked",
        "success_with_failures",
        "lists_successes",
        "in_cloud",
        "splits_orders",
        "tells_order_times",
    )
    wholes = ("window", "token_seconds", "refresh_from", "refresh_cap", "refreshes", "daily_calls")
    texts = ("app_key", "app_secret", "refresh_token", "unpaid_word")
    given: dict[str, Any] = {
        **{name: part.flag(name, default=getattr(base, name)) for name in flags},
        **{name: part.whole(name, getattr(base, name), least=0) for name in wholes},
        **{name: part.text(name, getattr(base, name)) for name in texts},
    }
    if part.has("denied"):
        given["denied"] = part.texts("denied")
    if part.has("token_until"):
        given["token_until"] = None if part.raw("token_until") is None else part.time("token_until")
    if part.has("order_words"):
        words = part.object("order_words")
        given["order_words"] = {name: words.text(name) for name in words.keys()}  # noqa: SIM118 - no mapping
    part.done()
    return replace(base, **given)


def read_ware(entry: Fields, known: Mapping[str, Ware], now: datetime) -> Ware:
    """Return a ware as a person set it; what is not named stays as it is in `known`."""
    ware_id = entry.text("id")
    old = known.get(ware_id) or Ware(id=ware_id)
    ware = Ware(
        id=ware_id,
        outer_id=entry.text("outer_id", old.outer_id),
        modified=entry.time("modified") if entry.has("modified") else now,
    )
    entry.done()
    return ware
