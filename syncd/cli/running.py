"""Carry out the work of one command and say how it ended."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from syncd.cli.exits import Exit, code_of, expected_error
from syncd.cli.options import Format
from syncd.cli.output import Json, complain, document
from syncd.errors import ConfigError, Problem, SyncdError


def carry_out(work: Coroutine[Any, Any, Exit], output: Format) -> int:
    """Return the exit code of `work`; an error that is a bug goes on as it is.

    In JSON stdout stays exactly one document: an error is `{"error": ...}` there too.
    """
    try:
        return asyncio.run(work)
    except (SyncdError, BaseExceptionGroup) as raised:
        error = expected_error(raised)
        if error is None:
            raise
        _tell(error, output)
        return code_of(error)


def _tell(error: SyncdError, output: Format) -> None:
    complain(f"syncd: {error}")
    if isinstance(error, ConfigError):
        complain("Nothing was done; `syncd check` shows this as a table.")
    if output is Format.JSON:
        document(error_document(error))


def error_document(error: SyncdError) -> Json:
    """Return an error as JSON; of a wrong configuration with all its problems."""
    if not isinstance(error, ConfigError):
        return {"error": str(error)}
    return {"error": "the configuration is wrong", "problems": [as_json(p) for p in error.problems]}


def as_json(problem: Problem) -> Json:
    """Return a problem of a configuration as JSON."""
    return {
        "file": problem.file,
        "key": problem.key,
        "line": problem.line,
        "message": problem.message,
        "hint": problem.hint,
    }
