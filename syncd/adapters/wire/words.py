"""What platforms say for people, and what the status of an answer means that is not 2xx."""

from collections.abc import Callable, Iterable
from typing import Any

from syncd.adapters.http import JsonAnswer
from syncd.errors import Kind

_LONGEST_MESSAGE = 300
_SHORTEST_SECRET = 6
_NO_SUCH_PAGE = frozenset({404, 410})


def told(text: str, secrets: Iterable[str]) -> str:
    """Return a platform's words on one line, without our credentials should it repeat them.

    A secret of fewer than six characters stays: it would blot out half of the words, and no platform has one.
    """
    hidden = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
    # One may be part of another.
    for secret in sorted(hidden, key=len, reverse=True):
        text = text.replace(secret, "***")
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain[:_LONGEST_MESSAGE]


def judged(answer: JsonAnswer, meaning: Callable[[Any], Kind | None]) -> Kind | None:
    """Return what a status that is not 2xx means; a failing gateway's word is not believed.

    `meaning` returns what a body says, None where it is no refusal of the platform.
    """
    if not 400 <= answer.status < 500:  # noqa: PLR2004
        return None
    kind = meaning(answer.body)
    # No gateway there; it must not be taken for a listing that is gone.
    return Kind.REJECTED if kind is None and answer.status in _NO_SUCH_PAGE else kind
