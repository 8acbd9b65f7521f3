"""A real Tryton 8.2 on SQLite: installed and seeded once, then copied and started for each use.

The cache is `$SYNCD_TRYTON_ENV`, else `~/.cache/syncd`. It holds one folder per requirements and Python with
the virtual environment, and in that one a seeded database per seed. All of it may be deleted between runs.
"""

import asyncio
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parents[2]
# Read at once: before the first test runs, the suite hides both the settings and the home of its user,
# and without them pip finds neither its index nor its cache.
_ENVIRON = dict(os.environ)
_CACHE = Path(_ENVIRON.get("SYNCD_TRYTON_ENV") or Path.home() / ".cache" / "syncd")

DATABASE = "shop"
_MODULES = ("sale", "purchase", "stock_supply", "product_kit")
_SEED = ("seed.py", "steps.py")
_TOLD_LINES = 15
_START_SECONDS = 60.0
_NO_NETWORK = (
    "failed to establish a new connection",
    "name resolution",
    "connection to",
    "connection broken",
    "network is unreachable",
    "timed out",
    "cannot connect to proxy",
)


class TrytonFailed(Exception):  # noqa: N818 - it says what happened
    """Tryton could not be installed, seeded or started; the message ends with the last lines it said."""


class Offline(TrytonFailed):
    """Tryton is not in the cache, and the package index cannot be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What every server is made from; nothing in it is ever written again."""

    python: Path
    template: Path
    facts: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Tryton's rules for sessions, in seconds: how long six wrong logins lock out, how long one lasts."""

    lockout: int = 300
    max_age: int = 2_592_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that answers; `users` are logins with their passwords."""

    url: str
    python: Path
    facts: Mapping[str, object]
    database: str = DATABASE
    users: Mapping[str, str] = field(repr=False)


def environment() -> Environment:
    """Return the installed and seeded Tryton; the first call of a machine makes it, which takes minutes.

    Offline where the package index cannot be reached, TrytonFailed for everything else.
    """
    home = _CACHE / f"tryton-{_digest('requirements.txt', extra=sys.version)}"
    seeded = home / f"seed-{_digest(*_SEED)}"
    home.parent.mkdir(parents=True, exist_ok=True)
    with _alone(home.with_suffix(".lock")):
        if not home.exists():
            _made(home, _install)
        if not seeded.exists():
            _made(seeded, lambda folder: _fill(folder, home))
    return Environment(
        python=_python(home), template=seeded / f"{DATABASE}.sqlite", facts=seeded / "facts.json"
    )


@asynccontextmanager
async def running(folder: Path, *, session: Session | None = None) -> AsyncIterator[Server]:
    """Run a server with a fresh copy of the seeded database in the folder, and kill it at the end."""
    made = await asyncio.to_thread(environment)
    _copy(made, folder, session or Session())
    facts = json.loads(made.facts.read_text(encoding="utf-8"))
    async with child(
        made.python, "serve", log=folder / "server.log", environ=_server_environ(folder)
    ) as process:
        port = await _first_line(process, folder / "server.log")
        yield Server(
            url=f"http://127.0.0.1:{int(port)}", python=made.python, facts=facts, users=facts["users"]
        )


@asynccontextmanager
async def child(
    python: Path, module: str, *words: str, log: Path, environ: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one of our modules in Tryton's environment; it ends with its standard input, at the latest."""
    with log.open("ab") as written:
        process = await asyncio.create_subprocess_exec(
            python,
            "-m",
            f"tests.integration.tryton.{module}",
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=written,
            env=dict(environ or _environ()),
            limit=1 << 24,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        # Also closes the pipes; one left open fails a random other test.
        await process.communicate()


# --- making ------------------------------------------------------------------------------------------------


def _digest(*names: str, extra: str = "") -> str:
    digest = hashlib.sha256(extra.encode())
    for name in names:
        digest.update((_HERE / name).read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Keep other processes out; the lock of one that dies is free at once."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _made(target: Path, make: Callable[[Path], None]) -> None:
    """Make a folder beside its place and move it there once it is whole; what a crash left is removed."""
    half = target.with_name(f"{target.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    try:
        make(half)
        half.rename(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _install(folder: Path) -> None:
    _run("making a virtual environment", [sys.executable, "-m", "venv", str(folder / "venv")])
    python, wanted = str(_python(folder)), str(_HERE / "requirements.txt")
    pip = [python, "-m", "pip", "--no-input", "--disable-pip-version-check"]
    # Without dependencies: all of them are pinned, and `check` proves that none is missing.
    _run("installing Tryton", [*pip, "install", "--no-deps", "--requirement", wanted], environ=_ENVIRON)
    _run("checking the packages", [*pip, "check"])
    database = folder / f"{DATABASE}.sqlite"
    database.touch()
    _write_settings(folder, Session())
    (folder / "password").write_text("admin", encoding="utf-8")
    admin = [python, "-m", "trytond.cli.admin", "-c", str(folder / "trytond.conf"), "-d", DATABASE]
    words = ["-u", *_MODULES, "--activate-dependencies", "--email", "admin@example.com"]
    secret = _environ() | {"TRYTONPASSFILE": str(folder / "password")}
    _run("making an empty database", [*admin, *words], environ=secret)


def _fill(folder: Path, home: Path) -> None:
    shutil.copyfile(home / f"{DATABASE}.sqlite", folder / f"{DATABASE}.sqlite")
    _write_settings(folder, Session())
    words = [str(folder / "trytond.conf"), DATABASE, str(folder / "facts.json")]
    _run("seeding", [str(_python(home)), "-m", "tests.integration.tryton.seed", *words])


def _run(what: str, command: Sequence[str], *, environ: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        env=dict(environ or _environ()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return
    told = "\n".join(done.stdout.splitlines()[-_TOLD_LINES:])
    offline = any(sign in done.stdout.lower() for sign in _NO_NETWORK)
    raise (Offline if offline else TrytonFailed)(f"{what} failed with exit status {done.returncode}:\n{told}")


def _python(home: Path) -> Path:
    return home / "venv" / "bin" / "python"


def _environ() -> dict[str, str]:
    """Return what Tryton's processes see: UTC everywhere, or goods seeded in the east are of tomorrow."""
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TZ": "UTC",
        "TRYTOND_TZ": "UTC",
    }


# --- running -----------------------------------------------------------------------------------------------


def _copy(made: Environment, folder: Path, session: Session) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made.template, folder / made.template.name)
    _write_settings(folder, session)


def _write_settings(folder: Path, session: Session) -> None:
    lines = [
        "[database]",
        "uri = sqlite://",
        f"path = {folder}",
        "[session]",
        f"timeout = {session.lockout}",
        f"max_age = {session.max_age}",
    ]
    (folder / "trytond.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _server_environ(folder: Path) -> dict[str, str]:
    settings = str(folder / "trytond.conf")
    return _environ() | {"TRYTOND_CONFIG": settings, "TRYTOND_DATABASE_NAMES": DATABASE}


async def _first_line(process: asyncio.subprocess.Process, log: Path) -> bytes:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_SECONDS):
            line = await process.stdout.readline()
    except TimeoutError:
        line = b""
    if not line:
        raise TrytonFailed(f"the server did not start within {_START_SECONDS:.0f} s:\n{_last_lines(log)}")
    return line


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TOLD_LINES:])
