"""What a shop of Pinduoduo has beyond a plain one: goods, and how the platform behaves."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from syncd.mock.core import ShopSettings
from syncd.mock.fields import Fields, show_time

SHOP_SETTINGS = ShopSettings(max_batch=1, unlists_items=True, idempotent=False)
"""A shop of Pinduoduo in the words of every mock shop: one SKU a call, goods go on and off sale as a whole.

No document says when its counters fall: by default a payment takes the units, and unpaid ones are withheld;
`takes_on_order` true lets the order take them.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PddSettings:
    """How the platform treats this app and shop; the seller's access token is `settings.token`.

    - `token_until`, `refresh_until`: the tokens are refused as expired from then on; None for never.
    - `refresh_once`: a refresh token works once, and the answer brings the next. That is not documented.
    - `codes`: authorizations that wait to be exchanged for tokens, each once.
    - `spent`: access tokens that a refresh replaced; they are refused as expired.
    - `token_seconds`, `refresh_seconds`: how long the tokens of an exchange live.
    - `window`: how many seconds a call's timestamp may be off.
    - `denied`: interfaces whose package the app has not.
    - `refuses_below_reserve`: a counter below the reserved units is refused. That is not documented.
    - `shows_unconfirmed`: the feed tells orders before they are confirmed too, which it is not said to do.
    - `review_seconds`: how long after its payment an order is under review.
    - `text_times`: times in rows are texts of Beijing, as the interface's types say; else seconds.
    """

    client_id: str = "mock-client"
    client_secret: str = field(default="mock-secret", repr=False)
    token_until: datetime | None = None
    refresh_token: str = field(default="mock-refresh", repr=False)
    refresh_until: datetime | None = None
    refresh_once: bool = True
    codes: tuple[str, ...] = field(default=(), repr=False)
    spent: tuple[str, ...] = field(default=(), repr=False)
    token_seconds: int = 86_400
    refresh_seconds: int = 30 * 86_400
    window: int = 600
    denied: tuple[str, ...] = ()
    refuses_below_reserve: bool = True
    shows_unconfirmed: bool = False
    review_seconds: int = 0
    text_times: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return the settings in a form that `read_pdd_settings` takes."""
        times = {name: _shown(getattr(self, name)) for name in ("token_until", "refresh_until")}
        lists = {name: list(getattr(self, name)) for name in ("codes", "spent", "denied")}
        return asdict(self) | times | lists


@dataclass(slots=True, kw_only=True)
class Goods:
    """One article; its SKUs are the listings that name it.

    `off` are its SKUs that are off sale though the article is on. Counters of `promoted` articles, which
    stand in a slot of the platform's own pages, cannot be lowered.
    """

    id: str
    outer_id: str = ""
    on_sale: bool = True
    deleted: bool = False
    promoted: bool = False
    off: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """Return the article in a form that `read_goods` takes."""
        return asdict(self) | {"off": sorted(self.off)}


def read_pdd_settings(fields: Fields, base: PddSettings) -> PddSettings:
    """Return `base` with what the document's `pdd` says."""
    if not fields.has("pdd"):
        return base
    part = fields.object("pdd")
    settings = replace(
        base,
        client_id=part.text("client_id", base.client_id),
        client_secret=part.text("client_secret", base.client_secret),
        token_until=part.time_or_null("token_until", base.token_until),
        refresh_token=part.text("refresh_token", base.refresh_token),
        refresh_until=part.time_or_null("refresh_until", base.refresh_until),
        refresh_once=part.flag("refresh_once", default=base.refresh_once),
        codes=part.texts("codes") if part.has("codes") else base.codes,
        spent=part.texts("spent") if part.has("spent") else base.spent,
        token_seconds=part.whole("token_seconds", base.token_seconds, least=1),
        refresh_seconds=part.whole("refresh_seconds", base.refresh_seconds, least=1),
        window=part.whole("window", base.window, least=0),
        denied=part.texts("denied") if part.has("denied") else base.denied,
        refuses_below_reserve=part.flag("refuses_below_reserve", default=base.refuses_below_reserve),
        shows_unconfirmed=part.flag("shows_unconfirmed", default=base.shows_unconfirmed),
        review_seconds=part.whole("review_seconds", base.review_seconds, least=0),
        text_times=part.flag("text_times", default=base.text_times),
    )
    part.done()
    return settings


def read_goods(entry: Fields, known: Mapping[str, Goods]) -> Goods:
    """Return an article as a person set it; what is not named stays as it is in `known`."""
    goods_id = entry.text("id")
    old = known.get(goods_id) or Goods(id=goods_id)
    goods = Goods(
        id=goods_id,
        outer_id=entry.text("outer_id", old.outer_id),
        on_sale=entry.flag("on_sale", default=old.on_sale),
        deleted=entry.flag("deleted", default=old.deleted),
        promoted=entry.flag("promoted", default=old.promoted),
        off=frozenset(entry.texts("off")) if entry.has("off") else old.off,
    )
    entry.done()
    return goods


def _shown(when: datetime | None) -> str | None:
    return None if when is None else show_time(when)
