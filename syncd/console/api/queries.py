"""What a request to the API may say: its query, its path and its body, each checked to the letter."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from syncd.domain.model import LARGEST, PoolName, ShopName, Sku
from syncd.services.desk import Asked, LockWanted
from syncd.services.desk.asked import MOST

_NAME = r"^[a-z0-9_]+$"
_LONGEST = 200


def _whole(value: object) -> object:
    """Return the number that a query says in digits; anything else is for the model to refuse."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else str(value)


def _flag(value: object) -> object:
    return {"true": True, "false": False}.get(str(value), "neither true nor false")


def _integer(value: object) -> object:
    """Return a number of JSON as a whole one if it is: 3.0 is 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _moment(value: object) -> object:
    """Return the text of a time; a mere number is none, whatever it may count from."""
    return value if isinstance(value, str) and "T" in value.upper() else "no time like 2026-11-11T00:00+08:00"


Text: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=_LONGEST, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Name: TypeAlias = Annotated[str, StringConstraints(max_length=_LONGEST, pattern=_NAME)]
Limit: TypeAlias = Annotated[
    int, Field(ge=1, le=MOST, description="How many at most."), BeforeValidator(_whole)
]
Flag: TypeAlias = Annotated[bool, BeforeValidator(_flag)]
Number: TypeAlias = Annotated[int, Field(ge=1, le=2**53), BeforeValidator(_whole)]
Moment: TypeAlias = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_moment)]
Since: TypeAlias = Annotated[Moment, Field(description="Not older than this; a time with its zone.")]
Cursor: TypeAlias = Annotated[
    str,
    StringConstraints(max_length=4_000, pattern=r"^[A-Za-z0-9_-]+$"),
    Field(description="The `next` of the page before, asked with the same words."),
]
Search: TypeAlias = Annotated[
    Text, Field(description="A part of a code, title or SKU; the case of ASCII letters does not matter.")
]


class Said(BaseModel):
    """What a request says; what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Query(Said):
    """The query of a request."""

    def asked(self) -> Asked:
        """Return it as the desk is asked."""
        words: Mapping[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        return Asked(**words)


class Nothing(Query):
    """A request without a query."""


class Paged(Query):
    """One that asks for a page."""

    limit: Limit = 50
    cursor: Cursor = ""


class StockQuery(Paged):
    """Which SKUs."""

    search: Search = ""
    pool: Name | None = None


class ExplainQuery(Query):
    """For which shop."""

    shop: Name | None = None


class HistoryQuery(Query):
    """Since when."""

    since: Since | None = None


class ListingsQuery(Paged):
    """Which listings."""

    search: Search = ""
    shop: Name | None = None
    sku: Text | None = None
    unbound: Flag = False


class PlanQuery(Paged):
    """Which changes of a plan."""

    shop: Name | None = None


class OrdersQuery(Paged):
    """Which order lines; `open_only` are those that some snapshot does not contain yet."""

    shop: Name | None = None
    sku: Text | None = None
    open_only: Flag = False


class ClaimsQuery(Paged):
    """Which claims."""

    shop: Name | None = None
    sku: Text | None = None


class EndedQuery(Query):
    """Whether with those that have ended."""

    ended: Flag = False


class TransfersQuery(Paged):
    """Which moves; `since` is how far back those that have ended go, else a day."""

    ended: Flag = False
    since: Since | None = None


class LedgerQuery(Paged):
    """Which rows of the ledger."""

    sku: Text | None = None
    shop: Name | None = None
    what: Annotated[str, StringConstraints(max_length=_LONGEST, pattern=_NAME)] = ""
    since: Since | None = None


class AlertsQuery(Paged):
    """Which alerts; `what` is a level."""

    shop: Name | None = None
    what: Annotated[str, StringConstraints(pattern=r"^(critical|warning|info)$")] = ""
    ended: Flag = False


# --- bodies ----------------------------------------------------------------------------------------------

Units: TypeAlias = Annotated[int, Field(ge=1, le=LARGEST), BeforeValidator(_integer)]


class Release(Said):
    """Units of a lock that are released at a time."""

    units: Units
    at: Moment


class LockBody(Said):
    """A lock to add: for a shop or for nobody; the shop shows `only` what is released, or its own beside."""

    sku: Text
    units: Units
    shop: Name | None = None
    pool: Name | None = None
    only: bool = False
    release: Annotated[int, Field(ge=0, le=LARGEST), BeforeValidator(_integer)] = 0
    releases: Annotated[list[Release], Field(max_length=100)] = []

    def wanted(self) -> LockWanted:
        """Return it as the desk is asked."""
        return LockWanted(
            sku=Sku(self.sku),
            units=self.units,
            shop=ShopName(self.shop) if self.shop else None,
            pool=PoolName(self.pool) if self.pool else None,
            only=self.only,
            release=self.release,
            releases=[(one.units, one.at) for one in self.releases],
        )


class ReleaseBody(Said):
    """How many units of a lock to release; all that are left where no number is given."""

    units: Units | None = None


# --- paths -----------------------------------------------------------------------------------------------


class Path(Said):
    """What stands in the path of a request."""


class NoPath(Path):
    """Nothing."""


class SkuPath(Path):
    """A SKU, or the code of a bundle."""

    sku: Text


class ShopPath(Path):
    """The name of a shop."""

    shop: Name


class DigestPath(Path):
    """A digest, or its beginning of 8 characters or more."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8,16}$")]


class LockPath(Path):
    """The number of a lock."""

    lock: Number


class RequestPath(Path):
    """The number of a request."""

    request: Number


class AlertPath(Path):
    """The number of an alert."""

    alert: Number
