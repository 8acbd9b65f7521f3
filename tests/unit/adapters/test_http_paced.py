"""Calls of one shop that wait for their turn."""

from dataclasses import replace

import pytest

from syncd.adapters.http import HttpAnswer, HttpCall, HttpClient, PacedHttp
from syncd.errors import Kind, PortError

READ = HttpCall(
    name="tmall", method="GET", path="/list", url="http://shop/list", writes=False, timeout=1.0, max_bytes=9
)
WRITE = replace(READ, method="POST", writes=True)


class Inner(HttpClient):
    """A client that only remembers what it was told to send, in the log of its test."""

    def __init__(self, log: list[str], error: PortError | None = None) -> None:
        self._log = log
        self._error = error

    async def exchange(self, call: HttpCall) -> HttpAnswer:
        self._log.append(call.method)
        if self._error is not None:
            raise self._error
        return HttpAnswer(status=200, headers={}, body=b"")


def paced(log: list[str], error: PortError | None = None) -> PacedHttp:
    async def turn() -> None:
        log.append("turn")

    return PacedHttp(Inner(log, error), turn)


async def test_a_call_that_reads_waits_for_its_turn() -> None:
    log: list[str] = []
    await paced(log).exchange(READ)
    assert log == ["turn", "GET"]


async def test_a_call_that_writes_has_waited_already() -> None:
    log: list[str] = []
    await paced(log).exchange(WRITE)
    assert log == ["POST"]


async def test_a_failure_stays_what_it_is() -> None:
    error = PortError(Kind.TRANSIENT, "down")
    with pytest.raises(PortError, match="down"):
        await paced([], error).exchange(READ)
