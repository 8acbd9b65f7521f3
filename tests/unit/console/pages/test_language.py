"""The console speaks Chinese wherever it speaks English, and writes figures and times as people do."""

from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import make_mocked_request
from markupsafe import Markup

from syncd.console.pages.language import chosen, languages
from syncd.console.pages.shown import Shown, prose
from tests.unit.console.pages.messages_rig import extracted, placed, translated

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def english() -> Shown:
    return Shown(languages()["en"])


def chinese() -> Shown:
    return Shown(languages()["zh"])


# --- the catalogue ---------------------------------------------------------------------------------------


def test_the_templates_and_the_code_have_messages() -> None:
    found = set(extracted())
    assert {"Every shop is right", "In the warehouses", ("%(count)s change", "%(count)s changes")} <= found


def test_every_message_is_in_the_chinese_catalogue() -> None:
    hint = "python -m tests.unit.console.pages.messages_rig prints what to fill in"
    assert set(extracted()) - set(translated()) == set(), hint


def test_the_chinese_catalogue_has_nothing_that_is_said_no_more() -> None:
    assert set(translated()) - set(extracted()) == set()


def test_a_translation_names_what_the_message_names() -> None:
    assert [
        message
        for message, (text, _) in translated().items()
        if placed(text) != placed(message if isinstance(message, str) else message[1])
    ] == []


# --- which language ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,zh;q=0.5", "en"),
        ("en;q=0.2, zh;q=0.9", "zh"),
        ("de-AT, zh-Hant;q=0.1", "zh"),
        ("fr", "en"),
        ("zh;q=0", "en"),
        ("zh;q=much, en", "en"),
        (",;q=,;;", "en"),
        ("zh," * 5000, "zh"),
    ],
)
def test_the_language_is_what_the_browser_wants_most_of_what_there_is(header: str, code: str) -> None:
    assert chosen(make_mocked_request("GET", "/", headers={"Accept-Language": header})).code == code


def test_what_somebody_chose_counts_more_than_what_the_browser_wants() -> None:
    headers = {"Accept-Language": "zh", "Cookie": "language=en"}
    assert chosen(make_mocked_request("GET", "/", headers=headers)).code == "en"


def test_a_cookie_with_a_language_that_is_none_is_passed_over() -> None:
    headers = {"Accept-Language": "zh", "Cookie": "language=../../etc"}
    assert chosen(make_mocked_request("GET", "/", headers=headers)).code == "zh"


def test_forms_for_one_and_many_are_chosen_in_english_only() -> None:
    forms = [
        languages()[code].ngettext("%(count)s change", "%(count)s changes", n)
        for code in ("en", "zh")
        for n in (1, 2)
    ]
    assert forms == ["%(count)s change", "%(count)s changes", "%(count)s 项更改", "%(count)s 项更改"]


# --- figures, spans, times ---------------------------------------------------------------------------------


def test_a_figure_has_its_thousands_apart() -> None:
    assert english().number(1234567) == "1,234,567"


def test_what_is_not_known_is_a_question_mark_and_never_a_zero() -> None:
    written = english().number(None)
    assert written == '<abbr class="unknown" title="not known">?</abbr>'
    assert [english().span(None), english().percent(None), english().signed(None)] == [written] * 3


@pytest.mark.parametrize(("figure", "text"), [(5, "+5"), (-1200, "−1,200"), (0, "0")])
def test_a_change_has_its_sign(figure: int, text: str) -> None:
    assert english().signed(figure) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.316, "316 ms"),
        (3.95, "3.95 s"),
        (119, "119 s"),
        (120, "2 min"),
        (9000, "2.5 h"),
        (1e6, "11.6 d"),
    ],
)
def test_a_span_is_told_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert english().span(seconds) == text


@pytest.mark.parametrize(("share", "text"), [(0, "0%"), (0.008, "0.8%"), (0.333, "33%"), (1, "100%")])
def test_a_share_is_told_in_percent(share: float, text: str) -> None:
    assert english().percent(share) == text


def test_a_time_is_told_in_utc_with_what_the_script_needs() -> None:
    written = str(english().moment("2026-03-02T18:00:00+08:00"))
    assert 'datetime="2026-03-02T10:00:00+00:00"' in written
    assert ">Mar 2, 10:00:00 UTC</time>" in written
    assert ">3月2日 10:00:00 UTC</time>" in str(chinese().moment("2026-03-02T18:00:00+08:00"))


def test_an_age_is_told_in_words() -> None:
    assert ">3 minutes ago</time>" in str(english().ago("2026-03-02T09:57:00+00:00", NOW))
    assert ">3分钟前</time>" in str(chinese().ago("2026-03-02T09:57:00+00:00", NOW))


def test_a_word_that_nobody_translated_stands_as_it_is() -> None:
    assert (chinese().word("paused", "status"), chinese().word("strange", "status")) == ("已暂停", "strange")


def test_commands_in_a_message_are_code_and_markup_in_it_is_text() -> None:
    text = "run `syncd approve 1` <script>alert(`1`)</script>"
    assert prose(text) == Markup(
        "run <code>syncd approve 1</code> &lt;script&gt;alert(<code>1</code>)&lt;/script&gt;"
    )
