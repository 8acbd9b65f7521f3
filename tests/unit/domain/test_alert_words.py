"""Alerts in words: every kind in every language, with the same facts."""

from datetime import UTC, timedelta, timezone
from string import Formatter

import jsonschema
import pytest

from syncd.domain.alerts.document import ALERT_SCHEMA, alert_document
from syncd.domain.alerts.kinds import TRAITS, AlertKind, Level
from syncd.domain.alerts.messages import Phase
from syncd.domain.alerts.words import (
    PAGES,
    Language,
    Style,
    all_words,
    levels_in,
    title_of,
    trial_letter,
    written,
)
from tests.unit.domain.alert_desk import NOON, message, row_of

UTC_STYLE = Style(zone=UTC)
CHINESE = Style(
    language=Language.ZH, zone=timezone(timedelta(hours=8), "CST"), console="https://stock.example/"
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


# --- both languages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
def test_every_language_has_every_kind_level_and_phase(language: Language) -> None:
    words = all_words()[language]
    assert (set(words.kinds), set(words.levels), set(words.phases)) == (
        set(AlertKind),
        set(Level),
        set(Phase),
    )


@pytest.mark.parametrize("kind", AlertKind)
def test_no_text_of_a_kind_is_empty(kind: AlertKind) -> None:
    assert all(all(words.kinds[kind]) for words in all_words().values())


@pytest.mark.parametrize("kind", AlertKind)
def test_the_languages_tell_the_same_facts(kind: AlertKind) -> None:
    english, chinese = (all_words()[language].kinds[kind] for language in Language)
    assert [fields(text) for text in english] == [fields(text) for text in chinese]


@pytest.mark.parametrize("kind", AlertKind)
def test_only_facts_that_are_kept_stand_in_the_texts(kind: AlertKind) -> None:
    traits, words = TRAITS[kind], all_words()[Language.EN].kinds[kind]
    known = {*traits.facts, traits.place, traits.thing}
    assert fields(words.one) | fields(words.line) <= known
    assert fields(words.many) <= {"count", "place"}
    assert fields(words.advice) == set()


@pytest.mark.parametrize("part", ["since", "over", "more"])
def test_the_languages_share_the_places_of_the_frame(part: str) -> None:
    english, chinese = (fields(getattr(all_words()[language], part)) for language in Language)
    assert english == chinese


@pytest.mark.parametrize("phase", Phase)
def test_the_languages_share_the_places_of_the_phases(phase: Phase) -> None:
    english, chinese = (fields(all_words()[language].phases[phase]) for language in Language)
    assert english == chinese


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", AlertKind)
def test_every_kind_can_be_told_in_full(kind: AlertKind, language: Language) -> None:
    style = Style(language=language, zone=UTC)
    for phase in Phase:
        letter = written(message(row_of(kind), phase=phase), style)
        assert "?" not in letter.title + letter.body.split("\n")[0]


@pytest.mark.parametrize("language", Language)
def test_a_trial_can_be_written_and_levels_have_names(language: Language) -> None:
    assert trial_letter(Style(language=language, zone=UTC)).title
    assert set(levels_in(language)) == set(Level)


# --- how it looks --------------------------------------------------------------------------------------


def test_one_alert_says_what_where_since_when_and_what_to_do() -> None:
    letter = written(message(row_of()), UTC_STYLE)
    assert letter.title == "Warning: low stock of MUG in pool main"
    assert letter.body == (
        "MUG: 3 left (since 2026-03-02 12:00 UTC)\nOrder more; or lower notice_level if that is plenty."
    )


def test_chinese_has_its_own_clock_and_a_link() -> None:
    letter = written(message(row_of()), CHINESE)
    assert letter.title == "警告：库存池 main 中 MUG 库存偏低"
    assert letter.body.splitlines() == [
        "MUG：剩余 3 件 (自 2026-03-02 20:00 CST 起)",
        "请补货；若数量其实足够，可调低 notice_level。",
        "https://stock.example/alerts",
    ]


def test_many_are_counted_and_the_worst_ten_named() -> None:
    rows = [row_of(number=at, thing=f"SKU-{at:03}", units=200 - at) for at in range(1, 201)]
    letter = written(message(*rows), UTC_STYLE)
    lines = letter.body.splitlines()
    assert letter.title == "Warning: low stock of 200 SKUs in pool main"
    assert lines[0] == "- SKU-200: 0 left (since 2026-03-02 12:00 UTC)"
    assert lines[9:11] == ["- SKU-191: 9 left (since 2026-03-02 12:00 UTC)", "... and 190 more"]


def test_a_recovery_says_how_long_it_was_and_asks_for_nothing() -> None:
    over = row_of()._replace(ended_at=NOON + timedelta(hours=2))
    letter = written(message(over, phase=Phase.END), UTC_STYLE)
    assert letter.title == "Over: low stock of MUG in pool main"
    assert letter.body == "MUG: 3 left (2026-03-02 12:00 UTC to 2026-03-02 14:00 UTC)"


def test_a_summary_counts_all_and_groups_them() -> None:
    rows = [row_of(number=at, thing=f"S{at}") for at in (1, 2, 3)]
    letter = written(message(*rows, row_of(AlertKind.OVERSOLD, 4), phase=Phase.QUIET), UTC_STYLE)
    assert letter.title == "Alerts of the quiet hours: 4"
    assert letter.body.splitlines() == [
        "- Critical: MUG is oversold in pool main (since 2026-03-02 12:00 UTC)",
        "- Warning: low stock of 3 SKUs in pool main (since 2026-03-02 12:00 UTC)",
    ]


def test_a_long_summary_says_how_many_it_leaves_out() -> None:
    rows = [row_of(number=at)._replace(place=f"pool-{at:02}") for at in range(1, 31)]
    letter = written(message(*rows, phase=Phase.MISSED), CHINESE)
    assert letter.body.splitlines()[-2:] == ["…… 另有 10 条", "https://stock.example/alerts"]


def test_a_fact_that_is_not_known_is_a_question_mark() -> None:
    assert title_of(row_of(AlertKind.SOURCE_STALE)._replace(facts="{}")).endswith("are ? minutes old")


def test_braces_of_a_shop_do_no_harm() -> None:
    odd = row_of(AlertKind.SHOP_FAILING)._replace(place="{0} {units}", facts='{"error": "{x} {}"}')
    assert written(message(odd), UTC_STYLE).body.startswith("{x} {} (since")


@pytest.mark.parametrize("kind", PAGES)
def test_a_link_leads_to_the_page_of_a_kind(kind: AlertKind) -> None:
    assert written(message(row_of(kind)), CHINESE).body.endswith(f"https://stock.example/{PAGES[kind]}")


# --- for programs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("language", Language)
def test_the_document_of_every_kind_keeps_its_schema(kind: AlertKind, language: Language) -> None:
    acked = row_of(kind)._replace(acked_at=NOON, acked_by="ann", ended_at=NOON, told_at=NOON)
    for row in (row_of(kind), acked):
        jsonschema.validate(alert_document(row, language), ALERT_SCHEMA)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(ALERT_SCHEMA)


def test_the_document_says_where_and_what() -> None:
    document = alert_document(row_of())
    assert (document["subject"], document["facts"]) == ({"pool": "main", "sku": "MUG"}, {"units": 3})
