"""What every test gets: a bare environment, an eastern time zone, a fixed time and Hypothesis profiles.

Sockets beyond loopback are closed by pytest-socket (see `addopts` in pyproject.toml).
"""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import HealthCheck, settings

# Coverage and a busy machine make examples slow; pytest-timeout judges slowness, Hypothesis does not.
_PATIENT = (HealthCheck.too_slow,)

settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=_PATIENT)
settings.register_profile(
    "ci",
    max_examples=300,
    deadline=None,
    suppress_health_check=_PATIENT,
    print_blob=True,
    database=None,
)
settings.register_profile(
    "deterministic",
    max_examples=100,
    deadline=None,
    suppress_health_check=_PATIENT,
    derandomize=True,
    database=None,
)

# Not UTC on purpose: a naive time that slips in is then hours off, and a test sees it.
_ZONE = "Asia/Shanghai"

_UNWANTED = frozenset(
    {
        "ALL_PROXY",
        "COLUMNS",
        "CREDENTIALS_DIRECTORY",
        "FORCE_COLOR",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "INVOCATION_ID",
        "NOTIFY_SOCKET",
        "NO_COLOR",
        "NO_PROXY",
        "STATE_DIRECTORY",
        "WATCHDOG_PID",
        "WATCHDOG_USEC",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_STATE_HOME",
    }
)


def _is_unwanted(name: str) -> bool:
    return name.upper() in _UNWANTED or name.upper().startswith("SYNCD_")


def _profile() -> str:
    chosen = os.environ.get("HYPOTHESIS_PROFILE")
    if chosen:
        return chosen
    return "ci" if os.environ.get("CI", "").lower() in {"1", "true", "yes"} else "dev"


def _zone() -> str:
    try:
        ZoneInfo(_ZONE)
    except ZoneInfoNotFoundError:  # A bare machine may carry no zones.
        return "UTC"
    return _ZONE


def pytest_configure() -> None:
    """Choose the Hypothesis profile: HYPOTHESIS_PROFILE, else `ci` where CI is set, else `dev`."""
    settings.load_profile(_profile())


@pytest.fixture(scope="session", autouse=True)
def _bare_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the settings, proxies and home folder of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if _is_unwanted(name):
                patch.delenv(name)
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("TZ", _zone())
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(scope="session")
def now() -> datetime:
    """Return the time at which tests happen; of session scope so that `@given` accepts it."""
    return datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
