"""The settings of the channel `taobao`; what the documents of the platform leave open can be set."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from syncd.adapters.http import MAX_BYTES
from syncd.adapters.wire.top import SignMethod
from syncd.config.scalars import Seconds, SomeSeconds, Text, Texts, Whole, seconds, web_address
from syncd.domain.ordering.rules import Restores
from syncd.domain.orders import Stage
from syncd.errors import Kind
from syncd.ports.channel import Counter, DeductsAt

MOST_SKUS = 20
"""The most SKUs of one item in a call."""

Banner = Literal[
    "violation_off_shelf", "sold_out", "off_shelf", "never_on_shelf", "regular_shelved", "for_shelved"
]


def _gateway(url: str) -> str:
    """Return the URL if a form can be posted to it; its text is never quoted."""
    hint = "such as https://gw.api.taobao.com/router/rest"
    parts = web_address(url)
    if parts is None:
        raise PydanticCustomError("url", "is not a URL", {"hint": hint})
    if parts.username is not None or parts.query or parts.fragment:
        raise PydanticCustomError("url", "has credentials, a query or a fragment in it", {"hint": hint})
    return url


def _secret(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.isascii() or not text.isprintable() or " " in text:
        hint = "copy it again; a file with a secret holds nothing else"
        raise PydanticCustomError("secret", "holds characters that no key of TOP has", {"hint": hint})
    return value


Secret = Annotated[SecretStr, Field(min_length=1), AfterValidator(_secret)]


class TaobaoSettings(BaseModel):
    """A shop on Taobao or Tmall."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(_gateway)] = Field(
        default="https://gw.api.taobao.com/router/rest", description="The gateway that takes the calls"
    )
    app_key: Text = Field(description="Key of the app in the open platform's console")
    app_secret: Secret = Field(description="Its secret; it signs every call")
    session: Secret = Field(description="Session key that the shop's owner granted to the app; it expires")
    sign_method: SignMethod = Field(
        default=SignMethod.HMAC_SHA256, description="How calls are signed: md5, hmac or hmac-sha256"
    )
    timeout: SomeSeconds = Field(default=seconds("30s"), description="How long an answer may take")
    max_bytes: Annotated[Whole, Field(ge=1024)] = Field(
        default=MAX_BYTES, description="Largest answer that is read"
    )
    tmall_calls: bool = Field(
        default=False, description="Whether writes go by the calls that end in .tmall, for apps of Tmall"
    )
    write_modes: tuple[Literal["delta", "set"], ...] = Field(
        default=("delta", "set"),
        min_length=1,
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
    max_pages: Annotated[Whole, Field(ge=1)] = Field(
        default=10_000, description="More pages than this are taken for an endless list"
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
    deducts_at: DeductsAt = Field(
        default=DeductsAt.UNKNOWN,
        description="When a counter falls for a buyer, for items that do not say: order or payment",
    )
    counter: Counter = Field(
        default=Counter.NET,
        description="gross where unpaid orders are subtracted already, by the ERP or by occupies_at: units "
        "withheld for them are added to the counter then; net never sells more, but hides them twice",
    )
    restores_unpaid: Restores = Field(
        default=Restores.UNKNOWN,
        description="Whether the counter rises again where an unpaid order ends: yes, no or unknown, which "
        "believes neither before it was read",
    )
    restores_paid: Restores = Field(
        default=Restores.UNKNOWN,
        description="The same for an order that is cancelled or refunded between payment and shipping",
    )
    auto_delists_at_zero: bool = Field(
        default=False, description="Whether a listing that reads 0 needs no delisting any more"
    )
    max_apply_delay: Seconds = Field(default=0.0, description="How long an accepted write may take to show")
    max_quantity: Annotated[Whole, Field(ge=1)] = Field(
        default=900_000_000, description="The largest counter that is written"
    )
    orders: bool = Field(
        default=True,
        description="Whether orders are read; false for an app without the API package for them: sales are "
        "then presumed from counters that fall",
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
    order_statuses: dict[str, Stage] = Field(
        default_factory=dict,
        description="What a status of an order means (unpaid, paid, shipped, done, closed), where syncd's "
        "table is wrong or has none; one that is not known occupies as if paid",
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
    errors: dict[str, Kind] = Field(
        default_factory=dict,
        description="What a sub_code (or a code) of the platform means, where syncd's table is wrong",
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if "set" not in self.write_modes:
            hint = 'write ["delta", "set"] or ["set"]: a counter that is not known can only be set'
            raise PydanticCustomError("write_modes", "write_modes lacks set", {"hint": hint})
        if len(set(self.write_modes)) != len(self.write_modes):
            raise PydanticCustomError("write_modes", "write_modes names the same thing twice")
        if self.single_calls and self.keyed_calls:
            hint = "keep one of them; both send each quantity alone"
            raise PydanticCustomError("keyed_calls", "has both single_calls and keyed_calls", {"hint": hint})
        # Only of a call with a key can the platform say that it was applied before.
        done = {Kind.DONE} if self.keyed_calls else {Kind.DONE, Kind.DUPLICATE}
        if done & set(self.errors.values()):
            hint = "what the platform refuses was not done: write another kind"
            raise PydanticCustomError("errors", "errors takes an error for done", {"hint": hint})
        return self
