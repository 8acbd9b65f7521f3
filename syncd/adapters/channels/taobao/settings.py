"""The settings of the channel `taobao`; what the documents of the platform leave open can be set."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from syncd.adapters.wire.settings import Gateway, PlatformSettings, Secret, WriteModes, not_done
from syncd.adapters.wire.top import SignMethod
from syncd.config.scalars import SomeSeconds, Text, Texts, Until, Whole, seconds
from syncd.errors import Kind

MOST_SKUS = 20
"""The most SKUs of one item in a call."""

Banner = Literal[
    "violation_off_shelf", "sold_out", "off_shelf", "never_on_shelf", "regular_shelved", "for_shelved"
]


class TaobaoSettings(PlatformSettings):
    """A shop on Taobao or Tmall."""

    url: Gateway = Field(
        default="https://gw.api.taobao.com/router/rest", description="The gateway that takes the calls"
    )
    app_key: Text = Field(description="Key of the app in the open platform's console")
    app_secret: Secret = Field(description="Its secret; it signs every call")
    session: Secret = Field(description="Session key that the shop's owner granted to the app; it expires")
    refresh_token: Secret | None = Field(
        default=None,
        description="What buys the next session, for apps that may refresh it; it is used up and kept in the "
        "state folder then, and one that is changed here counts again",
    )
    session_expires: Until | None = Field(
        default=None,
        description="The last day, or the moment, of this session: syncd tells a week ahead that it ends; "
        "what refresh_token buys has an end of its own",
    )
    sign_method: SignMethod = Field(
        default=SignMethod.HMAC_SHA256, description="How calls are signed: md5, hmac or hmac-sha256"
    )
    tmall_calls: bool = Field(
        default=False, description="Whether writes go by the calls that end in .tmall, for apps of Tmall"
    )
    write_modes: WriteModes = Field(
        default=("delta", "set"),
        description="How quantities are written, best first; zero is always set",
    )
    single_calls: bool = Field(
        default=False,
        description="Whether each quantity is a call of its own; more calls, but a difference below zero is "
        "refused, where the call for 20 cuts it to 0",
    )
    keyed_calls: bool = Field(
        default=False,
        description="Whether each quantity is a call of its own to tmall.item.quantity.update, with a key: a "
        "difference that is sent twice counts once; for shops on Tmall, and apps that may call it",
    )
    page_size: Annotated[Whole, Field(ge=1, le=200)] = Field(
        default=200, description="Items of a page when the whole shop is read"
    )
    items_per_call: Annotated[Whole, Field(ge=1, le=20)] = Field(
        default=20, description="Items whose SKUs are asked for at once"
    )
    banners: tuple[Banner, ...] = Field(
        default=(
            "violation_off_shelf",
            "sold_out",
            "off_shelf",
            "never_on_shelf",
            "regular_shelved",
            "for_shelved",
        ),
        description="The lists of items off sale that are read; the first that shows an item says why",
    )
    max_quantity: Annotated[Whole, Field(ge=1)] = Field(
        default=900_000_000, description="The largest counter that is written"
    )
    order_window: Annotated[SomeSeconds, Field(ge=1, le=86_400)] = Field(
        default=seconds("30m"), description="Orders changed within so long are listed at once; a day at most"
    )
    order_page_size: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=100, description="Orders of a page"
    )
    order_types: Texts = Field(
        default=("guarantee_trade", "auto_delivery", "ec", "cod", "step"),
        description="The types of orders that are read, as the platform names them",
    )
    deposits_bind: bool = Field(
        default=True,
        description="Whether a presale occupies like a paid order once its deposit is paid; false if the "
        "counter falls only with the rest of the price",
    )
    refunds_release: bool = Field(
        default=False,
        description="Whether a successful refund frees all units of a line that is neither sent nor closed; "
        "false takes it for one of a part, as the platform closes what is refunded whole",
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if self.single_calls and self.keyed_calls:
            hint = "keep one of them; both send each quantity alone"
            raise PydanticCustomError("keyed_calls", "has both single_calls and keyed_calls", {"hint": hint})
        # Only of a call with a key can the platform say that it was applied before.
        not_done(self.errors, but={Kind.DUPLICATE} if self.keyed_calls else ())
        return self
