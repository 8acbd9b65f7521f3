"""Time comes in as an argument; tests neither sleep nor mock."""

import ast
from pathlib import Path

import pytest

from tests.architecture import rules


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", rules.sources("syncd/domain", "syncd/services"), ids=rules.relative)
def test_domain_and_services_read_no_clock(path: Path) -> None:
    assert rules.clock_reads(_tree(path)) == []


@pytest.mark.parametrize("path", rules.sources("syncd/domain", "syncd/services"), ids=rules.relative)
def test_domain_and_services_wait_only_through_the_clock(path: Path) -> None:
    assert rules.sleeps(_tree(path)) == []


@pytest.mark.parametrize("path", rules.sources("tests"), ids=rules.relative)
def test_tests_never_sleep(path: Path) -> None:
    assert rules.sleeps(_tree(path)) == []


@pytest.mark.parametrize("path", rules.sources("tests"), ids=rules.relative)
def test_tests_use_fakes_not_mocks(path: Path) -> None:
    assert rules.mocks(_tree(path)) == []
