"""The settings of the source `tryton`."""

from typing import Annotated, LiteralString, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from syncd.adapters.http import MAX_BYTES
from syncd.config.scalars import Seconds, SomeSeconds, Text, Texts, Whole, seconds, web_address
from syncd.domain.model import TransferConvention


def _server(text: str) -> str:
    """Return the address without a slash at its end; its text is never quoted."""
    hint = "write it whole and without the database, such as https://tryton.example:8000"
    parts = web_address(text)
    if parts is None:
        raise PydanticCustomError("url", "is no http address", {"hint": hint})
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise PydanticCustomError("url", "has a user, a query or a fragment", {"hint": hint})
    return text.rstrip("/")


def _open_until_shipped(convention: TransferConvention) -> TransferConvention:
    if convention is not TransferConvention.UNTIL_SHIPPED:
        hint = "leave it out: in Tryton the move out of a warehouse is done when the goods leave"
        raise PydanticCustomError("transfer_convention", "is not what Tryton does", {"hint": hint})
    return convention


class TrytonSettings(BaseModel):
    """A Tryton server and the user who reads it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[str, AfterValidator(_server)] = Field(
        description="The address of the server, without the database."
    )
    database: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")] = Field(
        description="The name of the database."
    )
    user: Text = Field(description="Who logs in; needs to read products, locations, moves and shipments.")
    password: Annotated[SecretStr, Field(min_length=1)] = Field(
        description="The password, a reference to a secret."
    )
    company: Annotated[Whole, Field(ge=1)] | None = Field(
        default=None, description="Id of the company whose stock it is; by default the user's own."
    )
    codes: dict[str, Text] = Field(
        default_factory=dict,
        description="Tryton's codes of the warehouses that are called otherwise here: { main = 'WH1' }.",
    )
    unsellable: Texts = Field(
        default=(),
        description="Codes of locations inside the warehouses whose content cannot be sold; "
        "what lies below them neither.",
    )
    page: Annotated[Whole, Field(ge=1, le=500)] = Field(
        default=500, description="How many rows are asked for in a call; Tryton takes 2 ms for each product."
    )
    overlap: Seconds = Field(
        default=seconds("10m"),
        description="How far back moves are looked at again: longer than the longest work in Tryton takes.",
    )
    timeout: SomeSeconds = Field(
        default=seconds("60s"),
        description="How long one call, and the reading as a whole, may take; from the source's own table.",
    )
    max_bytes: Annotated[Whole, Field(ge=1024)] = Field(
        default=MAX_BYTES, description="An answer larger than this is an error."
    )
    warehouses: tuple[str, ...] = Field(
        min_length=1, description="The warehouses that the source counts; from the source's own table."
    )
    transfer_convention: Annotated[TransferConvention, AfterValidator(_open_until_shipped)] = Field(
        default=TransferConvention.UNTIL_SHIPPED,
        description="Always until_shipped; from the source's own table.",
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        problem = _contradiction(self)
        if problem:
            message, hint = problem
            raise PydanticCustomError("tryton", message, {"hint": hint})
        return self

    def wanted(self) -> dict[str, str]:
        """Return Tryton's code of every warehouse by the name it has here."""
        return {name: self.codes.get(name, name) for name in self.warehouses}


def _contradiction(settings: TrytonSettings) -> tuple[LiteralString, str] | None:
    if settings.codes.keys() - set(settings.warehouses):
        return "has a code for a warehouse that is none of its warehouses", "add it there, or correct it"
    wanted = settings.wanted()
    if len(set(wanted.values())) < len(wanted):
        return "has one code for two warehouses", "a warehouse counted twice would be sold twice"
    return None
