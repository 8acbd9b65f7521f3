"""Sentences for people that still know their parts, so that a page can say them in another language.

Programs, logs and the command line read them in English, as the text that they are. The sentence itself is
the code by which a translation is found.
"""

from collections.abc import Mapping
from typing import Self


class Said(str):
    """An English sentence, with the `template` and the `facts` that it was made of."""

    __slots__ = ("facts", "template")

    template: str
    facts: Mapping[str, object]

    def __new__(cls, template: str, facts: Mapping[str, object]) -> Self:
        """Return the sentence with its facts in their places."""
        made = super().__new__(cls, template % facts)
        made.template = template
        made.facts = facts
        return made

    def __reduce__(self) -> tuple[type["Said"], tuple[str, Mapping[str, object]]]:
        return Said, (self.template, self.facts)

    def __str__(self) -> "Said":
        """Return it as it is: the text of an error is what it was raised with."""
        return self


def say(template: str, **facts: object) -> Said:
    """Return a sentence with its facts; one that is said as part of it is translated with it."""
    return Said(template, facts)


def keep(template: str, **facts: object) -> str:
    """Return a sentence as bare text, for what lies in the state by the thousand; pages read it back."""
    return template % facts


def say_later(template: str) -> str:
    """Mark a sentence whose facts are known later; return it as it is, for `Said`."""
    return template
