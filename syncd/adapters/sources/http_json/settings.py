"""The settings of the source `http_json`; with nothing but a url it fits the mock ERP."""

from typing import Annotated, Any, Literal, LiteralString, Self

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from syncd.adapters.sources.times import ZONE_DESCRIPTION, ZoneName
from syncd.config.scalars import SomeSeconds, web_address
from syncd.domain.model import IdsOf, TransferConvention, WatermarkEvent


def _checked_expression(text: str) -> str:
    if not text:
        return text
    try:
        jmespath.compile(text)
    except JMESPathError:
        hint = 'it is a JMESPath such as data.items or qty.free; quote odd names: "商品编码"'
        raise PydanticCustomError("jmespath", "is no JMESPath expression", {"hint": hint}) from None
    return text


def _needed(text: str) -> str:
    if not text:
        raise PydanticCustomError("jmespath", "must not be empty", {"hint": "write where it stands"})
    return _checked_expression(text)


def _checked_url(text: str) -> str:
    parts = web_address(text)
    if parts is None:
        hint = "write it whole, such as https://erp.example/stock"
        raise PydanticCustomError("url", "is no http address", {"hint": hint})
    if "@" in parts.netloc or parts.query or parts.fragment:
        hint = "write passwords into headers, and the query into params or secret_params"
        raise PydanticCustomError("url", "has a user, a query or a fragment", {"hint": hint})
    return text


Expression = Annotated[str, AfterValidator(_checked_expression)]
Needed = Annotated[str, AfterValidator(_needed)]
WebAddress = Annotated[str, AfterValidator(_checked_url)]

_IN_ROW = "JMESPath in a row"
_IN_ANSWER = "JMESPath in the answer"


class Paths(BaseModel):
    """Where things stand in the ERP's answer; an empty path is not read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: Needed = Field(default="rows", description=f"{_IN_ANSWER}: the list of rows.")
    sku: Needed = Field(default="sku", description=f"{_IN_ROW}: the SKU.")
    warehouse: Expression = Field(default="warehouse", description=f"{_IN_ROW}: the warehouse.")
    on_hand: Needed = Field(
        default="on_hand", description=f"{_IN_ROW}: units physically there, good or bad, held or free."
    )
    allocated: Expression = Field(
        default="allocated", description=f"{_IN_ROW}: units of orders that have not left yet."
    )
    unsellable: Expression = Field(
        default="unsellable", description=f"{_IN_ROW}: units that cannot be sold as new."
    )
    locked: Expression = Field(
        default="locked", description=f"{_IN_ROW}: units that the ERP withholds on purpose."
    )
    virtual: Expression = Field(
        default="virtual", description=f"{_IN_ROW}: units that may be sold though they are not there."
    )
    transfer_out: Expression = Field(
        default="transfer_out", description=f"{_IN_ROW}: units promised to another of our warehouses."
    )
    in_air: Expression = Field(
        default="in_air", description=f"{_IN_ROW}: units that left for another of our warehouses."
    )
    as_of: Expression = Field(
        default="as_of",
        description=f"{_IN_ANSWER}: when the ERP began to read; without it the time of the first call.",
    )
    kind: Expression = Field(
        default="kind",
        description=f"{_IN_ANSWER}: 'full' or 'delta'; without it a delta is what a cursor was sent for.",
    )
    cursor: Expression = Field(
        default="cursor", description=f"{_IN_ANSWER}: what to send the next time as since_param."
    )
    imported_until: Expression = Field(
        default="",
        description=f"{_IN_ANSWER}: an object, shop = time: until when its orders are in the figures, "
        "without gaps.",
    )
    included: Expression = Field(
        default="",
        description=f"{_IN_ANSWER}: an object, shop = list of ids: all orders that are in its figures, on "
        "the first page, as they were before the first figure was read; what was shipped stays named for "
        "ship_lag.",
    )
    total: Expression = Field(default="total", description=f"{_IN_ANSWER}: the number of rows on all pages.")
    pages: Expression = Field(default="pages", description=f"{_IN_ANSWER}: the number of pages.")
    next: Expression = Field(
        default="next", description=f"{_IN_ANSWER}: with paging = 'cursor', what leads to the next page."
    )
    unrouted: Expression = Field(
        default="unrouted",
        description=f"{_IN_ANSWER}: the list of units of orders for which no warehouse is chosen yet.",
    )
    unrouted_sku: Needed = Field(default="sku", description=f"{_IN_ROW} of unrouted: the SKU.")
    unrouted_units: Needed = Field(default="units", description=f"{_IN_ROW} of unrouted: the units.")
    ok: Expression = Field(
        default="",
        description=f"{_IN_ANSWER}: what must be true, for an ERP that answers 200 to everything, such as "
        "code == `0`.",
    )


class HttpJsonSettings(BaseModel):
    """An ERP or WMS that answers with JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: WebAddress = Field(description="The address of the call that lists the stock, without a query.")
    headers: dict[str, SecretStr] = Field(
        default_factory=dict, description="Headers of every call, each a reference to a secret."
    )
    imported_by: WatermarkEvent = Field(
        default=WatermarkEvent.CREATED,
        description="Which time of an order paths.imported_until speaks of: 'created', 'paid' or 'modified'.",
    )
    included_ids: IdsOf = Field(
        default=IdsOf.LINE,
        description="What the ids at paths.included are, as the shop has them: of a 'line' (a sub-order), or "
        "of a whole 'order'.",
    )
    method: Literal["GET", "POST"] = Field(
        default="GET", description="'GET' sends params as the query, 'POST' as a JSON object."
    )
    params: dict[str, str | int | bool] = Field(
        default_factory=dict, description="What every call sends beside the page."
    )
    secret_params: dict[str, SecretStr] = Field(
        default_factory=dict, description="The same for what must not be seen, each a reference to a secret."
    )
    paths: Paths = Field(default_factory=Paths, description="Where things stand in the answer.")
    warehouse: str = Field(default="", description="The warehouse of rows that name none.")
    blank_is_zero: bool = Field(
        default=True,
        description="Whether a figure that is null or not there is 0; for on_hand it never is, but unknown.",
    )
    timezone: ZoneName = Field(default="UTC", description=ZONE_DESCRIPTION)

    paging: Literal["page", "offset", "cursor", "none"] = Field(
        default="page", description="How the ERP is asked for the next page."
    )
    page_param: str = Field(default="page", min_length=1, description="With 'page': its number.")
    first_page: int = Field(default=1, ge=0, le=1, description="With 'page': the number of the first one.")
    offset_param: str = Field(
        default="offset", min_length=1, description="With 'offset': how many rows to leave out."
    )
    after_param: str = Field(
        default="after",
        min_length=1,
        description="With 'cursor': what paths.next said on the page before. The first call sends what "
        "params have for it, or leaves it out.",
    )
    size_param: str | None = Field(
        default=None,
        description="How many rows a page has; by default 'size' for pages, else 'limit', and '' for none.",
    )
    page_size: int = Field(default=200, ge=1, le=100_000, description="How many rows to ask for.")
    max_pages: int = Field(
        default=10_000, ge=1, description="After so many pages the reading ends, incomplete."
    )
    since_param: str = Field(
        default="since", description="How a cursor is sent to read only what changed; '' for no deltas."
    )
    unrouted_pages: Literal["same", "parts"] = Field(
        default="same",
        description="'same': every page has the whole list of unrouted units, or only one has it. 'parts': "
        "each page has some, and they add up.",
    )

    timeout: SomeSeconds = Field(
        default=60.0, description="How long one page may take; from the source's own table."
    )
    max_bytes: int = Field(default=64 * 1024 * 1024, ge=1, description="A page larger than this is an error.")
    warehouses: tuple[str, ...] = Field(
        default=(), description="The warehouses that the source counts; from the source's own table."
    )
    transfer_convention: TransferConvention = Field(
        default=TransferConvention.UNTIL_SHIPPED,
        description="How long transfer_out stays open; from the source's own table.",
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        problem = _contradiction(self)
        if problem:
            message, hint = problem
            raise PydanticCustomError("http_json", message, {"hint": hint})
        return self


def _contradiction(settings: HttpJsonSettings) -> tuple[LiteralString, str] | None:
    if settings.warehouse and settings.warehouses and settings.warehouse not in settings.warehouses:
        return "has a warehouse that is none of its warehouses", "add it there, or correct it"
    if not settings.warehouse and not settings.paths.warehouse:
        return "has neither warehouse nor paths.warehouse", "write one of them"
    if settings.paging == "cursor" and not settings.paths.next:
        return "needs paths.next, as paging is 'cursor'", "write where the answer says what comes next"
    if settings.paths.imported_until and settings.paths.included:
        return "has both paths.imported_until and paths.included", "keep the one that the ERP is sure of"
    if settings.params.keys() & settings.secret_params.keys():
        return "has a key in both params and secret_params", "leave it out of params"
    return None


def found(expression: str, value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    """Return what stands at `expression` in `value`, None if nothing does or the expression is empty."""
    if not expression:
        return None
    # Most paths are plain names, and a million rows times nine of them are searched.
    if expression.isidentifier():
        return value.get(expression) if isinstance(value, dict) else None
    return jmespath.search(expression, value)
