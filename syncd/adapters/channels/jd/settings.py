"""The settings of the channel `jd`; what the documents of the platform leave open can be set."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from syncd.adapters.wire.settings import Gateway, PlatformSettings, Secret, WriteModes, not_done
from syncd.config.scalars import SomeSeconds, Text, Texts, Until, Whole, seconds
from syncd.ports.channel import Counter, DeductsAt

MOST_ROWS = 30
"""The most SKUs, of any wares, in a call that writes."""

_MONTH = 28 * 86_400


class JdSettings(PlatformSettings):
    """A shop on JD."""

    url: Gateway = Field(
        default="https://api.jd.com/routerjson", description="The gateway that takes the calls"
    )
    oauth_url: Gateway = Field(
        default="https://open-oauth.jd.com/oauth2", description="Where tokens are renewed"
    )
    app_key: Text = Field(description="Key of the app in the open platform's console")
    app_secret: Secret = Field(description="Its secret; it signs every call")
    access_token: Secret = Field(description="Token that the shop's owner granted to the app; it expires")
    refresh_token: Secret | None = Field(
        default=None,
        description="What buys the next token, on the last day of the one before only; it is used up and "
        "kept in the state folder then, and one that is changed here counts again",
    )
    token_expires: Until | None = Field(
        default=None,
        description="The moment at which access_token ends, such as 2027-03-31T18:00:00+08:00; JD renews it "
        "in the 24 hours before and never after, so a day alone may come too late, and without any the token "
        "is never renewed in time",
    )
    write_modes: WriteModes = Field(
        default=("delta", "set"), description="How quantities are written, best first; zero is always set"
    )
    keyed_calls: bool = Field(
        default=False,
        description="Whether each quantity is a call of its own, with a key: one that is sent twice counts "
        "once; else a call takes 30, and what became of a lost one is read",
    )
    unlisted_is_done: bool = Field(
        default=False,
        description="Whether a row that an answer to a write leaves out was written. The documents call its "
        "rows those that failed, so true is likely; false reads each such listing back. Try it with one",
    )
    booked: bool = Field(
        default=True,
        description="Whether the units that orders and application forms have booked are read, one call for "
        "each SKU: they count as withheld. false takes the counters of the list alone, for shops too large",
    )
    stock_calls: Annotated[Whole, Field(ge=1, le=50)] = Field(
        default=5, description="How many of these calls may be under way at once, within calls_per_second"
    )
    store_id: Annotated[Whole, Field(ge=0)] = Field(
        default=0, description="Partition warehouse whose counters are kept; 0 is the whole country"
    )
    page_size: Annotated[Whole, Field(ge=1, le=50)] = Field(
        default=50, description="SKUs of a page, and wares, when the whole shop is read"
    )
    put_on: Text = Field(default="1", description="opType that puts a ware on sale; not in the documents")
    put_off: Text = Field(default="2", description="opType that takes it off; not in the documents")
    max_quantity: Annotated[Whole, Field(ge=1)] = Field(
        default=99_999_999,
        description="The largest counter that is written; JD's own limit is not documented",
    )
    deducts_at: DeductsAt = Field(
        default=DeductsAt.UNKNOWN,
        description="When stockNum falls for a buyer: order or payment; unknown takes it for what it is "
        "called, a total with the booked units in it, which falls as goods leave",
    )
    counter: Counter = Field(
        default=Counter.NET,
        description="gross where stockNum must include the booked units, which are added to it then; "
        "net never sells more, but hides them twice. JD's documents do not say it: try it with one listing",
    )
    order_window: Annotated[SomeSeconds, Field(ge=1, le=_MONTH)] = Field(
        default=seconds("1h"), description="Orders changed within so long are listed at once; a month at most"
    )
    order_page_size: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=100, description="Orders of a page"
    )
    order_states: Texts = Field(
        default=(
            "WAIT_SELLER_STOCK_OUT",
            "WAIT_SELLER_DELIVERY",
            "WAIT_GOODS_RECEIVE_CONFIRM",
            "PAUSE",
            "POP_ORDER_PAUSE",
            "LOCKED",
            "FINISHED_L",
            "TRADE_CANCELED",
        ),
        description="The states of orders that are read, as the platform names them",
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        # The platform tells nobody that it knew a key: a row that was written before is skipped.
        not_done(self.errors)
        return self
