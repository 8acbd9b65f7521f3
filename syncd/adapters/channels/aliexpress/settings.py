"""The settings of the channel `aliexpress`; what the documents of the platform leave open can be set."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator
from pydantic_core import PydanticCustomError

from syncd.adapters.wire.settings import Gateway, PlatformSettings, Secret, not_done
from syncd.config.scalars import SomeSeconds, Text, Texts, Until, Whole, seconds
from syncd.errors import Kind

MOST_PRODUCTS = 20
"""The most products in a call that writes stock."""

MOST_SKUS = 200
"""The most SKUs of one product in it."""

Status = Literal["onSelling", "offline", "auditing", "editingRequired"]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = "install the time zones of the system (the package tzdata)"
        raise PydanticCustomError("timezone", "is no time zone of this machine", {"hint": hint}) from None
    return name


class AliexpressSettings(PlatformSettings):
    """A shop on AliExpress."""

    url: Gateway = Field(
        default="https://api-sg.aliexpress.com",
        description="The gateway that takes the calls, without /sync or /rest",
    )
    app_key: Text = Field(description="Key of the app in the open platform's console")
    app_secret: Secret = Field(description="Its secret; it signs every call")
    access_token: Secret = Field(description="Access token that the seller granted to the app; it expires")
    refresh_token: Secret | None = Field(
        default=None,
        description="What buys the next access token; it is used up and kept in the state folder then, and "
        "one that is changed here counts again",
    )
    access_expires: Until | None = Field(
        default=None,
        description="The last day, or the moment, of this access token: syncd tells ahead that it ends",
    )
    page_size: Annotated[Whole, Field(ge=1, le=99)] = Field(
        default=99, description="Products of a page when the whole shop is read"
    )
    statuses: tuple[Status, ...] = Field(
        default=("onSelling", "offline", "auditing", "editingRequired"),
        min_length=1,
        description="The lists of products that are read, by their status",
    )
    products_per_call: Annotated[Whole, Field(ge=1, le=MOST_PRODUCTS)] = Field(
        default=MOST_PRODUCTS, description="Products whose stock one call writes"
    )
    zero_allowed: bool = Field(
        default=True,
        description="Whether 0 can be written; false takes the whole product off sale instead. The documents "
        "show stock from 1 to 999999 only",
    )
    max_quantity: Annotated[Whole, Field(ge=1)] = Field(
        default=999_999, description="The largest counter that is written"
    )
    order_window: Annotated[SomeSeconds, Field(ge=1, le=86_400)] = Field(
        default=seconds("6h"), description="Orders changed within so long are listed at once; a day at most"
    )
    order_page_size: Annotated[Whole, Field(ge=1, le=50)] = Field(default=50, description="Orders of a page")
    order_timezone: Annotated[str, AfterValidator(_zone)] = Field(
        default="America/Los_Angeles",
        description="The zone of the times by which orders are asked for, with its summer time",
    )

    sent_logistics: Texts = Field(
        default=("SELLER_SEND_GOODS", "BUYER_ACCEPT_GOODS"),
        description="The words of logistics_status by which goods have left; no document lists them",
    )
    unsent_logistics: Texts = Field(
        default=("WAIT_SELLER_SEND_GOODS",),
        description="Those by which goods have not left, so that an order which is finished frees its units; "
        "NO_LOGISTICS too, if the platform shows that for nothing else",
    )

    @field_validator("errors")
    @classmethod
    def _checked(cls, errors: dict[str, Kind]) -> dict[str, Kind]:
        return not_done(errors)
