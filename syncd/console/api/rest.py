"""Ledger, alerts, requests and who asks, as the API answers it."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from syncd.console.api.stock import LedgerRow
from syncd.console.api.words import Answer, Moment, Page


class LedgerEntry(LedgerRow):
    """A row of the ledger with its number."""

    id: int


class Ledger(Page):
    """A page of the ledger, the newest first."""

    items: list[LedgerEntry]


class Acknowledged(Answer):
    """Who knows of an alert."""

    at: Moment
    by: str


class Alert(Answer):
    """Something that people should know, from its begin to its end."""

    version: str = Field(alias="schema")
    id: int
    kind: str
    level: str
    open: bool
    subject: dict[str, str]
    since: Moment
    seen: Moment
    until: Moment | None
    told: Moment | None
    times: int
    flapping: bool
    acknowledged: Acknowledged | None
    facts: dict[str, str | int | float]
    title: str
    text: str
    advice: str


class Alerts(Page):
    """A page of alerts, the newest first."""

    items: list[Alert]


class Request(Answer):
    """What somebody asked for, and what came of it."""

    request: int
    verb: str
    argument: str
    asked_at: Moment
    asked_by: str
    done: bool
    refused: bool
    answer: str


class Asked(Answer):
    """The number of a request, which the daemon carries out before its next cycle."""

    request: int


class Noted(Answer):
    """What was done at once."""

    done: bool


class Me(Answer):
    """Who asks, and what they may do."""

    name: str
    role: str


class Description(Answer):
    """This description, by OpenAPI 3.1."""

    model_config = ConfigDict(extra="allow")

    openapi: Annotated[str, Field(pattern=r"^3\.1\.")]
    info: dict[str, Any]
    paths: dict[str, Any]
