"""What a Taobao shop has beyond a plain one: items, and how the platform behaves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from syncd.mock.clock import START
from syncd.mock.core import ShopSettings
from syncd.mock.fields import Fields, show_time

SHOP_SETTINGS = ShopSettings(max_batch=20, auto_delists_at_zero=True, unlists_items=True, idempotent=False)
"""A Taobao shop in the words of every mock shop; `auto_delists_at_zero` False stands for 售完不下架."""

ON_ORDER, ON_PAYMENT = 1, 2
"""When an item's counter falls (`sub_stock`): as an order is placed, or only as it is paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopSettings:
    """How the platform treats this app and shop; the seller's session is `settings.token`.

    - `session_until`: the session is refused from then on; None for never.
    - `refresh_token`: what buys the next session, once; `refreshed` counts how often that was done.
      `may_refresh` False stands for an app that may not.
    - `session_seconds`, `refresh_seconds`: how long the next session, and what buys the one after it, are
      good; the latter is only told.
    - `window`: how many seconds a call's timestamp may be off.
    - `service_code`: the code of a service's refusal, 15, or 50 as some pages show it.
    - `deep_rows`: `taobao.items.onsale.get` fails beyond this row. Its documents say 20,000 and 100,000.
    - `status_words`: other words for the usual ones, such as PAY_PENDING for WAIT_BUYER_PAY, or new ones.
    - `denied`: methods whose package the app has not; `order_package` False denies those of orders.
    - `refuses_below_withheld`: a counter below the units of unpaid orders is refused. That is not documented.
    - `shows_empty_lists`: an empty list is shown as such, not left out.
    """

    app_key: str = "mock-app"
    app_secret: str = field(default="mock-secret", repr=False)
    session_until: datetime | None = None
    refresh_token: str = field(default="mock-refresh", repr=False)
    refreshed: int = 0
    may_refresh: bool = True
    session_seconds: int = 86_400
    refresh_seconds: int = 30 * 86_400
    window: int = 600
    service_code: int = 15
    deep_rows: int = 20_000
    denied: tuple[str, ...] = ()
    order_package: bool = True
    status_words: Mapping[str, str] = field(default_factory=dict)
    refuses_below_withheld: bool = True
    shows_empty_lists: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the settings in a form that `read_top_settings` takes."""
        until = None if self.session_until is None else show_time(self.session_until)
        return asdict(self) | {"session_until": until, "denied": list(self.denied)}


@dataclass(slots=True, kw_only=True)
class Item:
    """One item; its SKUs are the listings that name it, and one without SKUs is a listing of the same id.

    `sub_stock` is 1 where an order takes the units, 2 where its payment does. `list_time` None means that it
    was never on sale. `modified` follows writes, listing and delisting and a person's hand, but no plain
    sale: whether sales move it is not documented, and nobody may rely on it. Its SKUs show the same time.
    """

    id: str
    outer_id: str = ""
    sub_stock: int = ON_ORDER
    deleted: bool = False
    warehouse_managed: bool = False
    list_time: datetime | None = START
    modified: datetime = START

    def as_json(self) -> dict[str, Any]:
        """Return the item in a form that `read_item` takes."""
        listed = None if self.list_time is None else show_time(self.list_time)
        return asdict(self) | {"list_time": listed, "modified": show_time(self.modified)}


def read_top_settings(fields: Fields, base: TopSettings) -> TopSettings:
    """Return `base` with what the document's `top` says."""
    if not fields.has("top"):
        return base
    part = fields.object("top")
    settings = replace(
        base,
        app_key=part.text("app_key", base.app_key),
        app_secret=part.text("app_secret", base.app_secret),
        session_until=part.time_or_null("session_until", base.session_until),
        refresh_token=part.text("refresh_token", base.refresh_token),
        refreshed=part.whole("refreshed", base.refreshed, least=0),
        may_refresh=part.flag("may_refresh", default=base.may_refresh),
        session_seconds=part.whole("session_seconds", base.session_seconds, least=1),
        refresh_seconds=part.whole("refresh_seconds", base.refresh_seconds, least=0),
        window=part.whole("window", base.window, least=0),
        service_code=part.whole("service_code", base.service_code, least=1),
        deep_rows=part.whole("deep_rows", base.deep_rows, least=1),
        denied=part.texts("denied") if part.has("denied") else base.denied,
        order_package=part.flag("order_package", default=base.order_package),
        status_words=_read_words(part) if part.has("status_words") else base.status_words,
        refuses_below_withheld=part.flag("refuses_below_withheld", default=base.refuses_below_withheld),
        shows_empty_lists=part.flag("shows_empty_lists", default=base.shows_empty_lists),
    )
    part.done()
    return settings


def read_item(entry: Fields, known: Mapping[str, Item], now: datetime) -> Item:
    """Return an item as a person set it; what is not named stays as it is in `known`."""
    item_id = entry.text("id")
    old = known.get(item_id) or Item(id=item_id)
    sub_stock = entry.whole("sub_stock", old.sub_stock)
    if sub_stock not in (ON_ORDER, ON_PAYMENT):
        raise entry.wrong("sub_stock", "1 (an order takes the units) or 2 (its payment does)")
    item = Item(
        id=item_id,
        outer_id=entry.text("outer_id", old.outer_id),
        sub_stock=sub_stock,
        deleted=entry.flag("deleted", default=old.deleted),
        warehouse_managed=entry.flag("warehouse_managed", default=old.warehouse_managed),
        list_time=entry.time_or_null("list_time", old.list_time),
        modified=entry.time("modified") if entry.has("modified") else now,
    )
    entry.done()
    return item


def _read_words(part: Fields) -> dict[str, str]:
    words = part.object("status_words")
    return {name: words.text(name) for name in words.keys()}  # noqa: SIM118 - no mapping
