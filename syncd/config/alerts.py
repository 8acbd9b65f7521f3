"""The settings of `[alerts]`."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, time, timedelta, tzinfo
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, Strict
from pydantic_core import PydanticCustomError

from syncd.config.scalars import NAME_PATTERN, Seconds, SomeSeconds, Texts, seconds, web_address
from syncd.config.secrets import UNREADABLE
from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.rules import AlertRules, Quiet
from syncd.domain.alerts.words import Language
from syncd.domain.model import SourceName

LOG = "log"
"""The target that is always there."""

_TABLE = ConfigDict(extra="forbid", frozen=True)
_HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = 'write it as "Asia/Shanghai"; the machine needs the package tzdata for that'
        raise PydanticCustomError("zone", "is no time zone that this machine knows", {"hint": hint}) from None
    return name


def _hours(text: str) -> str:
    match = _HOURS.fullmatch(text)
    if match is None or match[1] + match[2] == match[3] + match[4]:
        hint = 'write them as "22:00-07:00"'
        raise PydanticCustomError("hours", "are no hours of a day", {"hint": hint})
    return text


def _target_name(name: str) -> str:
    if not NAME_PATTERN.fullmatch(name) or name == LOG:
        hint = "a name has 1 to 64 of the characters a-z, 0-9 and _; log is taken"
        raise PydanticCustomError("target_name", "is no name for a target", {"hint": hint})
    return name


def _address(text: str) -> str:
    if text and web_address(text) is None:
        raise PydanticCustomError("address", "is no address", {"hint": "such as https://stock.example"})
    return text


class AlertTarget(BaseModel):
    """`[[alerts.to]]`: somebody who is told."""

    model_config = _TABLE

    name: Annotated[str, Strict(), AfterValidator(_target_name)] = Field(
        description="What the log and `syncd alerts --test` call it."
    )
    url: SecretStr = Field(
        description="Where messages go, as Apprise writes it, e.g. dingtalk://TOKEN or mailto://USER:PASSWORD@HOST."
    )
    min_level: Level = Field(
        default=Level.WARNING, description="The least important alerts that are sent there."
    )
    kinds: Annotated[tuple[AlertKind, ...], Field(min_length=1)] | None = Field(
        default=None, description="The kinds of alerts that are sent there; all if left out."
    )
    shops: Texts | None = Field(
        default=None,
        description="The shops it is told of, and what is about no shop; all if left out.",
    )
    language: Language | None = Field(
        default=None, description="What it is told in; the language of [alerts] if left out."
    )

    @property
    def is_readable(self) -> bool:
        """Return whether this process could read the address: a credential is the unit's alone."""
        return self.url.get_secret_value() != UNREADABLE


class AlertsTable(BaseModel):
    """`[alerts]`: what people are told before customers tell them, when and how."""

    model_config = _TABLE

    language: Language = Field(default=Language.EN, description="What people are told in.")
    time_zone: Annotated[str, Strict(), AfterValidator(_zone)] = Field(
        default="UTC", description="The zone of the times in messages and of the quiet hours."
    )
    min_level: Level = Field(
        default=Level.INFO, description="What is less important is kept, but told to nobody."
    )
    kinds: dict[AlertKind, Level | Literal["off"]] = Field(
        default={}, description='Other levels of kinds, such as { delisted = "warning", drift = "off" }.'
    )
    quiet: dict[Level, Annotated[str, Strict(), AfterValidator(_hours)]] = Field(
        default={},
        description='Hours in which alerts of a level wait, such as { warning = "22:00-07:00" }; what came '
        "in them is told as one summary afterwards.",
    )
    group_for: Seconds = Field(
        default=seconds("1m"),
        description="How long an alert waits for others like it, to be one message; at most 5s if critical.",
    )
    remind_after: Seconds = Field(
        default=seconds("4h"),
        description="After how long a critical alert that nobody acknowledged is told again; 0s is never.",
    )
    flap_for: SomeSeconds = Field(
        default=seconds("30m"),
        description="An alert that comes more than three times, each within this time, is told once as "
        "coming and going, and over when it is calm for as long.",
    )
    backlog_age: SomeSeconds = Field(
        default=seconds("10m"),
        description="How long a decrease may wait for its shop before people are told.",
    )
    console: Annotated[str, Strict(), AfterValidator(_address)] = Field(
        default="",
        description="Address of the console as people reach it, for links; by http.hosts if left out.",
    )
    to: tuple[AlertTarget, ...] = ()

    @property
    def zone(self) -> tzinfo:
        """Return the time zone."""
        return UTC if self.time_zone == "UTC" else ZoneInfo(self.time_zone)

    def rules(
        self,
        max_ages: Mapping[SourceName, float] | None = None,
        places: Mapping[str, Collection[str]] | None = None,
    ) -> AlertRules:
        """Return them as the domain knows them, with what other tables say of sources and names."""
        return AlertRules(
            min_level=self.min_level,
            levels={kind: Level(level) for kind, level in self.kinds.items() if level != "off"},
            off=frozenset(kind for kind, level in self.kinds.items() if level == "off"),
            quiet={level: _quiet(text) for level, text in self.quiet.items()},
            zone=self.zone,
            group_for=timedelta(seconds=self.group_for),
            remind_after=timedelta(seconds=self.remind_after),
            flap_for=timedelta(seconds=self.flap_for),
            oldest_decrease=timedelta(seconds=self.backlog_age),
            max_ages=max_ages or {},
            places=places or {},
        )


def _quiet(text: str) -> Quiet:
    begin, end = map(time.fromisoformat, text.split("-"))
    return Quiet(begin, end)
