"""The settings that every mock has."""

from dataclasses import dataclass, field, replace
from typing import TypeVar

from syncd.mock.fields import Fields

SettingsT = TypeVar("SettingsT", bound="CallSettings")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettings:
    """Who may call and how often; `rate` is calls a second on the mock's clock, 0 for no limit.

    `burst` calls may come at once before the rate counts.
    """

    token: str = field(default="mock-token", repr=False)
    rate: float = 0.0
    burst: int = 1


def read_call_settings(part: Fields, base: SettingsT) -> SettingsT:
    """Return `base` with what the document says of these settings."""
    return replace(
        base,
        token=part.text("token", base.token),
        rate=part.number("rate", base.rate),
        burst=part.whole("burst", base.burst, least=1),
    )
