"""What the settings of all channels that sign their calls have in common."""

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from syncd.adapters.http import MAX_BYTES
from syncd.config.scalars import Seconds, SomeSeconds, Whole, seconds, web_address
from syncd.domain.model import Action
from syncd.domain.ordering.rules import Restores
from syncd.domain.orders import Stage
from syncd.errors import Kind
from syncd.ports.channel import Counter, DeductsAt

_Words = tuple[Literal["delta", "set"], ...]

ACTIONS = {"delta": Action.DELTA, "set": Action.SET}
"""What the words of `write_modes` are."""


def gateway(url: str) -> str:
    """Return the URL if calls can be posted to it; its text is never quoted.

    Raises:
        PydanticCustomError: it is no URL, or holds credentials, a query or a fragment.
    """
    hint = "write it as https://api.example.com/path"
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
        raise PydanticCustomError("secret", "holds characters that no key of a platform has", {"hint": hint})
    return value


def _modes(modes: _Words) -> _Words:
    if "set" not in modes:
        hint = 'write ["delta", "set"] or ["set"]: a counter that is not known can only be set'
        raise PydanticCustomError("write_modes", "lacks set", {"hint": hint})
    if len(set(modes)) != len(modes):
        raise PydanticCustomError("write_modes", "names the same thing twice")
    return modes


def not_done(errors: dict[str, Kind], *, but: Collection[Kind] = ()) -> dict[str, Kind]:
    """Return the meanings of errors if none is taken for done, except for kinds that the platform can say.

    Raises:
        PydanticCustomError: one is.
    """
    if {Kind.DONE, Kind.DUPLICATE} - set(but) & set(errors.values()):
        hint = "what the platform refuses was not done: write another kind"
        raise PydanticCustomError("errors", "errors takes an error for done", {"hint": hint})
    return errors


Gateway = Annotated[str, AfterValidator(gateway)]
WriteModes = Annotated[_Words, Field(min_length=1), AfterValidator(_modes)]
Secret = Annotated[SecretStr, Field(min_length=1), AfterValidator(_secret)]


class PlatformSettings(BaseModel):
    """What every such channel can be told; each adds its account, and its own limits and doubts."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    timeout: SomeSeconds = Field(default=seconds("30s"), description="How long an answer may take")
    max_bytes: Annotated[Whole, Field(ge=1024)] = Field(
        default=MAX_BYTES, description="Largest answer that is read"
    )
    max_pages: Annotated[Whole, Field(ge=1)] = Field(
        default=10_000, description="More pages than this are taken for an endless list"
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
    orders: bool = Field(
        default=True,
        description="Whether orders are read; false for an app without the API package for them: sales are "
        "then presumed from counters that fall",
    )
    order_statuses: dict[str, Stage] = Field(
        default_factory=dict,
        description="What a status of an order means (unpaid, paid, shipped, done, closed), where syncd's "
        "table is wrong or has none; one that is not known occupies as if paid",
    )
    errors: dict[str, Kind] = Field(
        default_factory=dict,
        description="What an error of the platform means, where syncd's table is wrong; by its code or word",
    )
