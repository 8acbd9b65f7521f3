"""What a language has to bring to tell of alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.messages import Phase


class KindWords(NamedTuple):
    """The words of a kind: of one alert, of many (`count`, `place`), what its facts say, and what to do.

    In `one` and `line` stand the facts of the kind in braces, by their names.
    """

    one: str
    many: str
    line: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of a language.

    `phases` take `what` and `level`, those of the summaries `count`; `since` takes `begin`, `over` also
    `end`; `more` takes `count`.
    """

    levels: Mapping[Level, str]
    phases: Mapping[Phase, str]
    since: str
    over: str
    more: str
    test_title: str
    test_body: str
    kinds: Mapping[AlertKind, KindWords]
