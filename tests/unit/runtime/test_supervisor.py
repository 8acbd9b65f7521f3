"""What systemd hears, and what happens where nobody listens."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.runtime.supervisor import Supervisor
from tests.unit.runtime.notify_socket import NotifySocket, notify_socket


@pytest.fixture(params=["path", "abstract"])
def listening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NotifySocket]:
    with notify_socket(tmp_path if request.param == "path" else None) as opened:
        yield opened


def test_each_word_is_one_message(listening: NotifySocket) -> None:
    supervisor = Supervisor({"NOTIFY_SOCKET": listening.address})
    supervisor.ready()
    supervisor.alive()
    supervisor.status("well")

    assert listening.waiting() == ["READY=1", "WATCHDOG=1", "STATUS=well"]


def test_a_reload_says_when_it_began(listening: NotifySocket) -> None:
    Supervisor({"NOTIFY_SOCKET": listening.address}).reloading()
    first, second = listening.waiting()[0].split("\n")

    assert (first, second.startswith("MONOTONIC_USEC="), second[15:].isdecimal()) == (
        "RELOADING=1",
        True,
        True,
    )


def test_a_stop_asks_for_the_time_of_the_calls_in_flight_and_of_closing(listening: NotifySocket) -> None:
    Supervisor({"NOTIFY_SOCKET": listening.address}).stopping(within=300.0)

    assert listening.waiting() == ["STOPPING=1\nEXTEND_TIMEOUT_USEC=320000000"]


def test_a_status_cannot_carry_a_message_of_its_own(listening: NotifySocket) -> None:
    Supervisor({"NOTIFY_SOCKET": listening.address}).status("shop 茶\nSTOPPING=1")

    assert listening.waiting() == ["STATUS=shop 茶 STOPPING=1"]


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/notify", "vsock:2:1234", "/" + "x" * 200])
def test_nobody_to_tell_is_no_failure(address: str) -> None:
    Supervisor({"NOTIFY_SOCKET": address}).ready()


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, 0.0),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, 0.0),
        ({"WATCHDOG_USEC": "often"}, 0.0),
    ],
)
def test_the_watchdogs_patience_is_read_in_seconds(environ: dict[str, str], seconds: float) -> None:
    assert Supervisor(environ, pid=7).patience == seconds
