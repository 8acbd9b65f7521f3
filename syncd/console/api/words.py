"""What the models of the API have in common."""

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Moment: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""A time as ISO 8601 text with its zone."""


class Answer(BaseModel):
    """What is answered: just these keys, whatever else the desk knows."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Page(Answer):
    """A page of a list; `next` is the cursor of the next one, null after the last."""

    next: str | None


class Problem(Answer):
    """What went wrong, by RFC 9457; `detail` says what to do about it."""

    type: str
    title: str
    status: int
    detail: str = ""
