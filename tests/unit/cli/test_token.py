"""`syncd token`: shown once, and what is pasted lets it in."""

import json
import tomllib

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner, Result

from syncd.cli.main import app
from syncd.config.http import HttpTable


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["token", *words])


def test_what_is_printed_can_be_pasted_below_a_port() -> None:
    shown = run("alice", "--role", "operator").stdout
    token, _, lines = shown.partition("\n\n")
    table = HttpTable.model_validate({"port": 1, **tomllib.loads(lines)["http"]}, strict=False)
    assert table.tokens["alice"].role.value == "operator"
    assert PasswordHasher().verify(table.tokens["alice"].hash.get_secret_value(), token)


def test_the_document_has_the_token_and_its_hash() -> None:
    result = run("bob", "--format", "json")
    document = json.loads(result.stdout)
    assert list(document) == ["name", "role", "token", "hash"]
    assert (document["name"], document["role"], result.exit_code) == ("bob", "viewer", 0)
    assert PasswordHasher().verify(document["hash"], document["token"])


def test_two_tokens_are_never_alike() -> None:
    assert run("alice").stdout != run("alice").stdout


@pytest.mark.parametrize("words", [["Alice"], ["a-b"], [""], ["x" * 65], ["alice", "--role", "boss"], []])
def test_what_is_no_name_or_role_is_refused(words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
