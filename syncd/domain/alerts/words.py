"""The words of alerts: one source per kind and language, and how a message is put together from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from syncd.domain.alerts.kinds import TRAITS, AlertKind, Level
from syncd.domain.alerts.messages import Message, Phase
from syncd.domain.alerts.records import AlertRow
from syncd.domain.alerts.wording import KindWords, Words
from syncd.domain.alerts.words_en import ENGLISH
from syncd.domain.alerts.words_zh import CHINESE

SHOWN = 10
"""So many alerts of a message are named; the worst are."""


class Language(StrEnum):
    """What people are told in."""

    EN = "en"
    ZH = "zh"


_WORDS: Mapping[Language, Words] = {Language.EN: ENGLISH, Language.ZH: CHINESE}

PAGES: Mapping[AlertKind, str] = {
    AlertKind.PLAN_HELD: "plans",
    AlertKind.LISTING_UNBOUND: "listings",
    AlertKind.BINDING_HELD: "listings",
    AlertKind.ORDER_DOUBTED: "orders",
    AlertKind.LOCKS_CUT: "locks",
    **dict.fromkeys(
        (
            AlertKind.SHOP_FAILING,
            AlertKind.SHOP_BLOCKED,
            AlertKind.CIRCUIT_OPEN,
            AlertKind.ORDERS_FAILING,
            AlertKind.TOKENS_EXPIRING,
            AlertKind.TOKENS_FAILING,
            AlertKind.BACKLOG,
        ),
        "shops",
    ),
}
"""The page of the console on which something can be done about a kind; the alerts for all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How messages are written: the language, the clock on the wall, and where the console is, if known."""

    language: Language = Language.EN
    zone: tzinfo
    console: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message in words; the body has several lines."""

    title: str
    body: str


def written(message: Message, style: Style) -> Letter:
    """Return a message in words: what, where, since when, and what to do next."""
    words = _WORDS[style.language]
    rows = message.rows
    if message.phase in (Phase.QUIET, Phase.MISSED):
        many = len(rows) + message.left_out
        title = words.phases[message.phase].format(count=many)
        return Letter(title=title, body="\n".join(_summary(message, words, style)))
    kind = rows[0].kind
    what = title_of(rows[0], style.language) if len(rows) == 1 else _many(rows, words)
    title = words.phases[message.phase].format(what=what, level=words.levels[message.level])
    return Letter(title=title, body="\n".join(_lines(message, words.kinds[kind], words, style)))


def trial_letter(style: Style) -> Letter:
    """Return a message that says that messages arrive."""
    words = _WORDS[style.language]
    return Letter(title=words.test_title, body=words.test_body)


def title_of(row: AlertRow, language: Language = Language.EN) -> str:
    """Return one alert as one short line."""
    return _filled(_WORDS[language].kinds[row.kind].one, row)


def line_of(row: AlertRow, language: Language = Language.EN) -> str:
    """Return what the facts of one alert say."""
    return _filled(_WORDS[language].kinds[row.kind].line, row)


def advice_of(kind: AlertKind, language: Language = Language.EN) -> str:
    """Return what a person can do about a kind of alert."""
    return _WORDS[language].kinds[kind].advice


class _Known(dict[str, object]):
    """What is not known is a question mark, never a failure."""

    def __missing__(self, name: str) -> str:
        return "?"


def _filled(text: str, row: AlertRow) -> str:
    traits = TRAITS[row.kind]
    facts = {**row.known, traits.place or "place": row.place or "?", traits.thing or "thing": row.thing}
    return text.format_map(_Known(facts, times=row.times))


def _many(rows: tuple[AlertRow, ...], words: Words) -> str:
    return words.kinds[rows[0].kind].many.format(count=len(rows), place=rows[0].place)


def _lines(message: Message, kind: KindWords, words: Words, style: Style) -> Iterator[str]:
    rows = message.rows
    for row in rows[:SHOWN]:
        mark = "- " if len(rows) > 1 else ""
        yield f"{mark}{_filled(kind.line, row)} ({_when(row, words, style)})"
    if len(rows) > SHOWN:
        yield words.more.format(count=len(rows) - SHOWN)
    if message.phase is not Phase.END:
        yield kind.advice
    if style.console:
        yield f"{style.console.rstrip('/')}/{PAGES.get(rows[0].kind, 'alerts')}"


def _summary(message: Message, words: Words, style: Style) -> Iterator[str]:
    def place(row: AlertRow) -> tuple[int, str, str]:
        return -row.level.rank, row.kind.value, row.place

    found: dict[tuple[int, str, str], list[AlertRow]] = {}
    for row in message.rows:
        found.setdefault(place(row), []).append(row)
    groups = [tuple(found[each]) for each in sorted(found)]
    for rows in groups[: 2 * SHOWN]:
        what = _filled(words.kinds[rows[0].kind].one, rows[0]) if len(rows) == 1 else _many(rows, words)
        yield f"- {words.levels[rows[0].level]}: {what} ({_when(rows[0], words, style)})"
    left = sum(map(len, groups[2 * SHOWN :])) + message.left_out
    if left:
        yield words.more.format(count=left)
    if style.console:
        yield f"{style.console.rstrip('/')}/alerts"


def _when(row: AlertRow, words: Words, style: Style) -> str:
    if row.ended_at is None:
        return words.since.format(begin=_moment(row.began_at, style.zone))
    begin, end = _moment(row.began_at, style.zone), _moment(row.ended_at, style.zone)
    return words.over.format(begin=begin, end=end)


def _moment(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}".rstrip()


def levels_in(language: Language) -> Mapping[Level, str]:
    """Return what the levels are called."""
    return _WORDS[language].levels


def all_words() -> Mapping[Language, Words]:
    """Return the words of every language."""
    return _WORDS
