"""The settings of `[http]`: none by default, never tokens in the clear, and hashes that are hashes."""

import json
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from argon2.low_level import Type

from syncd.config.http import HttpTable, TokenRole
from syncd.config.registry import Registry
from syncd.config.schema import schema
from tests.unit.config.stand import VALID, load_text, problems_of

HASH = PasswordHasher(time_cost=5, memory_cost=7168, parallelism=1).hash("planted-token")
OPEN = "[http]\nport = 8700\n"


def http(folder: Path, keys: str, environ: dict[str, str] | None = None) -> HttpTable:
    return load_text(folder, VALID + keys, environ or {}).settings.http


# --- where it listens --------------------------------------------------------------------------------------


def test_without_the_table_there_is_no_http(tmp_path: Path) -> None:
    assert http(tmp_path, "").port is None


def test_a_port_alone_is_open_to_this_machine_alone(tmp_path: Path) -> None:
    table = http(tmp_path, OPEN)
    assert (table.port, table.address, table.is_on_loopback, table.is_encrypted) == (
        8700,
        "127.0.0.1",
        True,
        False,
    )


def test_it_can_be_opened_from_outside(tmp_path: Path) -> None:
    environ = {
        "SYNCD_HTTP__PORT": "8701",
        "SYNCD_HTTP__HOSTS": "stock.example, other.example",
        "SYNCD_HTTP__PROXIES": "10.0.0.0/8",
        "SYNCD_HTTP__SESSION_FOR": "1h",
    }
    table = http(tmp_path, "", environ)
    assert (table.port, table.hosts, table.session_for) == (8701, ("stock.example", "other.example"), 3600.0)
    assert [str(network) for network in table.proxies] == ["10.0.0.0/8"]


def test_no_token_comes_from_outside(tmp_path: Path) -> None:
    [row] = problems_of(tmp_path, VALID, {"SYNCD_HTTP__TOKENS": "{broken"})
    assert row.message == "matches no setting"


def test_relative_files_lie_beside_the_main_file(tmp_path: Path) -> None:
    table = http(tmp_path, f'{OPEN}tls_cert = "c.pem"\ntls_key = "/k.pem"\n')
    assert (table.tls_cert, table.tls_key, table.is_encrypted) == (
        tmp_path / "c.pem",
        Path("/k.pem"),
        True,
    )


@pytest.mark.parametrize("keys", ['proxies = ["10.0.0.1"]', 'tls_cert = "c.pem"\ntls_key = "k.pem"'])
def test_encrypted_it_may_be_reached_from_elsewhere(tmp_path: Path, keys: str) -> None:
    assert http(tmp_path, f'{OPEN}address = "0.0.0.0"\n{keys}\n').address == "0.0.0.0"  # noqa: S104


@pytest.mark.parametrize("address", ["127.0.0.1", "127.5.5.5", "::1"])
def test_on_this_machine_it_needs_no_encryption(tmp_path: Path, address: str) -> None:
    assert http(tmp_path, f'{OPEN}address = "{address}"\n').is_on_loopback


@pytest.mark.parametrize(
    ("keys", "key", "message"),
    [
        ('address = "::"', "http", "would send tokens over the network as they are"),
        ('address = "192.0.2.1"', "http", "would send tokens over the network as they are"),
        ('address = "localhost"', "http.address", "is no address"),
        ('tls_cert = "c.pem"', "http", "has only one of tls_cert and tls_key"),
        ('tls_key = "c.pem"', "http", "has only one of tls_cert and tls_key"),
        ('tls_cert = "~/c.pem"\ntls_key = "k"', "http.tls_cert", "is not a file"),
        ('hosts = ["https://a"]', "http.hosts[1]", "is no host name"),
        ('hosts = ["a:80"]', "http.hosts[1]", "is no host name"),
        ('hosts = ["a", "A"]', "http.hosts", "names the same thing twice"),
        ('proxies = ["10.0.0.1/8"]', "http.proxies[1]", "is no address or network"),
        ("proxies = [7]", "http.proxies[1]", "is no address or network"),
        ('session_for = "0s"', "http.session_for", "must be more than no time at all"),
        ("body_limit = 1", "http.body_limit", "must be 1,024 or more"),
        ("ports = 1", "http.ports", "is no key of this table"),
    ],
)
def test_what_does_not_fit_is_told_with_its_key(tmp_path: Path, keys: str, key: str, message: str) -> None:
    [row] = problems_of(tmp_path, f"{VALID}{OPEN}{keys}\n")
    assert (row.key, row.message) == (key, message)
    assert row.hint


@pytest.mark.parametrize("port", ["-1", "65536", '"8700"', "8700.0", "true"])
def test_a_port_is_a_port(tmp_path: Path, port: str) -> None:
    [row] = problems_of(tmp_path, f"{VALID}[http]\nport = {port}\n")
    assert row.key == "http.port"


@pytest.mark.parametrize(
    "keys", ['hosts = ["a"]', f"[http.tokens.a]\nhash = '{HASH}'"], ids=["hosts", "token"]
)
def test_settings_without_a_port_would_do_nothing(tmp_path: Path, keys: str) -> None:
    [row] = problems_of(tmp_path, f"{VALID}[http]\n{keys}\n")
    assert (row.key, row.message) == ("http", "has no port")


# --- who may call ------------------------------------------------------------------------------------------


def test_a_hash_may_stand_in_the_file(tmp_path: Path) -> None:
    token = http(tmp_path, f"{OPEN}[http.tokens.alice]\nrole = 'operator'\nhash = '{HASH}'\n").tokens["alice"]
    assert (token.role, token.hash.get_secret_value()) == (TokenRole.OPERATOR, HASH)


def test_a_hash_may_stand_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "hash").write_text(f"{HASH}\n", encoding="utf-8")
    (tmp_path / "hash").chmod(0o600)
    text = f'{OPEN}[http.tokens.a]\nhash = "file:hash"\n[http.tokens.b]\nhash = "env:HASH"\n'
    tokens = http(tmp_path, text, {"HASH": HASH}).tokens
    assert {token.hash.get_secret_value() for token in tokens.values()} == {HASH}
    assert {token.role for token in tokens.values()} == {TokenRole.VIEWER}


def test_a_credential_that_only_the_unit_can_read_is_a_note(tmp_path: Path) -> None:
    config = load_text(tmp_path, f'{VALID}{OPEN}[http.tokens.a]\nhash = "credential:a"\n', {})
    assert [note.key for note in config.notes] == ["http.tokens.a.hash"]


def test_without_tokens_nobody_can_sign_in_which_is_a_note(tmp_path: Path) -> None:
    [note] = load_text(tmp_path, VALID + OPEN, {}).notes
    assert (note.key, "syncd token NAME" in note.hint) == ("http", True)


def _hash(*, passes: int = 5, memory: int = 7168, kind: Type = Type.ID) -> str:
    return PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=1, type=kind).hash("x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HASH[:-30], "is not the argon2id hash of a token"),
        (HASH + "x y", "is not the argon2id hash of a token"),
        ("$argon2id$", "is not the argon2id hash of a token"),
        (_hash(kind=Type.I), "is not the argon2id hash of a token"),
        (HASH.replace("v=19", "v=16"), "is not the argon2id hash of a token"),
        (_hash(passes=4), "is too cheap to guess"),
        (HASH.replace("m=7168", "m=999999999"), "takes too much memory or time to check"),
        (HASH.replace("t=5", "t=99999"), "takes too much memory or time to check"),
        ("planted-token", "must be a reference, not the secret itself"),
    ],
    # Hashes are salted anew in every process, and processes that share the tests go by their names.
    ids=[str(number) for number in range(9)],
)
def test_what_is_no_good_hash_is_refused_and_not_repeated(tmp_path: Path, text: str, message: str) -> None:
    [row] = problems_of(tmp_path, f"{VALID}{OPEN}[http.tokens.a]\nhash = '{text}'\n")
    assert (row.key, row.message) == ("http.tokens.a.hash", message)
    assert text not in str(row)
    assert row.line > 0


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ("[http.tokens.A-B]\nhash = 'HASH'", "http.tokens.A-B"),
        ("[http.tokens.a]\nrole = 'boss'\nhash = 'HASH'", "http.tokens.a.role"),
        ("[http.tokens.a]\nrole = 'viewer'", "http.tokens.a.hash"),
        ("[http.tokens.a]\nhash = 7", "http.tokens.a.hash"),
        ("[http.tokens]\na = 7", "http.tokens.a"),
    ],
)
def test_what_is_wrong_with_a_token_is_told_at_it(tmp_path: Path, keys: str, key: str) -> None:
    [row] = problems_of(tmp_path, f"{VALID}{OPEN}{keys.replace('HASH', HASH)}\n")
    assert row.key == key


def test_a_wrong_key_of_a_token_is_told_with_the_right_one(tmp_path: Path) -> None:
    [row] = problems_of(tmp_path, f"{VALID}{OPEN}[http.tokens.a]\nhash = '{HASH}'\nrolle = 'viewer'\n")
    assert (row.key, row.hint) == ("http.tokens.a.rolle", "did you mean `role`?")


def test_no_hash_is_in_a_repr(tmp_path: Path) -> None:
    assert HASH not in repr(http(tmp_path, f"{OPEN}[http.tokens.a]\nhash = '{HASH}'\n"))


def test_editors_take_a_hash_and_a_reference() -> None:
    text = json.dumps(schema(Registry.installed()))
    assert r"argon2id\\$|(env|file|credential):" in text
