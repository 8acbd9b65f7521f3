"""What `syncd init` writes of a type that it has no text for, such as a plug-in's."""

import re
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from syncd.cli.templates import Part, configuration, variables
from syncd.config.loader import load
from syncd.config.registry import Registry
from syncd.config.scalars import Until
from syncd.domain.model import ShopName
from syncd.ports.plugin import Adapter


class Country(StrEnum):
    CN = "cn"
    US = "us"


class _Inner(BaseModel):
    depth: int = Field(default=3, description="How deep")


class _Odd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: str = Field(description="Where it is")
    client_id: str = Field(description="Who asks")
    client_secret: SecretStr = Field(description="Proves it")
    refresh_token: SecretStr | None = Field(default=None, description="Buys the next token")
    ends: Until | None = Field(default=None, description="When it ends, " + "and so on, " * 20)
    country: Country = Field(description="Whose clock counts")
    mode: Literal["fast", "slow"] = Field(description="How it goes")
    pages: int = Field(description="How many pages")
    strict: bool = Field(description="Whether it is")
    names: dict[str, str] = Field(description="What is called otherwise")
    words: list[str] = Field(description="Some words")
    inner: _Inner = Field(default_factory=_Inner, description="More")
    limit: int = Field(default=7, description="Never written")


def _open(settings: Any, name: str, http: Any) -> AbstractAsyncContextManager[Any]:  # noqa: ANN401
    raise AssertionError(settings, name, http)


ODD: Adapter[Any] = Adapter(settings=_Odd, open=_open, summary="an odd shop")
REGISTRY = Registry(channels={"odd": ODD}, sources={"odd": ODD})
PARTS = ([Part("wms", "odd")], [Part("one", "odd"), Part("two", "odd")])


@pytest.fixture
def text(tmp_path: Path) -> str:
    return configuration(*PARTS, registry=REGISTRY, state="state", folder=tmp_path)


def test_it_loads_once_the_secrets_are_there(tmp_path: Path, text: str) -> None:
    file = tmp_path / "syncd.toml"
    file.write_text(text, "utf-8")
    environ = dict.fromkeys(variables(*PARTS, registry=REGISTRY), "planted")
    shop = load(file, environ=environ, registry=REGISTRY).shops[ShopName("one")]
    assert (shop.options.country, shop.options.mode, shop.options.client_id) == ("cn", "fast", "FILL-IN")


def test_every_secret_that_it_needs_is_named(text: str) -> None:
    needed = ["WMS_CLIENT_SECRET", "ONE_CLIENT_SECRET", "TWO_CLIENT_SECRET"]
    assert variables(*PARTS, registry=REGISTRY) == needed
    assert [line for line in text.splitlines() if line.startswith("client_secret")] == [
        f'client_secret = "env:{name}"' for name in needed
    ]


def test_a_secret_that_it_can_do_without_stands_in_a_comment(text: str) -> None:
    assert '# Buys the next token\n# refresh_token = "env:ONE_REFRESH_TOKEN"' in text


def test_the_end_of_a_credential_stands_in_a_comment(text: str) -> None:
    assert "\n# ends = 2027-12-31\n" in text


def test_what_only_people_know_is_marked_and_explained(text: str) -> None:
    assert "# FILL IN: Who asks\nclient_id = " in text
    assert "# An odd shop." in text
    assert "Never written" not in text


def test_no_line_is_longer_than_an_editor_shows(text: str) -> None:
    assert [line for line in text.splitlines() if len(line) > 110] == []


def test_a_type_that_cannot_be_loaded_says_where_to_look(tmp_path: Path) -> None:
    empty = Registry(channels={}, sources={})
    text = configuration(*PARTS, registry=empty, state="state", folder=tmp_path)
    assert len(re.findall(r"# FILL IN: the keys of this type, see its manual\.", text)) == 3
