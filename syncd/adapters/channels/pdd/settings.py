"""The settings of the channel `pdd`; what the documents of the platform leave open can be set."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from syncd.adapters.wire.settings import Gateway, PlatformSettings, Secret, WriteModes, not_done
from syncd.config.scalars import SomeSeconds, Text, Until, Whole, seconds


class PddSettings(PlatformSettings):
    """A shop on Pinduoduo."""

    url: Gateway = Field(
        default="https://gw-api.pinduoduo.com/api/router", description="The gateway that takes the calls"
    )
    client_id: Text = Field(description="Id of the app in the open platform's console")
    client_secret: Secret = Field(description="Its secret; it signs every call")
    access_token: Secret = Field(
        description="Token that the shop's owner granted to the app with the main account; it expires"
    )
    refresh_token: Secret | None = Field(
        default=None,
        description="What buys the next token; it is used up and kept in the state folder then, and one that "
        "is changed here counts again",
    )
    access_expires: Until | None = Field(
        default=None,
        description="The last day, or the moment, of this access_token: syncd tells a week ahead that it "
        "ends; what refresh_token buys has an end of its own",
    )
    write_modes: WriteModes = Field(
        default=("delta", "set"),
        description="How quantities are written, best first; zero is always set",
    )
    refusals_are_final: bool = Field(
        default=False,
        description="Whether a write that the service behind the gateway refused for a reason (codes 40000 "
        "to 59999) was surely not applied; that is not documented, so false reads the counter before "
        "anything else",
    )
    page_size: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=100, description="Goods of a page when the whole shop is read"
    )
    max_quantity: Annotated[Whole, Field(ge=1)] = Field(
        default=900_000_000,
        description="The largest counter that is written; the platform's own limit is not documented",
    )
    order_window: Annotated[SomeSeconds, Field(ge=1, le=1800)] = Field(
        default=seconds("30m"),
        description="Orders changed within so long are listed at once; 30 minutes at most",
    )
    order_page_size: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=100, description="Orders of a page"
    )
    refunds_release: bool = Field(
        default=True,
        description="Whether a successful refund frees all units of an order that was not shipped; the "
        "platform has no other word for one that ends so. False for shops that refund parts before shipping",
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        not_done(self.errors)
        return self
