"""The languages of the console: English as written in the code, and what has a catalogue in `locale/`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from aiohttp import web
from babel import Locale, negotiate_locale
from babel.messages.pofile import read_po

from syncd.console.pages.sentences import Sentences

FOLDER = Path(__file__).parent
COOKIE = "language"


SENTENCES, WORDS = "said", "console"
"""The catalogues: sentences of the whole program, which also stand in documents, and words of the pages."""


def term(message: str) -> str:
    """Mark a message that is translated where it is shown; return it as it is."""
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A language: its code, its own name for itself, and its messages by the English ones.

    Without `sentences` it is the one in which syncd says them.
    """

    code: str
    name: str
    locale: Locale
    messages: Mapping[str, str] = field(default_factory=dict)
    sentences: Sentences | None = None

    @property
    def tag(self) -> str:
        """Return what `lang` of a page says."""
        return "zh-Hans" if self.code == "zh" else self.code

    def gettext(self, message: str) -> str:
        """Return a message in this language, in English where it has none."""
        return self.messages.get(message) or message

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the form for so many; Chinese has one form for all."""
        return self.messages.get(one) or (one if count == 1 else many)

    def told(self, text: str) -> str | None:
        """Return a sentence of syncd in this language, None for what is not its own."""
        return text if self.sentences is None else self.sentences.told(text)


def catalogue_of(code: str, name: str = WORDS) -> Path:
    """Return a file with messages of a language."""
    return FOLDER / "locale" / code / "LC_MESSAGES" / f"{name}.po"


def _read(code: str, name: str) -> dict[str, str]:
    # The text is read at start, so that no compiled catalogue can be older than it.
    with catalogue_of(code, name).open("rb") as file:
        found = read_po(file, locale=code)
    return {
        _first(message.id): _first(message.string) for message in found if message.id and not message.fuzzy
    }


def _first(forms: str | Sequence[str] | None) -> str:
    """Return the first form: the only one in Chinese, that for one in English."""
    return forms if isinstance(forms, str) else (forms or ("",))[0]


@cache
def languages() -> Mapping[str, Language]:
    """Return the languages by their codes, English first."""
    english = Language(code="en", name="English", locale=Locale("en"))
    chinese = Language(
        code="zh",
        name="中文",
        locale=Locale("zh", script="Hans", territory="CN"),
        messages=_read("zh", WORDS),
        sentences=Sentences(_read("zh", SENTENCES)),
    )
    return {one.code: one for one in (english, chinese)}


def chosen(request: web.Request) -> Language:
    """Return the language that a browser asks for: by its cookie, else by its settings, else English."""
    known = languages()
    if request.cookies.get(COOKIE) in known:
        return known[request.cookies[COOKIE]]
    wanted = _accepted(request.headers.get("Accept-Language", ""))
    found = negotiate_locale(wanted, list(known), sep="-", aliases={})
    return known[found or "en"]


def _accepted(header: str) -> list[str]:
    """Return the languages of an Accept-Language header without their places, most wanted first."""
    ranked = []
    for at, entry in enumerate(header.split(",")[:_LONGEST]):
        tag, _, weight = entry.partition(";")
        try:
            share = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if share > 0:
            ranked.append((-share, at, tag.strip().lower().partition("-")[0]))
    return [code for _, _, code in sorted(ranked)]


_LONGEST = 20
"""No browser asks for more languages than that."""
