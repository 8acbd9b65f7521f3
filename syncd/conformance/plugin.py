"""The plug-in for pytest: `--syncd-channel`, the order of the suite, and its summary."""

import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from syncd.conformance.rig import Factory

FACTORY = pytest.StashKey["Factory"]()

_COMMAND = Path(__file__).with_name("command.py")
_TOPICS = [path.stem for path in _COMMAND.parent.glob("*.py") if path.stem not in {"__init__", "plugin"}]
_LAST = "test_every_kind_of_error_was_reached"
_SUITE, _KINDS = "syncd-suite", "syncd-kinds"
_OUTCOMES = ("passed", "failed", "skipped")


# An assert of the suite that fails says what stood on both sides.
pytest.register_assert_rewrite(*(f"syncd.conformance.{topic}" for topic in _TOPICS))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the option that names a channel."""
    group = parser.getgroup("syncd", "conformance of syncd's channels")
    group.addoption(
        "--syncd-channel",
        metavar="MODULE:FACTORY",
        help="run everything that a channel owes against the bench which this factory opens",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let the suite run for the named channel, alone unless other tests were named too."""
    named = config.getoption("--syncd-channel")
    if named is None:
        return
    config.stash[FACTORY] = _found(named, config)
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        config.args.append(str(_COMMAND))
    else:
        config.args[:] = [str(_COMMAND)]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what looks back on a suite run after all of it."""
    items.sort(key=lambda item: item.name == _LAST)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say of each suite what was not tested and why: a skipped promise is not a kept one."""
    for suite in dict.fromkeys(
        name for report in _reports(terminalreporter) for name in _told(report, _SUITE)
    ):
        mine = [report for report in _reports(terminalreporter) if suite in _told(report, _SUITE)]
        counts = Counter(str(report.outcome) for report in mine)
        terminalreporter.section(f"syncd conformance: {suite}")
        terminalreporter.line(
            ", ".join(f"{counts[outcome]} {outcome}" for outcome in _OUTCOMES if counts[outcome])
        )
        reasons = Counter(_reason(report) for report in mine if report.skipped)
        for reason, count in sorted(reasons.items(), key=lambda each: (-each[1], each[0])):
            terminalreporter.line(f"  {count} skipped: {reason}")
        for text in dict.fromkeys(text for report in mine for text in _told(report, _KINDS)):
            terminalreporter.line(f"  kinds of errors: {text}")


def _found(named: str, config: pytest.Config) -> "Factory":
    """Return the factory of that name; what is wrong with the name is said in one line."""
    module, _, path = named.partition(":")
    if not module or not path:
        raise pytest.UsageError(f"--syncd-channel {named}: write MODULE:FACTORY, such as your.rig:bench")
    # As python -m does it: the module may lie in the folder where the command is typed in.
    here = str(config.invocation_params.dir)
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Factory = attrgetter(path)(import_module(module))
    except Exception as error:  # noqa: BLE001 - a module may fail in any way while it is imported
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise pytest.UsageError(f"--syncd-channel {named}: cannot be imported ({reason})") from None
    if not callable(found):
        raise pytest.UsageError(
            f"--syncd-channel {named}: is {type(found).__name__}, not a factory of benches"
        )
    return found


def _reports(reporter: pytest.TerminalReporter) -> Iterator[pytest.TestReport]:
    for outcome in _OUTCOMES:
        for report in reporter.stats.get(outcome, []):
            # What fails while it is torn down was counted as it ran.
            if isinstance(report, pytest.TestReport) and report.when != "teardown":
                yield report


def _told(report: pytest.TestReport, name: str) -> list[str]:
    return [str(value) for key, value in report.user_properties if key == name]


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple | list) else str(report.longrepr)
    return text.removeprefix("Skipped: ")
