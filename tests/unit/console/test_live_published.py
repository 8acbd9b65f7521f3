"""Only what is listed goes out, cut and as plain JSON; and every event is listed one way or the other."""

import ast
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from syncd.console.live.published import (
    LONGEST_TEXT,
    MOST_PARTS,
    PUBLISHED,
    WITHHELD,
    WITHHELD_FACTS,
    plain,
    published,
)
from syncd.domain.model import ShopName
from syncd.domain.notices import WATCHED
from tests.architecture.rules import relative, sources

LISTENERS = frozenset({"events", "_events"})
"""What an attribute or a variable is called that holds the listener."""

# What passes an event on, or tells of what another place names.
PASSED_ON = {
    "syncd/adapters/events/fan_out.py": 1,
    "syncd/services/notify.py": 2,
}

NOTICES = {what: {"pool", "sku", "units"} for what in WATCHED} | {
    f"{what}_over": {"pool", "sku"} for what in WATCHED
}


class Told(NamedTuple):
    """One place in which an event is told; `name` is None where it is not spelled out."""

    where: str
    name: str | None
    facts: frozenset[str]
    is_spread: bool


def _is_listener(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in LISTENERS
    return isinstance(node, ast.Name) and node.id in {*LISTENERS, "listener"}


def told(path: Path) -> list[Told]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr != "tell" or not node.args:
            continue
        name = _text(node.args[0])
        # Whoever is told a name that is spelled out is a listener, whatever it is called.
        if name is None and not _is_listener(node.func.value):
            continue
        facts = frozenset(word.arg for word in node.keywords if word.arg)
        spread = any(word.arg is None for word in node.keywords)
        found.append(Told(f"{relative(path)}:{node.lineno}", name, facts, spread))
    return found


def _text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


ALL = [one for path in sources("syncd") for one in told(path)]
NAMED = [(one, one.name) for one in ALL if one.name is not None]


def test_the_search_finds_the_events_that_everybody_knows() -> None:
    names = {name for _, name in NAMED}
    assert {"changed", "pushed", "held", "source_failing", "mqtt_lost", "tokens_expiring"} <= names
    assert len(names) > 30


@pytest.mark.parametrize(("one", "name"), NAMED, ids=lambda part: part if isinstance(part, str) else "")
def test_every_event_is_published_or_withheld_for_a_reason(one: Told, name: str) -> None:
    assert (name in PUBLISHED) != (name in WITHHELD), f"{one.where}: list {name} in live/published.py"


@pytest.mark.parametrize(("one", "name"), NAMED, ids=lambda part: part if isinstance(part, str) else "")
def test_every_fact_of_a_published_event_is_published_or_withheld(one: Told, name: str) -> None:
    withheld = {fact for event, fact in WITHHELD_FACTS if event == name}
    listed = withheld | set(PUBLISHED.get(name, ()))
    assert name in WITHHELD or one.facts <= listed, f"{one.where}: {sorted(one.facts - listed)}"


def test_events_that_are_not_spelled_out_are_told_in_known_places_only() -> None:
    found: dict[str, int] = {}
    for one in ALL:
        if one.name is None:
            file = one.where.partition(":")[0]
            found[file] = found.get(file, 0) + 1
    assert found == PASSED_ON


def test_no_event_is_listed_that_nobody_tells() -> None:
    names = {name for _, name in NAMED} | NOTICES.keys()
    assert (PUBLISHED.keys() | WITHHELD.keys()) - names == set()


def test_no_fact_is_listed_that_nobody_tells() -> None:
    facts: dict[str, set[str]] = {name: set(names) for name, names in NOTICES.items()}
    spread = set()
    for one, name in NAMED:
        facts.setdefault(name, set()).update(one.facts)
        if one.is_spread:
            spread.add(name)
    unknown = {
        (name, fact)
        for name, listed in PUBLISHED.items()
        if name not in spread
        for fact in listed
        if fact not in facts[name]
    }
    assert unknown == set()


def test_the_events_by_which_pages_refresh_are_published() -> None:
    found = {
        name
        for path in sources("syncd/console/pages")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword | ast.Assign) and "events" in _name(node)
        for part in ast.walk(node.value)
        if (name := _text(part)) is not None
    }
    assert found
    assert found - PUBLISHED.keys() == set()


def _name(node: ast.keyword | ast.Assign) -> str:
    if isinstance(node, ast.keyword):
        return (node.arg or "").lower()
    return " ".join(target.id for target in node.targets if isinstance(target, ast.Name)).lower()


@pytest.mark.parametrize("word", ["secret", "token", "password", "buyer", "phone", "address", "receiver"])
def test_no_fact_that_goes_out_is_called_like_a_secret(word: str) -> None:
    assert [fact for facts in PUBLISHED.values() for fact in facts if word in fact] == []


def test_a_fact_that_is_not_listed_stays_inside() -> None:
    facts = {"shop": "a", "order": "3142", "line": "1", "because": "no listing"}
    assert published("order_doubted", facts) == {"shop": "a", "because": "no listing"}


def test_an_event_that_is_not_listed_stays_inside() -> None:
    assert published("measured", {"shop": "a"}) is None


class _Odd:
    def __str__(self) -> str:
        return "odd"


@pytest.mark.parametrize(
    ("fact", "shown"),
    [
        (3, 3),
        (True, True),
        (None, None),
        (2.5, 2.5),
        (float("nan"), None),
        (float("inf"), None),
        (ShopName("tmall"), "tmall"),
        ("x" * (LONGEST_TEXT + 1), "x" * (LONGEST_TEXT - 1) + "…"),
        ((1, "a"), [1, "a"]),
        ({"a": (1, 2)}, {"a": [1, 2]}),
        (datetime(2026, 3, 2, tzinfo=UTC), "2026-03-02T00:00:00+00:00"),
        (_Odd(), "odd"),
        (range(3), "range(0, 3)"),
    ],
)
def test_a_fact_becomes_plain_json(fact: object, shown: object) -> None:
    assert plain(fact) == shown
    assert json.loads(json.dumps(plain(fact), allow_nan=False)) == shown


def test_lists_and_tables_are_cut() -> None:
    many: dict[str, Any] = {str(at): at for at in range(MOST_PARTS + 9)}
    shown, listed = plain(many), plain(list(many.values()))
    assert isinstance(shown, dict)
    assert isinstance(listed, list)
    assert (len(shown), len(listed)) == (MOST_PARTS, MOST_PARTS)
