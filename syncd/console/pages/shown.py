"""How figures, spans and times are written, as filters of the templates; one set a language."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from syncd.console.pages.language import Language, term
from syncd.console.pages.terms import TERMS

_ENOUGH = 2
"""A span is told in the largest unit of which it has at least so many."""

_UNITS = (
    (86_400.0, term("%(count)s d")),
    (3600.0, term("%(count)s h")),
    (60.0, term("%(count)s min")),
    (1.0, term("%(count)s s")),
)
_MILLISECONDS = term("%(count)s ms")
_PATTERN = term("MMM d, HH:mm:ss")


class Shown:
    """Writes what the desk tells in one language; what is not known is a question mark, never a zero."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        """Return the filters by the names that templates use."""
        return {
            "number": self.number,
            "signed": self.signed,
            "percent": self.percent,
            "span": self.span,
            "moment": self.moment,
            "ago": self.ago,
            "word": self.word,
            "said": self.said,
            "ruled": self.ruled,
            "alerted": self.alerted,
            "prose": prose,
        }

    def unknown(self) -> Markup:
        """Return the sign for what is not known, with the word for who cannot see it."""
        title = self._language.gettext("not known")
        return Markup('<abbr class="unknown" title="{0}">?</abbr>').format(title)

    def number(self, figure: float | None) -> str | Markup:
        """Return a figure with its thousands apart."""
        if figure is None:
            return self.unknown()
        return str(format_decimal(figure, locale=self._language.locale))

    def signed(self, figure: int | None) -> str | Markup:
        """Return a change with its sign; a real minus is as wide as the plus."""
        if figure is None:
            return self.unknown()
        sign = "+" if figure > 0 else "\N{MINUS SIGN}" if figure < 0 else ""
        return f"{sign}{self.number(abs(figure))}"

    def percent(self, share: float | None) -> str | Markup:
        """Return a share in percent, with a decimal where it is small."""
        if share is None:
            return self.unknown()
        pattern = "#,##0.#%" if share < _SMALL else "#,##0%"
        return str(format_percent(share, pattern, locale=self._language.locale))

    def span(self, seconds: float | None) -> str | Markup:
        """Return a time span in the unit that fits it."""
        if seconds is None:
            return self.unknown()
        if 0 < seconds < 1:
            return self._in(seconds * 1000, _MILLISECONDS)
        size, words = next((unit for unit in _UNITS if seconds >= _ENOUGH * unit[0]), _UNITS[-1])
        return self._in(seconds / size, words)

    def moment(self, iso: str | None) -> str | Markup:
        """Return a time in UTC, which the script writes anew in the zone of the browser."""
        if iso is None:
            return self.unknown()
        time = _utc(iso)
        pattern = self._language.gettext(_PATTERN)
        text = f"{format_datetime(time, pattern, UTC, locale=self._language.locale)} UTC"
        full = f"{format_datetime(time, 'yyyy-MM-dd HH:mm:ss', UTC)} UTC"
        return Markup('<time datetime="{0}" title="{1}" data-zone>{2}</time>').format(
            time.isoformat(), full, text
        )

    def ago(self, iso: str | None, now: datetime) -> str | Markup:
        """Return how long ago a time was, which the script keeps true."""
        if iso is None:
            return self.unknown()
        time = _utc(iso)
        text = format_timedelta(
            time - now, granularity="second", add_direction=True, locale=self._language.locale
        )
        full = f"{format_datetime(time, 'yyyy-MM-dd HH:mm:ss', UTC)} UTC"
        return Markup('<time datetime="{0}" title="{1}" data-ago>{2}</time>').format(
            time.isoformat(), full, text
        )

    def word(self, value: object, group: str) -> str:
        """Return the word for a value of the documents; one that is not known stands as it is."""
        known = TERMS[group].get(str(value))
        return str(value) if known is None else self._language.gettext(known)

    def said(self, text: str) -> Markup:
        """Return a sentence of syncd in this language; what others said stays as it is, as a quotation."""
        told = self._language.told(text)
        if told is not None:
            return prose(told)
        lang = Markup(' lang="en"') if text.isascii() else ""
        return Markup("<q{0}>{1}</q>").format(lang, prose(text))

    def ruled(self, rule: str) -> str:
        """Return a rule, which is a setting by its name and is called the same in all languages."""
        return self._language.told(rule) or rule

    def alerted(self, text: str, facts: Mapping[str, object]) -> Markup:
        """Return the words of an alert, which are in this language, with the sentences that they quote."""
        written = prose(text)
        for fact in facts.values():
            if isinstance(fact, str) and " " in fact:
                written = written.replace(prose(fact), self.said(fact))
        return written

    def _in(self, count: float, words: str) -> str:
        figure = format_decimal(float(f"{count:.3g}"), locale=self._language.locale)
        return self._language.gettext(words) % {"count": figure}


_SMALL = 0.1


def prose(text: str) -> Markup:
    """Return a text with what stands between backticks as code, as messages of syncd write commands."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here


_CODE = re.compile(r"`([^`]+)`")


def _utc(iso: str) -> datetime:
    return datetime.fromisoformat(iso).astimezone(UTC)
