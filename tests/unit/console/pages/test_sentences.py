"""What syncd says it says in Chinese too, from its parts or read back; what others said is quoted."""

import ast
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import syncd
from syncd.console.pages.language import SENTENCES, WORDS, languages
from syncd.console.pages.sentences import Sentences
from syncd.console.pages.shown import Shown
from syncd.domain.guard import Hold
from syncd.domain.held import Direction
from syncd.domain.model import ShopName
from syncd.domain.policy import Stop
from syncd.domain.said import Said, keep, say
from syncd.domain.virtual.history import words
from syncd.domain.virtual.model import MoveCause
from syncd.services.lock_requests import no_lock
from tests.unit.console.pages.messages_rig import placed, sentences, translated

SAID = tuple(sorted(set(sentences())))


def told(text: str) -> str | None:
    return languages()["zh"].told(text)


def page(text: str, language: str = "zh") -> str:
    return str(Shown(languages()[language]).said(text))


def filled(template: str) -> Said:
    """Return a sentence with a name for each fact, as long as none of a language."""
    return Said(template, {name: f"X{at}" for at, name in enumerate(sorted(placed(template)))})


# --- the catalogue ---------------------------------------------------------------------------------------


def test_every_sentence_has_a_translation_and_none_is_left_over() -> None:
    hint = "python -m tests.unit.console.pages.messages_rig prints what to fill in"
    assert set(SAID) == set(translated(SENTENCES)), hint


@pytest.mark.parametrize("name", [SENTENCES, WORDS])
def test_no_translation_is_empty_or_fuzzy(name: str) -> None:
    assert [one for one, (text, fuzzy) in translated(name).items() if fuzzy or not text.strip()] == []


def test_a_sentence_and_its_translation_have_the_same_facts() -> None:
    found = {str(one): text for one, (text, _) in translated(SENTENCES).items()}
    assert [one for one, text in found.items() if placed(one) != placed(text)] == []


@pytest.mark.parametrize("template", SAID)
def test_a_sentence_is_chinese_from_its_parts_and_from_its_text(template: str) -> None:
    said = filled(template)
    translation = str(translated(SENTENCES)[template][0])
    assert told(said) == translation % said.facts
    own = re.sub(r"%\(\w+\)[rs]", "", template)
    if sum(sign.isalpha() for sign in own) >= 8:
        assert told(keep(template, **said.facts)) == told(said)


# --- what is said ----------------------------------------------------------------------------------------


def test_a_sentence_is_the_text_that_it_was_and_survives_what_copies_it() -> None:
    said = say("shop %(shop)s is paused", shop="a")
    copy = pickle.loads(pickle.dumps(said))  # noqa: S301 - our own
    assert (said, str(said), copy, copy.facts) == (*["shop a is paused"] * 3, {"shop": "a"})
    assert isinstance(str(ValueError(said)), Said)


def test_what_stands_in_a_sentence_is_translated_with_it() -> None:
    hold = Hold(
        shop=ShopName("tmall"),
        direction=Direction.OFF,
        setting="guard.max_off_count",
        limit=20,
        value=42,
        unit=" listings",
    )
    assert told(hold.message("2c26b46b")) == (
        "店铺 tmall：将有 42 个商品 下架，限制为 20 个商品（guard.max_off_count）；"
        "如需放行一次：syncd approve 2c26b46b"
    )
    assert told(str.join("", hold.message("2c26b46b"))) == told(hold.message("2c26b46b"))


def test_parts_are_believed_more_than_the_text() -> None:
    name = "2; those that do are 3"
    assert (
        told(say("no lock %(lock)s lives; none does", lock=name))
        == f"没有生效的锁定 {name}；目前没有任何锁定"
    )
    assert told(no_lock(7, [12, 3])) == "没有生效的锁定 7；生效的有 3, 12"


@pytest.mark.parametrize("stop", [one for one in Stop if one is not Stop.GO], ids=lambda stop: stop.name)
def test_every_reason_to_stay_behind_is_told_in_chinese(stop: Stop) -> None:
    assert told(stop.words) not in {None, str(stop.words)}


@pytest.mark.parametrize("cause", [*MoveCause, "sale", "unshown", "divided", "expired"], ids=str)
def test_every_cause_of_a_share_is_told_in_chinese(cause: str) -> None:
    assert told(words(cause)) not in {None, words(cause)}


def test_what_a_platform_said_stays_as_it_is_and_is_quoted() -> None:
    text = "session expired: call `auth` <again>"
    assert page(text) == '<q lang="en">session expired: call <code>auth</code> &lt;again&gt;</q>'
    assert page("授权已过期") == "<q>授权已过期</q>"
    assert page(text, "en") == "session expired: call <code>auth</code> &lt;again&gt;"


def test_a_sentence_quotes_nobody_and_lets_no_markup_in() -> None:
    assert page(say("there is no shop %(shop)r; configured are %(names)s", shop="<b>", names="a")) == (
        "没有店铺“&lt;b&gt;”；已配置的有 a"
    )


def test_a_lock_with_several_releases_is_read_back_whole() -> None:
    text = (
        "lock 3 holds 20 units of MUG in pool main for nobody: 5 released, 5 more at 2026-11-11 00:00 UTC, "
        "3 more at 2026-11-12 00:00 UTC"
    )
    assert told(text) == (
        "锁定 3 占用库存池 main 的 MUG 20 件，不给任何店铺：已释放 5 件，"
        "UTC 2026-11-11 00:00 再释放 5 件，UTC 2026-11-12 00:00 再释放 3 件"
    )


def test_a_text_made_to_be_looked_through_for_long_costs_no_time() -> None:
    text = "lock 1" + " holds of in pool : " * 5000 + "?"
    assert page(text).startswith("<q")


@pytest.mark.parametrize(
    "text", ["no source knows the SKU MUG", "has ended badly", "lock 1 has ended: 3 units of A are B's"]
)
def test_what_is_only_like_a_sentence_is_none(text: str) -> None:
    assert told(text) is None


def test_a_short_sentence_is_not_found_in_what_others_say() -> None:
    found = Sentences(
        {"%(a)s (%(b)s)": "%(a)s（%(b)s）", "%(n)s units": "%(n)s 件", "so long a sentence": "长"}
    )
    assert [found.told(text) for text in ("refused (5)", "5 units", "so long a sentence")] == [
        None,
        None,
        "长",
    ]


# --- whatever a page may show is said with its parts -------------------------------------------------------

REACHED = (
    "console/pages/*.py",
    "console/security/*.py",
    "services/desk/*.py",
    "services/holding.py",
    "services/lock_requests.py",
    "services/recall.py",
    "services/requests.py",
    "services/retiring.py",
    "services/sku_retiring.py",
)
"""Where the errors are raised that a page of the console shows."""

SAYING = {"say", "keep", "Said"}


def errors() -> Iterator[tuple[str, ast.expr]]:
    """Yield the words of every error for people, with the place of each."""
    folder = Path(syncd.__file__).parent
    for file in sorted(file for pattern in REACHED for file in folder.glob(pattern)):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in {"UsageError", "NotThere"}:
                yield f"{file.name}:{node.lineno}", node.args[0]
            elif name.startswith("HTTP"):
                yield from (
                    (f"{file.name}:{node.lineno}", one.value) for one in node.keywords if one.arg == "text"
                )


def is_bare(words: ast.expr) -> bool:
    """Return whether a text is written there and then, and not said with its parts."""
    return isinstance(words, ast.Constant | ast.JoinedStr | ast.BinOp)


def test_no_error_that_a_page_shows_is_said_without_its_parts() -> None:
    found = list(errors())
    assert len(found) > 50
    assert [place for place, words in found if is_bare(words)] == []
