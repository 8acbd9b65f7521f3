"""Every command in README.md is run as it stands there; what is rewritten stands in one table."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from syncd.cli.exits import Exit
from syncd.cli.main import app
from tests.docs.readme_rig import README, ROOT, Block, blocks, rows

pytestmark = pytest.mark.slow

TEXT = README.read_text(encoding="utf-8")
WITHOUT_MOCKS = ("Two commands", "Install", "Conformance kit", "API")
"""Their blocks need a network, pytest or a daemon: see test_readme_{scripts,conformance,api}.py."""

BLOCKS = [block for block in blocks(TEXT) if block.section not in WITHOUT_MOCKS]
DOCUMENTS = {row[0].strip("`"): json.loads(row[1].strip("`")) for row in rows(TEXT, "### JSON")}

_ENDS = re.compile(r"\s+# ends with (\d+).*$")
_COMMENT = re.compile(r"\s+# .*$")
_PORT = re.compile(r"--port (\d+)")
_DIGEST = re.compile(r"\b[0-9a-f]{16}\b")

_CURL = """#!{python}
import sys, urllib.request
words = sys.argv[1:]
headers = dict(words[at + 1].split(": ") for at, word in enumerate(words) if word == "-H")
data = words[words.index("-d") + 1].encode() if "-d" in words else None
with urllib.request.urlopen(urllib.request.Request(words[-1], data, headers)) as answer:
    sys.stdout.write(answer.read().decode())
"""
_SYNCD = '#!/bin/sh\nPYTHONPATH={root} exec {python} -m syncd "$@"\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How one command of the manual ended, and how the manual says that it ends."""

    command: str
    code: int
    promised: int
    out: str
    err: str


@dataclass(slots=True, kw_only=True)
class Reader:
    """Somebody who types in what the manual says, in one folder, with one environment."""

    folder: Path
    stack: ExitStack
    environ: dict[str, str]
    rewrites: dict[str, str] = field(default_factory=lambda: {"DIGEST": "no digest was printed yet"})
    said: list[tuple[Block, Said]] = field(default_factory=list)
    documents: dict[str, Any] = field(default_factory=dict)
    servers: list[subprocess.Popen[str]] = field(default_factory=list)

    def read(self, block: Block) -> None:
        """Type in every command of a block."""
        for statement in _statements(block.text):
            if statement.startswith("syncd approve"):
                self._ask_for_documents()
            self.said.append((block, self.type_in(statement)))

    def type_in(self, statement: str) -> Said:
        """Run a command, or start it where it serves until it is stopped."""
        ends = _ENDS.search(statement)
        promised = int(ends[1]) if ends else 0
        command = statement if "\n" in statement else _COMMENT.sub("", statement)
        if command.startswith("export "):
            name, _, value = shlex.split(command)[1].partition("=")
            self.environ[name] = value
            return Said(command=command, code=0, promised=promised, out="", err="")
        if command.startswith("syncd mock"):
            return self._serve(command)
        code, out, err = self._run(command)
        if found := _DIGEST.search(out):
            self.rewrites["DIGEST"] = found[0]
        return Said(command=command, code=code, promised=promised, out=out, err=err)

    def stop_mocks(self) -> list[int]:
        """End all mocks by Ctrl-C; return how they ended."""
        for server in self.servers:
            server.send_signal(signal.SIGINT)
        return [server.wait() for server in self.servers]

    def _run(self, command: str) -> tuple[int, str, str]:
        if command.startswith("syncd ") and command != "syncd run":
            return self._run_inside(command)
        with self._started(command) as program:
            errors = []
            if command == "syncd run":
                assert program.stderr
                errors = list(_until(program.stderr, '"event": "pushed"'))
                program.send_signal(signal.SIGINT)
            out, err = program.communicate()
            return program.returncode, out, "".join(errors) + err

    def _run_inside(self, command: str) -> tuple[int, str, str]:
        """Run a command inside this program, because starting another takes a second."""
        _, *words = shlex.split(self._rewritten(command))
        with chdir(self.folder):
            result = CliRunner().invoke(app, words, env=self.environ)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.stdout, result.stderr

    def _rewritten(self, command: str) -> str:
        for words, instead in self.rewrites.items():
            command = command.replace(words, instead)
        return command

    def _serve(self, command: str) -> Said:
        """Start a mock at a free port, and read its address where the manual names another."""
        port = _PORT.search(command)
        assert port, f"{command} names no port, so that nothing can be said of its address"
        server = self.stack.enter_context(self._started(_PORT.sub("--port 0", command)))
        assert server.stdout
        line = server.stdout.readline()
        self.rewrites[f"127.0.0.1:{port[1]}"] = line.strip().rpartition("/")[2]
        self.servers.append(server)
        return Said(command=command, code=0, promised=0, out=line, err="")

    @contextmanager
    def _started(self, command: str) -> Iterator[subprocess.Popen[str]]:
        with subprocess.Popen(
            ["bash", "-c", self._rewritten(command)],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as program:
            try:
                yield program
            finally:
                program.kill()

    def _ask_for_documents(self) -> None:
        """Ask for every document that the manual shows, while there is something in each of them."""
        for command in DOCUMENTS:
            _, out, _ = self._run(f"syncd {command} --format json")
            self.documents[command] = json.loads(out)
            if command.startswith("shops pause"):
                self._run("syncd " + command.replace("pause", "resume"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What was said while the whole manual was typed in."""

    reader: Reader
    mocks_ended: list[int]
    without_mocks: Said


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("reader")
    tools = folder / "bin"
    tools.mkdir()
    for name, text in (("syncd", _SYNCD), ("curl", _CURL)):
        (tools / name).write_text(text.format(python=sys.executable, root=ROOT), encoding="utf-8")
        (tools / name).chmod(0o755)
    (folder / "new").mkdir()
    with ExitStack() as stack:
        # Commands inside this program set up its log.
        stack.callback(structlog.reset_defaults)
        reader = Reader(
            folder=folder / "new",
            stack=stack,
            environ={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONUTF8": "1"},
        )
        for block in BLOCKS:
            if block.language == "sh":
                reader.read(block)
        reader.said.append((BLOCKS[0], reader.type_in("syncd explain NO-SUCH-SKU  # ends with 2")))
        ended = reader.stop_mocks()
        yield Story(
            reader=reader,
            mocks_ended=ended,
            without_mocks=reader.type_in("syncd check --online  # ends with 1"),
        )


def _statements(text: str) -> Iterator[str]:
    lines = iter(text.splitlines())
    for line in lines:
        statement = line
        if "<<'END'" in line:
            rest = iter(lines.__next__, "END")
            statement = "\n".join([line, *rest, "END"])
        if statement.strip():
            yield statement


def _until(stream: Iterator[str], word: str) -> Iterator[str]:
    for line in stream:
        yield line
        if word in line:
            return
    raise AssertionError(f"it ended before it said {word}")


def _differences(shown: Any, real: Any, place: str = "") -> list[str]:  # noqa: ANN401 - any JSON
    """Return where two documents have other keys or kinds of values; null may stand for anything."""
    if shown is None or real is None:
        return []
    if type(shown) is not type(real):
        return [f"{place} is {type(real).__name__}, shown as {type(shown).__name__}"]
    if isinstance(shown, dict):
        found = [f"{place}.{key}" for key in sorted(shown.keys() ^ real.keys())]
        both = [key for key in shown if key in real]
        return found + [
            text for key in both for text in _differences(shown[key], real[key], f"{place}.{key}")
        ]
    if isinstance(shown, list) and shown:
        return _differences(shown[0], real[0], f"{place}[]") if real else [f"{place} is empty"]
    return []


def _block_before(block: Block) -> Block:
    return BLOCKS[BLOCKS.index(block) - 1]


def test_every_command_ends_as_the_manual_says(story: Story) -> None:
    wrong = [said for _, said in story.reader.said if said.code != said.promised]
    assert wrong == []


def test_no_command_of_the_manual_is_left_out(story: Story) -> None:
    shown = [line for block in BLOCKS if block.language == "sh" for line in block.text.splitlines()]
    started = [line for line in shown if line.startswith(("syncd ", "curl ", "sed ", "export ", "cat "))]
    assert len(story.reader.said) - 1 == len(started)


@pytest.mark.parametrize("block", [each for each in BLOCKS if each.language == "text"])
def test_what_is_shown_of_an_output_is_printed(story: Story, block: Block) -> None:
    printed = [said.out for at, said in story.reader.said if at == _block_before(block)]
    lines = "".join(printed).splitlines()
    assert [line for line in block.text.splitlines() if line not in lines] == []


@pytest.mark.parametrize("command", DOCUMENTS)
def test_a_document_looks_as_the_manual_shows_it(story: Story, command: str) -> None:
    assert _differences(DOCUMENTS[command], story.reader.documents[command]) == []


def test_what_the_guard_held_is_pushed_once_approved(story: Story) -> None:
    said = [each for at, each in story.reader.said if at.section == "When the guard holds"]
    after = next(at for at, each in enumerate(said) if each.command.startswith("syncd approve"))
    assert re.search(r"^web\s+2\s", said[after + 1].out, re.MULTILINE)


def test_the_daemon_of_the_manual_pushes_the_new_figures(story: Story) -> None:
    daemon = next(said for _, said in story.reader.said if said.command == "syncd run")
    pushed = next(line for line in daemon.err.splitlines() if '"event": "pushed"' in line)
    assert json.loads(pushed)["done"] == 1


def test_a_mock_ends_well_by_ctrl_c(story: Story) -> None:
    assert story.mocks_ended == [0, 0]


def test_a_shop_that_does_not_answer_is_a_failure(story: Story) -> None:
    assert (story.without_mocks.code, "shop web: " in story.without_mocks.err) == (1, True)


def test_every_exit_code_of_the_manual_was_seen(story: Story) -> None:
    seen = {said.code for _, said in story.reader.said} | {story.without_mocks.code}
    assert seen == {int(row[0]) for row in rows(TEXT, "### Exit codes")} == set(Exit)
