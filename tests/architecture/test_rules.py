"""The rules themselves: each must bite, and must leave honest code alone."""

import ast

import pytest

from tests.architecture import rules


def _only_function(source: str) -> rules.Function:
    ((_, function),) = rules.functions(ast.parse(source))
    return function


@pytest.mark.parametrize(
    "source",
    [
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime\ndatetime.now(UTC)",
        "from datetime import datetime as dt\ndt.utcnow()",
        "from datetime import date\ndate.today()",
        "import time\ntime.time()",
        "import time as t\nt.monotonic()",
        "from time import time\ntime()",
        "from datetime import datetime\nfield(default_factory=datetime.now)",
    ],
)
def test_reading_a_clock_is_found(source: str) -> None:
    assert rules.clock_reads(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "clock.now()",
        "self._clock.monotonic()",
        "from datetime import datetime\ndatetime.fromisoformat(text)",
        "from datetime import timedelta\ntimedelta(seconds=1)",
        "def age(now): return now - then",
    ],
)
def test_time_that_was_passed_in_is_no_finding(source: str) -> None:
    assert not rules.clock_reads(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.sleep(1)",
        "import asyncio\nasyncio.sleep(0.01)",
        "from asyncio import sleep\nsleep(delay)",
        "import asyncio\nasyncio.sleep(delay=1)",
    ],
)
def test_waiting_on_the_real_clock_is_found(source: str) -> None:
    assert rules.sleeps(ast.parse(source))


@pytest.mark.parametrize(
    "source", ["import asyncio\nasyncio.sleep(0)", "clock.sleep(5)", "def sleep(n): ..."]
)
def test_yielding_and_fake_clocks_are_no_sleep(source: str) -> None:
    assert not rules.sleeps(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "import unittest.mock",
        "from unittest import mock",
        "from unittest.mock import patch",
        "import mock",
        "def test_it(mocker): ...",
        "monkeypatch.setattr('syncd.services.push.now', 1)",
        "from syncd.services import push\nmonkeypatch.setattr(push, 'now', 1)",
        "import syncd.services.push\nmonkeypatch.setattr(syncd.services.push, 'now', 1)",
        "from syncd.domain.model import Part as P\nmonkeypatch.setattr(P.ON_HAND, 'word', 1)",
    ],
)
def test_mocks_of_our_own_code_are_found(source: str) -> None:
    assert rules.mocks(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "monkeypatch.setattr('os.getuid', lambda: 0)",
        "monkeypatch.setenv('SYNCD_CONFIG', 'x')",
        "from syncd.mock import shop\nshop.open()",
        "import respx",
    ],
)
def test_patches_of_the_world_are_no_finding(source: str) -> None:
    assert not rules.mocks(ast.parse(source))


def test_the_docstring_does_not_count_as_length() -> None:
    assert rules.length(_only_function('def f():\n    """One.\n\n    Two.\n    """\n    return 1\n')) == 2


def test_a_function_without_docstring_counts_whole() -> None:
    assert rules.length(_only_function("def f(\n    a,\n):\n    return a\n")) == 4


def test_keyword_only_and_starred_parameters_count() -> None:
    assert rules.parameters(_only_function("def f(a, /, b, *c, d, e=1, **g): ...")) == 6


def test_self_is_no_parameter() -> None:
    assert rules.parameters(_only_function("class C:\n    def f(self, a): ...")) == 1


def test_methods_and_inner_functions_are_seen() -> None:
    tree = ast.parse("class C:\n    async def f(self):\n        if 1:\n            def g(): ...\n")
    assert [name for name, _ in rules.functions(tree)] == ["C.f", "C.f.g"]


@pytest.mark.parametrize(
    "text",
    [
        "cd /" + "work/main",
        'path = "/' + 'root/.cache"',
        "see /" + "opt/something/else",
        "(/" + "home/anna/x)",
        "https://" + "py" + "pi.org/project/x",
        "http://10.0.0.1:3141/root/" + "simple/",
        "file:///" + "srv/simple",
        "pip install -" + "-index-url x",
    ],
)
def test_private_paths_and_package_indexes_are_found(text: str) -> None:
    assert rules.unpublishable(text)


@pytest.mark.parametrize(
    "text",
    [
        "/etc/syncd/syncd.toml",
        "/opt/syncd/bin/syncd",
        "/var/lib/syncd/state.db",
        "https://example.com/work/orders",
        "network/work/area",
        "a simple rule",
        "$HOME/root/x",
    ],
)
def test_public_paths_and_addresses_are_no_finding(text: str) -> None:
    assert not rules.unpublishable(text)
