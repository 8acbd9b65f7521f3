"""The words of platforms, and the statuses of their answers."""

import pytest

from syncd.adapters.http import JsonAnswer
from syncd.adapters.wire.words import judged, told
from syncd.errors import Kind


def test_a_secret_is_hidden_also_where_another_one_is_a_part_of_it() -> None:
    assert told("key secret-one-two is wrong", ["secret-one", "secret-one-two", ""]) == "key *** is wrong"


def test_a_secret_too_short_to_be_one_hides_nothing() -> None:
    assert told("no such item", ["item"]) == "no such item"


def test_words_are_one_line_of_at_most_300_characters() -> None:
    shown = told("a\nb\x00" + "c" * 400, [])
    assert shown.startswith("a b c")
    assert len(shown) == 300


@pytest.mark.parametrize(
    ("status", "said", "meant"),
    [
        (400, Kind.SIGNATURE, Kind.SIGNATURE),
        (404, Kind.NOT_FOUND, Kind.NOT_FOUND),
        (404, None, Kind.REJECTED),
        (410, None, Kind.REJECTED),
        (403, None, None),
        (500, Kind.SIGNATURE, None),
        (302, Kind.SIGNATURE, None),
    ],
)
def test_only_a_status_of_the_400s_lets_the_body_speak(
    status: int, said: Kind | None, meant: Kind | None
) -> None:
    assert judged(JsonAnswer(status=status, body={}, headers={}), lambda _body: said) is meant
