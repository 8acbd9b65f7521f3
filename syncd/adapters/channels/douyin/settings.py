"""The settings of the channel `douyin`; what the documents of the platform leave open can be set."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator

from syncd.adapters.wire.douyin import SignMethod
from syncd.adapters.wire.settings import Gateway, PlatformSettings, Secret, WriteModes, not_done
from syncd.config.scalars import Seconds, SomeSeconds, Text, Until, Whole, seconds
from syncd.errors import Kind

MOST_ROWS = 50
"""The most rows of a call that writes SKUs of any products."""

_NO_SECRET = SecretStr("")


class Calls(StrEnum):
    """Which call writes quantities, from the most of them at once to the safest."""

    ROWS = "rows"
    PRODUCT = "product"
    SKU = "sku"


class DouyinSettings(PlatformSettings):
    """A shop on Douyin (抖店)."""

    url: Gateway = Field(
        default="https://openapi-fxg.jinritemai.com", description="The gateway that takes the calls"
    )
    app_key: Text = Field(description="Key of the app in the open platform's console")
    app_secret: Secret = Field(description="Its secret; it signs every call")
    access_token: Secret = Field(description="Token that the shop's owner granted to the app; it expires")
    refresh_token: Secret | None = Field(
        default=None,
        description="What buys the next access token; it is used up and kept in the state folder then, and "
        "one that is changed here counts again",
    )
    access_expires: Until | None = Field(
        default=None,
        description="The last day, or the moment, of this access token: syncd tells ahead that it ends",
    )
    renew_ahead: Seconds = Field(
        default=seconds("50m"), description="How long before its end the access token is renewed"
    )
    sign_method: SignMethod = Field(
        default=SignMethod.HMAC_SHA256, description="How calls are signed: hmac-sha256, or md5 of old apps"
    )
    write_modes: WriteModes = Field(
        default=("delta", "set"),
        description="How quantities are written, best first; zero is always set",
    )
    calls: Calls = Field(
        default=Calls.ROWS,
        description="rows: up to 50 SKUs of any products in a call, each of them judged alone; product: SKUs "
        "of one product, all or none; sku: one SKU in a call, with a key: a difference that is sent twice "
        "counts once",
    )
    skus_per_call: Annotated[Whole, Field(ge=1, le=1000)] = Field(
        default=20,
        description="SKUs of one product in a call, with calls = product; the platform's limit is not known",
    )
    page_size: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=100, description="Products of a page when the whole shop is read"
    )
    reads_details: bool = Field(
        default=True,
        description="Whether each product that is read costs a call more, which tells when its counter "
        "falls; without it, a product that is read alone does not say whether it is on sale either",
    )
    max_quantity: Annotated[Whole, Field(ge=1)] = Field(
        default=99_999_999, description="The largest counter that is written; the platform's is not known"
    )
    order_window: Annotated[SomeSeconds, Field(ge=2, le=86_400)] = Field(
        default=seconds("30m"), description="Orders changed within so long are listed at once"
    )
    order_page_size: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=100, description="Orders of a page"
    )
    # At least one full page of any size.
    deepest_order: Annotated[Whole, Field(ge=100, le=50_000)] = Field(
        default=10_000,
        description="Orders of a list that pages can show; the documents say 10000 and 50000. A window with "
        "more of them is cut",
    )
    refunded: tuple[Text, ...] = Field(
        default=(),
        description="The refund_status values that say that a line which is not shipped was refunded whole: "
        "its units are free then; no document lists them, so by default only closed lines are",
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        not_done(self.errors, but={Kind.DUPLICATE})
        return self

    @property
    def refresh_text(self) -> str:
        """Return the refresh token, empty where there is none."""
        return (self.refresh_token or _NO_SECRET).get_secret_value()
