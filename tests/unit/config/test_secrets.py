"""Secrets by reference."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.config.stand import TMALL, VALID, load_text, problems_of

PLANTED = "s3cr3t-value"


def shop_with(line: str) -> str:
    return VALID + line + "\n"


def options(folder: Path, line: str, environ: dict[str, str] | None = None) -> Any:  # noqa: ANN401
    config = load_text(folder, shop_with(line), environ)
    return next(iter(config.shops.values())).options


def messages(folder: Path, line: str, environ: dict[str, str] | None = None) -> list[str]:
    return [row.message for row in problems_of(folder, shop_with(line), environ)]


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    token = options(tmp_path, 'token = "env:TOKEN"', {"TOKEN": PLANTED}).token
    assert token.get_secret_value() == PLANTED


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ('headers = {A = "env:TOKEN"}', lambda found: found.headers["A"]),
        ('keys = ["env:TOKEN"]', lambda found: found.keys[0]),
        ('page = {token = "env:TOKEN"}', lambda found: found.page.token),
        ('login = {user = "u", key = "env:TOKEN"}', lambda found: found.login.key),
        ('login = {user = "u", password = "env:TOKEN"}', lambda found: found.login.password),
        ('extra_headers = {A = "env:TOKEN"}', lambda found: found.extra_headers["A"]),
    ],
)
def test_a_secret_is_found_wherever_the_settings_declare_one(tmp_path: Path, line: str, read: Any) -> None:  # noqa: ANN401
    found = read(options(tmp_path, line, {"TOKEN": PLANTED}))
    assert found.get_secret_value() == PLANTED


def test_no_secret_is_in_the_repr_of_a_configuration(tmp_path: Path) -> None:
    assert PLANTED not in repr(load_text(tmp_path, shop_with('token = "env:T"'), {"T": PLANTED}))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(b"abc", "abc"), (b"abc\n", "abc"), (b"abc\r\n", "abc"), (b"abc\n\n", "abc\n"), (b" a ", " a ")],
)
def test_a_secret_file_loses_one_newline_at_its_end(tmp_path: Path, raw: bytes, expected: str) -> None:
    (tmp_path / "token").write_bytes(raw)
    (tmp_path / "token").chmod(0o600)
    assert options(tmp_path, 'token = "file:token"').token.get_secret_value() == expected


@pytest.mark.parametrize(("mode", "count"), [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1)])
def test_a_secret_file_that_others_may_read_is_noted(tmp_path: Path, mode: int, count: int) -> None:
    (tmp_path / "token").write_text("abc", encoding="utf-8")
    (tmp_path / "token").chmod(mode)
    notes = load_text(tmp_path, shop_with('token = "file:token"')).notes
    assert [note.key for note in notes] == ["shops.tmall.token"] * count


def test_a_credential_comes_from_the_units_folder(tmp_path: Path) -> None:
    (tmp_path / "creds").mkdir()
    (tmp_path / "creds/tmall").write_text(PLANTED + "\n", encoding="utf-8")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path / "creds")}
    assert options(tmp_path, 'token = "credential:tmall"', environ).token.get_secret_value() == PLANTED


def test_a_credential_outside_the_unit_is_only_noted(tmp_path: Path) -> None:
    [note] = load_text(tmp_path, shop_with('token = "credential:tmall"')).notes
    assert (note.key, note.line) == ("shops.tmall.token", 15)


def test_a_shop_tells_which_of_its_credentials_are_not_readable(tmp_path: Path) -> None:
    config = load_text(tmp_path, shop_with('headers = {A = "credential:tmall"}'))
    assert [shop.unresolved for shop in config.shops.values()] == [("shops.tmall.headers.A",)]


def test_a_credential_missing_inside_the_unit_is_a_problem(tmp_path: Path) -> None:
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    [message] = messages(tmp_path, 'token = "credential:tmall"', environ)
    assert message.endswith("cannot be read: No such file or directory")


@pytest.mark.parametrize("value", [PLANTED, f"plain:{PLANTED}", "env:", ":x", "Bearer env:X", ""])
def test_a_secret_in_plain_text_is_refused_without_repeating_it(tmp_path: Path, value: str) -> None:
    [row] = problems_of(tmp_path, shop_with(f'token = "{value}"'))
    assert str(row).endswith(
        ":15: shops.tmall.token: must be a reference, not the secret itself "
        '(write "env:NAME", "file:PATH" or "credential:NAME")'
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('token = "env:NO"', "the environment variable NO is not set"),
        ('token = "env:EMPTY"', "the environment variable EMPTY is empty"),
        (f'token = "env:{PLANTED}"', "does not name an environment variable"),
        ('token = "credential:../x"', "does not name a credential"),
        ('token = "credential:.."', "does not name a credential"),
        ("token = 5", "must be a reference to a secret"),
        ('keys = ["env:NO"]', "the environment variable NO is not set"),
    ],
)
def test_a_bad_reference_is_a_problem(tmp_path: Path, line: str, message: str) -> None:
    assert messages(tmp_path, line, {"EMPTY": ""}) == [message]


@pytest.mark.parametrize(
    ("raw", "end"), [(b"", "is empty"), (b"\n", "is empty"), (b"\xff", "is not UTF-8 text")]
)
def test_a_secret_file_without_a_secret_is_a_problem(tmp_path: Path, raw: bytes, end: str) -> None:
    (tmp_path / "token").write_bytes(raw)
    assert messages(tmp_path, 'token = "file:token"') == [f"the secret file {tmp_path / 'token'} {end}"]


def test_a_huge_secret_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"x" * 70_000)
    [message] = messages(tmp_path, 'token = "file:token"')
    assert message.endswith("is larger than 64 KiB")


def test_an_adapters_own_message_does_not_repeat_what_it_refuses(tmp_path: Path) -> None:
    text = VALID.replace("http://127.0.0.1", f"http://x {PLANTED}")
    assert [str(row).split(": ", 1)[1] for row in problems_of(tmp_path, text)] == [
        "shops.tmall.url: is not valid (Where the shop is)"
    ]


def test_a_relative_secret_file_begins_beside_the_file_that_names_it(tmp_path: Path) -> None:
    files = {
        "syncd.toml": 'include = ["shops.d/a.toml"]\n' + VALID.replace(TMALL, ""),
        "shops.d/a.toml": TMALL + 'token = "file:token"\n',
        "shops.d/token": "abc",
    }
    assert problems_of(tmp_path, files) == []
