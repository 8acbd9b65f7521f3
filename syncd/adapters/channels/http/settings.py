"""The settings of the channel `http`; as they stand without any, they fit a shop like the mock's."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from syncd.adapters.channels.http import templates
from syncd.adapters.channels.http.expressions import Expression, OptionalExpression
from syncd.adapters.http import MAX_BYTES
from syncd.config.scalars import Seconds, seconds, web_address
from syncd.domain.model import Action, OffReason
from syncd.errors import Kind
from syncd.ports.channel import Counter, DeductsAt, Unlists

Words = dict[str, Kind]


def _site(url: str) -> str:
    """Return the URL if ids and a path can be added to it; its text is never quoted."""
    parts = web_address(url)
    if parts is None:
        raise PydanticCustomError("url", "is not a URL", {"hint": "such as https://shop.example/api"})
    if parts.username is not None or parts.query or parts.fragment:
        hint = "put credentials into headers as a secret, and fixed parameters into list.params"
        raise PydanticCustomError("url", "has credentials, a query or a fragment in it", {"hint": hint})
    return url


def _path(path: str) -> str:
    if path and (not path.startswith("/") or not path.isprintable() or " " in path):
        raise PydanticCustomError("path", "must begin with / and hold no blanks")
    if templates.words(path) - templates.PATH_WORDS:
        hint = "there are {id}, {item}, {code} and {location}"
        raise PydanticCustomError("path", "has a placeholder that is not known", {"hint": hint})
    return path


def _header(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.isascii() or not text.isprintable():
        raise PydanticCustomError("header", "has characters that no header can carry")
    return value


def _seconds_or_read(value: object) -> object:
    """Return seconds; the core reads its own `timeout` before it passes it on."""
    return seconds(value) if isinstance(value, str) else value


def _fixed_path(path: str) -> str:
    if templates.words(path):
        raise PydanticCustomError("path", "may hold no placeholder")
    return _path(path)


SiteUrl = Annotated[str, AfterValidator(_site)]
PathTemplate = Annotated[str, AfterValidator(_path)]
FixedPath = Annotated[str, AfterValidator(_fixed_path), Field(min_length=1)]
Header = Annotated[SecretStr, AfterValidator(_header)]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Fields(_Settings):
    """Where one listing of the answer has what, as JMESPath; empty where the shop does not say it."""

    id: Expression = Field(
        default="id", description="Id of the listing, unique in the shop; text or a whole number"
    )
    item: OptionalExpression = Field(
        default="item", description="Id of the item that the listing is a variant of"
    )
    code: OptionalExpression = Field(default="code", description="The seller's own code on the listing")
    quantity: Expression = Field(
        default="quantity", description="The counter; what is not a whole number is unknown"
    )
    withheld: OptionalExpression = Field(
        default="withheld", description="Units that the shop holds for unpaid orders"
    )
    on_sale: OptionalExpression = Field(default="on_sale", description="true or false: whether it is on sale")
    off_reason: OptionalExpression = Field(
        default="off_reason", description="The shop's word for why it is off sale"
    )
    title: OptionalExpression = Field(default="title", description="What people know it by")
    location: OptionalExpression = Field(
        default="", description="Location, where the shop has a counter for each"
    )


class ListSettings(_Settings):
    """How the listings are read."""

    path: FixedPath = Field(default="/listings", description="Path after the url")
    params: dict[str, str | int] = Field(default_factory=dict, description="Fixed query parameters")
    items: Expression = Field(default="listings", description="JMESPath of the listings of a page")
    fields: Fields = Field(default_factory=Fields, description="Where a listing has what")
    off_reasons: dict[str, OffReason] = Field(
        default_factory=lambda: {reason.value: reason for reason in OffReason},
        description="What the shop's words for being off sale mean: sold_out, person or violation",
    )
    paging: Literal["page", "cursor", "offset", "none"] = Field(
        default="page", description="How pages are asked for"
    )
    page_param: str = Field(default="page", description="Parameter for the number of the page")
    first_page: int = Field(default=1, ge=0, le=1, description="Number of the first page")
    offset_param: str = Field(default="offset", description="Parameter for how many listings to skip")
    cursor_param: str = Field(default="after", description="Parameter for the cursor of the next page")
    next: OptionalExpression = Field(default="next", description="JMESPath of the next page's cursor")
    size_param: str = Field(default="size", description="Parameter for the listings per page; empty for none")
    page_size: int = Field(default=100, ge=1, le=100_000, description="Listings to ask for per page")
    pages: OptionalExpression = Field(default="pages", description="JMESPath of the number of pages")
    total: OptionalExpression = Field(default="total", description="JMESPath of the number of all listings")
    max_pages: int = Field(
        default=10_000, ge=1, description="More pages than this are taken for an endless list"
    )
    ids_param: str = Field(
        default="ids", description="Parameter for reading some listings by id; empty for none"
    )
    ids_separator: str = Field(default=",", min_length=1, description="What stands between the ids")
    ids_per_call: int = Field(default=50, ge=1, le=10_000, description="Ids to ask for at once")


class ResultSettings(_Settings):
    """Where one line of an answer to a write has what, as JMESPath."""

    id: OptionalExpression = Field(
        default="id", description="Id of the listing; not needed if a call has one line"
    )
    ok: Expression = Field(default="ok", description="true if the line was applied, false if it was refused")
    error: OptionalExpression = Field(
        default="error", description="The shop's word for why a line was refused"
    )
    message: OptionalExpression = Field(default="message", description="Its explanation for people")
    quantity: OptionalExpression = Field(default="quantity", description="The counter after the call")
    retry_after: OptionalExpression = Field(
        default="retry_after", description="Seconds to wait, if it was throttled"
    )
    errors: Words = Field(
        default_factory=lambda: {
            "not_found": Kind.NOT_FOUND,
            "rejected": Kind.REJECTED,
            "conflict": Kind.REJECTED,
            "duplicate": Kind.DUPLICATE,
            "throttled": Kind.THROTTLED,
            "permission": Kind.PERMISSION,
        },
        description="What the shop's words mean; a word that is not here leaves the line unknown",
    )


class WriteSettings(_Settings):
    """One way of writing quantities."""

    method: Literal["POST", "PUT", "PATCH"] = Field(default="POST", description="HTTP method")
    path: PathTemplate = Field(
        default="/stock", min_length=1, description="Path after the url, may hold {id}"
    )
    line: dict[str, Any] = Field(
        description="One line with {id} {item} {code} {location} {value} {base} {key}"
    )
    lines_at: str = Field(
        default="changes",
        description="Key of the body for the lines; @ if it is their list, empty if it is one of them",
    )
    body: dict[str, Any] = Field(default_factory=dict, description="Fixed other keys of the body")
    results: OptionalExpression = Field(
        default="results",
        description="JMESPath of the lines of the answer; empty if the status alone says it is done",
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if templates.words(self.line) - templates.LINE_WORDS:
            hint = "there are {id}, {item}, {code}, {location}, {value}, {base} and {key}"
            raise PydanticCustomError("line", "line has a placeholder that is not known", {"hint": hint})
        if "value" not in templates.words(self.line):
            raise PydanticCustomError("line", "line has no {value}, so nothing would be written")
        if self.body and self.lines_at in {"", "@"}:
            raise PydanticCustomError("body", "body needs a key in lines_at beside which it stands")
        if not self.results and self.lines_at:
            hint = 'write lines_at = "" and max_batch = 1, or where the answer has its lines'
            raise PydanticCustomError("results", "the status cannot speak for several lines", {"hint": hint})
        if templates.words(self.path) and self.lines_at:
            hint = 'write lines_at = "" and max_batch = 1'
            raise PydanticCustomError("path", "a path with an id carries one line", {"hint": hint})
        return self


class SwitchSettings(_Settings):
    """How one listing is taken off sale or put back."""

    method: Literal["POST", "PUT", "PATCH", "DELETE"] = Field(default="POST", description="HTTP method")
    path: PathTemplate = Field(
        description="Path after the url with {id} or {item}; empty if it cannot be done"
    )
    body: dict[str, Any] | None = Field(
        default=None, description="Body with placeholders as in a line; none by default"
    )
    results: OptionalExpression = Field(
        default="@",
        description="JMESPath of the line of the answer; empty if the status alone says it is done",
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if templates.words(self.body) - templates.LINE_WORDS:
            raise PydanticCustomError("body", "body has a placeholder that is not known")
        if self.path and not (templates.words(self.path) | templates.words(self.body)) & {
            "id",
            "item",
            "code",
        }:
            raise PydanticCustomError("path", "neither path nor body names the listing, such as with {id}")
        return self


def _line(**figures: str) -> WriteSettings:
    return WriteSettings(line={"id": "{id}", "key": "{key}", **figures})


class CallSettings(_Settings):
    """What it means when the shop refuses a whole call."""

    error: OptionalExpression = Field(
        default="error", description="JMESPath of the shop's word in the answer"
    )
    errors: Words = Field(
        default_factory=lambda: {
            "unauthorized": Kind.AUTH_EXPIRED,
            "token_expired": Kind.AUTH_EXPIRED,
            "token_revoked": Kind.AUTH_REVOKED,
            "signature": Kind.SIGNATURE,
            "permission": Kind.PERMISSION,
            "too_many": Kind.REJECTED,
            "throttled": Kind.THROTTLED,
        },
        description="What its words mean; else the HTTP status decides",
    )


class HttpSettings(_Settings):
    """A generic JSON shop."""

    url: SiteUrl = Field(description="Where the API begins, such as https://shop.example/api")
    headers: dict[HeaderName, Header] = Field(
        default_factory=dict, description="Headers of every call; secrets"
    )
    timeout: Annotated[float, BeforeValidator(_seconds_or_read), Field(gt=0)] = Field(
        default=30.0, description="How long an answer may take"
    )
    max_bytes: int = Field(default=MAX_BYTES, ge=1024, description="Largest answer that is read")
    list: ListSettings = Field(default_factory=ListSettings, description="How listings are read")
    set: WriteSettings = Field(
        default_factory=lambda: _line(quantity="{value}"), description="Absolute writes"
    )
    delta: WriteSettings = Field(default_factory=lambda: _line(delta="{value}"), description="Differences")
    compare_and_set: WriteSettings = Field(
        default_factory=lambda: _line(quantity="{value}", if_quantity="{base}"),
        description="Absolute writes that the shop refuses if its counter is not what we think",
    )
    delist: SwitchSettings = Field(
        default_factory=lambda: SwitchSettings(path="/listings/{id}/delist"), description="Taking off sale"
    )
    relist: SwitchSettings = Field(
        default_factory=lambda: SwitchSettings(path="/listings/{id}/relist"),
        description="Putting back on sale",
    )
    result: ResultSettings = Field(
        default_factory=ResultSettings, description="What a line of an answer says"
    )
    call: CallSettings = Field(default_factory=CallSettings, description="What the refusal of a call says")
    write_modes: tuple[Literal["compare_and_set", "delta", "set"], ...] = Field(
        default=("compare_and_set", "delta", "set"),
        min_length=1,
        description="What the shop can do, best first",
    )
    max_batch: int = Field(default=50, ge=1, le=10_000, description="Most lines of one call")
    idempotent: bool | None = Field(
        default=None,
        description="Whether the shop answers a repeated key as a duplicate; without a word only while set, "
        "delta and compare_and_set are left as they are",
    )
    delta_clips: bool = Field(
        default=False, description="Whether a difference below zero is cut to 0 and called done"
    )
    counter: Counter = Field(
        default=Counter.NET, description="Whether the counter excludes open orders (net, gross)"
    )
    deducts_at: DeductsAt = Field(
        default=DeductsAt.UNKNOWN, description="When the shop lowers its own counter"
    )
    zero_allowed: bool = Field(default=True, description="Whether a counter may be set to 0")
    unlists: Unlists = Field(
        default=Unlists.LISTING, description="What a delisting takes away: listing or item"
    )
    auto_delists_at_zero: bool = Field(default=False, description="Whether the shop delists what is sold out")
    max_apply_delay: Seconds = Field(default=0.0, description="How long an accepted write may take to show")
    max_quantity: int = Field(
        default=999_999_999, ge=1, description="The largest counter that the shop takes"
    )

    @model_validator(mode="after")
    def _checked(self) -> Self:
        for mode in self.write_modes:
            self._check_mode(mode, getattr(self, mode))
        if bool(self.delist.path) != bool(self.relist.path):
            raise PydanticCustomError("relist", "delist.path and relist.path need each other")
        return self

    def _check_mode(self, mode: str, write: WriteSettings) -> None:
        found = templates.words(write.line)
        if mode == Action.COMPARE_AND_SET and "base" not in found:
            raise PydanticCustomError("line", "compare_and_set.line has no {base} to compare with")
        if self.idempotent and "key" not in found:
            message = "{mode}.line has no placeholder for the key, so idempotent cannot be true"
            raise PydanticCustomError("line", message, {"mode": mode})
        if "id" not in found | templates.words(write.path) and "code" not in found:
            raise PydanticCustomError("line", "{mode} names no listing in line or path", {"mode": mode})
        if not write.lines_at and self.max_batch != 1:
            raise PydanticCustomError("max_batch", "must be 1 where a call carries one line")

    @property
    def repeats_safely(self) -> bool:
        """Return whether a repeated key is applied once; never assumed of a shop that was described anew."""
        if self.idempotent is not None:
            return self.idempotent
        return not self.model_fields_set & {"set", "delta", "compare_and_set"}
