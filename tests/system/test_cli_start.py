"""What works before there is anything: help, version, init and check."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import structlog
import typer
from typer.testing import CliRunner, Result

from syncd.cli.main import app
from syncd.config.registry import Registry
from tests.system.cli_rig import ROOT

COMMANDS = (
    "init",
    "check",
    "plan",
    "sync",
    "run",
    "explain",
    "token",
    "approve",
    "reject",
    "listings",
    "orders",
    "alerts",
    "alerts ack",
    "sku list",
    "sku retire",
    "report stock",
    "report ledger",
    "report replenish",
    "audit",
    "backup",
    "restore",
    "transfer list",
    "lock add",
    "lock list",
    "lock release",
    "lock end",
    "shops",
    "shops pause",
    "shops resume",
    "shops freeze",
    "shops unfreeze",
    "demo",
    "mock",
)
DATA = tuple(name for name in COMMANDS if name not in {"init", "run", "mock"})
SECRETS = {"TMALL_AUTHORIZATION": "Bearer planted-1", "JD_AUTHORIZATION": "Bearer planted-2"}


@pytest.fixture(autouse=True)
def _log() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def syncd(*words: str, env: Mapping[str, str] | None = None) -> Result:
    result = CliRunner().invoke(app, words, env=env)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def init(config: Path, *words: str, env: Mapping[str, str] | None = None) -> Result:
    return syncd("--config", str(config), "init", *words, env=env)


def check(config: Path, *words: str, env: Mapping[str, str] | None = None) -> Result:
    return syncd("--config", str(config), "check", *words, env=env)


# --- help --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = syncd(*command.split(), "--help")
    assert (result.exit_code, result.stdout.startswith(f"Usage: syncd {command}")) == (0, True)


@pytest.mark.parametrize("command", DATA)
def test_every_command_that_prints_data_prints_json_on_demand(command: str) -> None:
    assert "--format" in syncd(*command.split(), "--help").stdout


def test_help_names_every_command() -> None:
    group = typer.main.get_command(app)
    names = {command.partition(" ")[0] for command in COMMANDS}
    assert set(getattr(group, "commands", {})) == names


@pytest.mark.parametrize("group", ["", "sku", "report", "alerts", "shops", "lock"])
def test_help_cuts_no_description(group: str) -> None:
    shown = syncd(*group.split(), "--help", env={"COLUMNS": "80"}).stdout
    assert "..." not in shown.replace("[ARGS]...", "")


def test_the_program_says_its_version() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "syncd", "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (0, "syncd 0.1.0\n")


def test_an_unknown_command_is_a_mistake_in_usage() -> None:
    assert syncd("synk").exit_code == 2


# --- init --------------------------------------------------------------------------------------------------


def secrets_in(config: Path) -> dict[str, str]:
    """Return a value for every variable that a configuration refers to."""
    names = re.findall(r'"env:([A-Z0-9_]+)"', config.read_text("utf-8"))
    return {name: f"planted-{at}" for at, name in enumerate(names)}


@pytest.mark.parametrize("source", Registry.installed().source_types)
def test_what_init_writes_of_a_source_needs_only_the_secrets(tmp_path: Path, source: str) -> None:
    config = tmp_path / "syncd.toml"
    assert init(config, "--source", source, "--shop", "tmall=http", "--shop", "jd=http").exit_code == 0
    result = check(config, env=secrets_in(config))
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("word", Registry.installed().channel_types)
def test_what_init_writes_of_a_channel_needs_only_the_secrets(tmp_path: Path, word: str) -> None:
    config = tmp_path / "syncd.toml"
    assert init(config, "--source", "csv", "--shop", f"one={word}").exit_code == 0
    result = check(config, env=secrets_in(config))
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("word", Registry.installed().channel_types)
def test_what_init_writes_names_every_secret_that_it_says(tmp_path: Path, word: str) -> None:
    config = tmp_path / "syncd.toml"
    said = init(config, "--source", "csv", "--shop", f"one={word}").stdout
    lines = [line for line in config.read_text("utf-8").splitlines() if not line.startswith("#")]
    named = re.findall(r'"env:([A-Z0-9_]+)"', "\n".join(lines))
    assert named
    assert f"set {', '.join(named)} in" in said


def test_what_init_writes_loads_with_what_it_has_in_comments(tmp_path: Path) -> None:
    config = tmp_path / "syncd.toml"
    init(config, "--source", "csv", "--shop", "tm=taobao")
    text = config.read_text("utf-8")
    config.write_text(re.sub(r"^# (refresh_token|session_expires)", r"\1", text, flags=re.MULTILINE), "utf-8")
    result = check(config, env=secrets_in(config))
    assert (result.exit_code, "session_expires = " in text) == (0, True)


def test_init_writes_several_sources_each_with_a_warehouse(tmp_path: Path) -> None:
    config = tmp_path / "syncd.toml"
    init(config, "--source", "erp=tryton", "--source", "wms=http_json", "--shop", "tm=taobao")
    text = config.read_text("utf-8")
    assert check(config, env=secrets_in(config)).exit_code == 0
    assert 'warehouses = ["erp", "wms"]' in text


def test_init_asks_on_a_terminal(tmp_path: Path) -> None:
    config = tmp_path / "syncd.toml"
    ours, theirs = os.openpty()
    try:
        os.write(ours, b"csv\none=taobao two=http\n")
        command = [sys.executable, "-m", "syncd", "--config", str(config), "init"]
        done = subprocess.run(command, cwd=ROOT, stdin=theirs, capture_output=True, check=False, timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    assert (done.returncode, b"csv, http_json, mqtt, tryton" in done.stderr) == (0, True)
    assert check(config, env=secrets_in(config)).exit_code == 0


@pytest.mark.parametrize(
    ("word", "variables"),
    [
        ("aliexpress", "ONE_APP_SECRET, ONE_ACCESS_TOKEN"),
        ("douyin", "ONE_APP_SECRET, ONE_ACCESS_TOKEN"),
        ("jd", "ONE_APP_SECRET, ONE_ACCESS_TOKEN"),
        ("pdd", "ONE_CLIENT_SECRET, ONE_ACCESS_TOKEN"),
        ("taobao", "ONE_APP_SECRET, ONE_SESSION"),
    ],
)
def test_init_says_which_secrets_a_platform_wants(tmp_path: Path, word: str, variables: str) -> None:
    config = tmp_path / "syncd.toml"
    result = init(config, "--source", "csv", "--shop", f"one={word}")
    assert f"set {variables} in" in result.stdout
    assert check(config, env=secrets_in(config)).exit_code == 0


def test_init_says_which_secrets_are_wanted(tmp_path: Path) -> None:
    result = init(tmp_path / "syncd.toml", "--source", "http_json", "--shop", "tmall=http")
    assert "ERP_AUTHORIZATION, TMALL_AUTHORIZATION" in result.stdout


def test_init_writes_one_pool_of_all_shops(tmp_path: Path) -> None:
    config = tmp_path / "syncd.toml"
    init(config, "--source", "csv", "--shop", "tmall=http", "--shop", "jd=http")
    assert 'shops = ["tmall", "jd"]' in config.read_text("utf-8")


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    config = tmp_path / "syncd.toml"
    config.write_text("precious", "utf-8")
    result = init(config, "--source", "csv", "--shop", "tmall=http")
    assert (result.exit_code, config.read_text("utf-8")) == (2, "precious")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--source", "csw", "--shop", "tmall=http"), "did you mean `csv`?"),
        (("--source", "csv", "--shop", "tmall=htp"), "did you mean `http`?"),
        (("--source", "csv", "--shop", "Tmall=http"), "is not NAME=TYPE"),
        (("--source", "csv", "--shop", "tmall"), "is not NAME=TYPE"),
        (("--source", "csv", "--shop", "tmall=http", "--shop", "tmall=http"), "names a shop twice"),
        (("--source", "csv", "--source", "http_json", "--shop", "tmall=http"), "several need names"),
        (("--source", "a=csv", "--source", "a=csv", "--shop", "tmall=http"), "names a source twice"),
        (("--source", "A=csv", "--shop", "tmall=http"), "is not TYPE, or NAME=TYPE"),
        (("--source", "csv"), "--shop is missing"),
        (("--shop", "tmall=http"), "--source is missing"),
    ],
)
def test_init_says_what_it_cannot_use(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    result = init(tmp_path / "syncd.toml", *words)
    assert (result.exit_code, message in result.stderr, list(tmp_path.iterdir())) == (2, True, [])


def test_init_needs_a_folder_that_exists(tmp_path: Path) -> None:
    result = init(tmp_path / "no" / "syncd.toml", "--source", "csv", "--shop", "tmall=http")
    assert (result.exit_code, "mkdir -p" in result.stderr) == (2, True)


# --- check -------------------------------------------------------------------------------------------------


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    config = tmp_path / "syncd.toml"
    init(config, "--source", "csv", "--shop", "tmall=http", "--shop", "jd=http")
    return config


def test_check_tells_all_problems_at_once(fresh: Path) -> None:
    document = json.loads(check(fresh, "--format", "json").stdout)
    keys = [problem["key"] for problem in document["problems"]]
    assert keys == ["shops.tmall.headers.Authorization", "shops.jd.headers.Authorization"]


def test_a_problem_has_the_keys_of_the_contract(fresh: Path) -> None:
    document = json.loads(check(fresh, "--format", "json").stdout)
    assert (set(document), set(document["problems"][0])) == (
        {"problems", "notes"},
        {"file", "key", "line", "message", "hint"},
    )


def test_a_wrong_configuration_ends_with_78(fresh: Path) -> None:
    assert check(fresh).exit_code == 78


def test_check_names_file_and_line_for_people(fresh: Path) -> None:
    text = fresh.read_text("utf-8").splitlines()
    number = next(at for at, line in enumerate(text, 1) if "env:TMALL_AUTHORIZATION" in line)
    assert f"{fresh}:{number}  shops.tmall.headers.Authorization" in check(fresh).stdout


def test_notes_stop_nothing(fresh: Path) -> None:
    text = fresh.read_text("utf-8").replace("env:TMALL_AUTHORIZATION", "credential:tmall")
    fresh.write_text(text, "utf-8")
    result = check(fresh, "--format", "json", env=SECRETS)
    assert (result.exit_code, len(json.loads(result.stdout)["notes"])) == (0, 1)


def test_nothing_is_called_with_a_credential_that_cannot_be_read(fresh: Path) -> None:
    text = fresh.read_text("utf-8").replace("env:TMALL_AUTHORIZATION", "credential:tmall")
    fresh.write_text(text, "utf-8")
    result = syncd("--config", str(fresh), "plan", env=SECRETS)
    assert (result.exit_code, "shops.tmall.headers.Authorization" in result.stderr) == (2, True)


def test_a_secret_in_the_file_is_refused_and_not_repeated(fresh: Path) -> None:
    text = fresh.read_text("utf-8").replace("env:TMALL_AUTHORIZATION", "planted-in-the-file")
    fresh.write_text(text, "utf-8")
    result = check(fresh, env=SECRETS)
    assert (result.exit_code, "planted" in result.stdout + result.stderr) == (78, False)


def test_a_configuration_that_is_not_there_is_named(tmp_path: Path) -> None:
    config = tmp_path / "none.toml"
    result = syncd("plan", "--format", "json", env={"SYNCD_CONFIG": str(config)})
    document = json.loads(result.stdout)
    assert (result.exit_code, document["problems"][0]["file"]) == (78, str(config))


def test_the_schema_needs_no_configuration(tmp_path: Path) -> None:
    result = check(tmp_path / "none.toml", "--schema")
    assert (result.exit_code, json.loads(result.stdout)["title"]) == (0, "syncd")


def test_an_online_check_names_whoever_does_not_answer(fresh: Path) -> None:
    text = fresh.read_text("utf-8")
    for name in ("tmall", "jd"):
        text = text.replace(f"https://{name}.example/api", "http://127.0.0.1:9")
    fresh.write_text(text, "utf-8")
    result = check(fresh, "--online", env=SECRETS)
    named = [line.partition(":")[0] for line in result.stderr.splitlines()]
    assert (result.exit_code, named) == (1, ["source erp", "shop tmall", "shop jd"])


def test_an_online_check_leaves_no_state(fresh: Path) -> None:
    check(fresh, "--online", env=SECRETS)
    assert [file.name for file in fresh.parent.iterdir()] == ["syncd.toml"]


# --- shops before the first reading ------------------------------------------------------------------------


@pytest.fixture(name="unread")
def _unread(tmp_path: Path) -> Path:
    config = tmp_path / "syncd.toml"
    init(config, "--source", "csv", "--shop", "tmall=http", "--shop", "jd=http")
    text = config.read_text("utf-8")
    config.write_text(text.replace('dir = "state"', f'dir = "{tmp_path / "state"}"'), "utf-8")
    return config


def test_how_many_listings_a_shop_has_that_was_never_read_is_not_known(unread: Path) -> None:
    result = syncd("--config", str(unread), "shops", "--format", "json", env=SECRETS)
    jd = json.loads(result.stdout)["shops"][1]
    assert (jd["listings"], jd["unbound"]) == (None, None)


def test_the_format_may_stand_before_the_verb(unread: Path) -> None:
    result = syncd("--config", str(unread), "shops", "--format", "json", "pause", "jd", env=SECRETS)
    assert json.loads(result.stdout) == {"shop": "jd", "answer": "shop jd is paused"}


def test_a_file_in_place_of_the_state_folder_is_no_state_that_has_yet_to_begin(unread: Path) -> None:
    (unread.parent / "state").write_text("", "utf-8")
    result = syncd("--config", str(unread), "shops", env=SECRETS)
    assert (result.exit_code, "the state folder is a file" in result.stderr) == (78, True)
