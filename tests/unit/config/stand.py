"""Fake adapters and a small valid configuration for the tests of the loader."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from syncd.config.configuration import Configuration
from syncd.config.loader import load
from syncd.config.registry import Registry
from syncd.config.scalars import SomeSeconds
from syncd.errors import ConfigError, Problem
from syncd.ports.plugin import Adapter

_FORBID = ConfigDict(extra="forbid", frozen=True)


class Paging(BaseModel):
    """A nested table."""

    model_config = _FORBID
    size: int = Field(default=100, description="Rows a page.")
    seen: frozenset[str] = Field(default=frozenset(), description="A set.")
    token: SecretStr | None = Field(default=None, description="A secret in a nested table.")


class Signed(BaseModel):
    """One way to log in."""

    model_config = _FORBID
    user: str = Field(description="The user.")
    key: SecretStr = Field(description="The key.")


class Basic(BaseModel):
    """Another way to log in."""

    model_config = _FORBID
    user: str = Field(description="The user.")
    password: SecretStr = Field(description="The password.")


class FileSettings(BaseModel):
    """A source without secrets that wants to know its warehouses."""

    model_config = _FORBID
    path: str = Field(description="The file.")
    warehouses: tuple[str, ...] = Field(description="Copied from the core.")
    timeout: float = Field(default=0.0, description="Copied from the core.")
    max_age: SomeSeconds = Field(default=1.0, description="Copied from the core, as one of its durations.")


class ShopSettings(BaseModel):
    """A channel with secrets in many places."""

    model_config = _FORBID
    url: str = Field(description="Where the shop is.")
    token: SecretStr | None = Field(default=None, description="The token.")
    headers: dict[str, SecretStr] = Field(default={}, description="Secret headers.")
    keys: tuple[SecretStr, ...] = Field(default=(), description="Secrets in a list.")
    login: Signed | Basic | None = Field(default=None, description="One of two ways to log in.")
    extra_headers: dict[str, SecretStr] | None = Field(default=None, description="More secret headers.")
    page: Paging = Field(default=Paging(), description="Paging.")

    @field_validator("url")
    @classmethod
    def _no_blank(cls, url: str) -> str:
        if " " in url:
            message = f"has a blank: {url}"
            raise ValueError(message)
        return url


@asynccontextmanager
async def _open(settings: Any, name: str, http: Any) -> AsyncIterator[Any]:  # noqa: ANN401
    yield settings, name, http


FILE: Adapter[Any] = Adapter(settings=FileSettings, open=_open, summary="a file")
SHOP: Adapter[Any] = Adapter(settings=ShopSettings, open=_open, summary="a shop")
REGISTRY = Registry(channels={"stall": SHOP}, sources={"file": FILE})

SOURCE = """
[sources.erp]
type = "file"
path = "stock.csv"
warehouses = ["east", "west"]
"""
POOL = """
[pools.main]
mode = "shared"
warehouses = ["east", "west"]
shops = ["tmall"]
"""
TMALL = """
[shops.tmall]
type = "stall"
url = "http://127.0.0.1"
"""
VALID = SOURCE + POOL + TMALL


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write `files` into `folder`; return the path of `syncd.toml`."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder / "syncd.toml"


def load_text(folder: Path, text: str, environ: Mapping[str, str] | None = None) -> Configuration:
    """Load one file with the fake adapters."""
    return load(write(folder, {"syncd.toml": text}), environ=environ or {}, registry=REGISTRY)


def problems_of(
    folder: Path, files: str | Mapping[str, str], environ: Mapping[str, str] | None = None
) -> list[Problem]:
    """Return the problems of a configuration, none where it loads."""
    path = write(folder, {"syncd.toml": files} if isinstance(files, str) else files)
    try:
        load(path, environ=environ or {}, registry=REGISTRY)
    except ConfigError as error:
        return list(error.problems)
    return []
