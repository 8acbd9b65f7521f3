"""`[state]`: where the state lies, and how long what is over stays in it."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from syncd.config.scalars import Whole


def _folder(value: object) -> object:
    if not isinstance(value, str) or not value.strip() or value.startswith("~"):
        raise PydanticCustomError("folder", "is not a folder", {"hint": "write the whole path, without ~"})
    return value


class StateTable(BaseModel):
    """`[state]`: what syncd remembers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dir: Annotated[Path, BeforeValidator(_folder)] = Field(
        default=Path("/var/lib/syncd"),
        description="Folder of the state; a relative path begins at the main file's folder.",
    )
    backups: Annotated[Whole, Field(ge=1, le=1000)] = Field(
        default=5, description="How many of the copies are kept that are made before an upgrade of the state."
    )
    ledger_days: Annotated[Whole, Field(ge=1, le=3650)] = Field(
        default=90, description="How many days every change stays in the ledger."
    )
    orders_days: Annotated[Whole, Field(ge=3, le=3650)] = Field(
        default=7, description="How many days order lines stay to which nothing more can happen."
    )
    intents_days: Annotated[Whole, Field(ge=1, le=3650)] = Field(
        default=7, description="How many days writes stay that were answered."
    )
    requests_days: Annotated[Whole, Field(ge=1, le=3650)] = Field(
        default=7, description="How many days answered requests stay, and approvals that are over."
    )
    locks_days: Annotated[Whole, Field(ge=1, le=3650)] = Field(
        default=7, description="How many days locks stay that have ended."
    )
    alerts_days: Annotated[Whole, Field(ge=1, le=3650)] = Field(
        default=90, description="How many days alerts stay that are over."
    )
