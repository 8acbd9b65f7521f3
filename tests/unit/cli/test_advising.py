"""How people read what a stated risk would ask for."""

from typing import Any

import pytest

from syncd.cli.advising import print_advice


def level(units: int | None = 4) -> dict[str, Any]:
    return {"pool": "main", "risk": 0.001, "warning_level": units, "most": units, "sku": "MUG"}


def shop(units: int | None = 2) -> dict[str, Any]:
    return {
        "shop": "web",
        "advice": [{"pool": "main", "risk": 0.001, "buffer": units, "most": 9, "sku": "CUP"}],
    }


def told(capsys: pytest.CaptureFixture[str], *args: Any) -> list[list[str]]:  # noqa: ANN401
    print_advice(*args)
    return [text.split() for text in capsys.readouterr().out.splitlines() if text]


def test_levels_come_first_and_then_the_buffers_of_shops(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, [shop()], [level()])[-2:] == [
        ["main", "-", "warning_level", "4", "4", "MUG"],
        ["main", "web", "buffer", "2", "9", "CUP"],
    ]


def test_the_risk_is_named_and_that_nothing_changes(capsys: pytest.CaptureFixture[str]) -> None:
    words = " ".join(told(capsys, [shop()], [level()])[0])
    assert "a risk of 0.001" in words
    assert "nothing changes by itself" in words


def test_what_is_not_known_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    rows = told(capsys, [shop(None)], [level()])
    assert [row[2] for row in rows[2:]] == ["warning_level"]


def test_where_nothing_is_known_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, [shop(None)], [level(None)]) == []


def test_where_every_pool_is_split_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, [{"shop": "web", "advice": []}], []) == []
