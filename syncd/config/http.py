"""The settings of `[http]` and of `[http.tokens.NAME]`."""

import re
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    Strict,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from syncd.config.scalars import SomeSeconds, Text, Whole, distinct, seconds
from syncd.config.secrets import UNREADABLE

ARGON2 = "$argon2"
"""What a hash that stands in the file itself begins with; anything else is a reference."""

_HASH = re.compile(
    r"\$argon2id\$v=19\$m=([1-9][0-9]{0,9}),t=([1-9][0-9]{0,4}),p=([1-9][0-9]{0,2})"
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,172}"
)
_LEAST_WORK = 35 * 1024
"""KiB of memory times passes: the weakest of OWASP's advice for argon2id (Password Storage Cheat Sheet)."""

_MOST_MEMORY = 256 * 1024
_MOST_PASSES = 20
_MOST_LANES = 16
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")

Network = IPv4Network | IPv6Network


class TokenRole(StrEnum):
    """What a token may do."""

    VIEWER = "viewer"
    OPERATOR = "operator"


def _wrong(message: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError("http", message, {"hint": hint})


def _checked_hash(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text == UNREADABLE:
        return value
    hint = "`syncd token NAME` prints a token and the lines to paste"
    match = _HASH.fullmatch(text)
    if match is None:
        raise _wrong("is not the argon2id hash of a token", hint)
    memory, passes, lanes = map(int, match.groups())
    if memory > _MOST_MEMORY or passes > _MOST_PASSES or lanes > _MOST_LANES:
        raise _wrong("takes too much memory or time to check", hint)
    if memory * passes < _LEAST_WORK:
        raise _wrong("is too cheap to guess", hint)
    return value


def _listed(value: object) -> object:
    """Return a list; from the environment it comes as text with commas."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise _wrong("is no address", "write an IP address such as 127.0.0.1, ::1 or 0.0.0.0") from None


def _host(text: str) -> str:
    lower = text.lower()
    if not _HOST.fullmatch(lower):
        raise _wrong("is no host name", "write the name alone: stock.example, without https:// or port")
    return lower


def _network(value: object) -> Network:
    try:
        return ip_network(value) if isinstance(value, str) else ip_network("")
    except ValueError:
        raise _wrong("is no address or network", "write it such as 127.0.0.1 or 10.1.0.0/16") from None


def _file(value: object) -> object:
    if not isinstance(value, str) or not value.strip() or value.startswith("~"):
        raise _wrong("is not a file", "write the whole path, without ~")
    return value


class TokenTable(BaseModel):
    """`[http.tokens.NAME]`: who may call, as the ledger names them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: TokenRole = Field(
        default=TokenRole.VIEWER, description="What it may do: a viewer reads, an operator also changes."
    )
    hash: Annotated[
        SecretStr,
        AfterValidator(_checked_hash),
        WithJsonSchema({"type": "string", "pattern": r"^(\$argon2id\$|(env|file|credential):).+"}),
    ] = Field(description="The argon2id hash that `syncd token NAME` prints, or a reference to it.")


class HttpTable(BaseModel):
    """`[http]`: the console, the API, metrics and hooks; none without `port`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: Annotated[Whole, Field(ge=0, le=65_535)] | None = Field(
        default=None, description="Where it listens; 0 takes a free port and tells it; no HTTP if left out."
    )
    address: Annotated[str, Strict(), AfterValidator(_address)] = Field(
        default="127.0.0.1", description="The machine's address to listen at; 0.0.0.0 is all of them."
    )
    hosts: Annotated[
        tuple[Annotated[str, Strict(), AfterValidator(_host)], ...],
        NoDecode,
        BeforeValidator(_listed),
        AfterValidator(distinct),
    ] = Field(default=(), description="Names under which people call it, beside localhost and addresses.")
    tls_cert: Annotated[Path, BeforeValidator(_file)] | None = Field(
        default=None,
        description="File with the certificate and those that lead to its authority; beside the main file.",
    )
    tls_key: Annotated[Path, BeforeValidator(_file)] | None = Field(
        default=None, description="File with the certificate's key, without a password."
    )
    proxies: Annotated[
        tuple[Annotated[Network, BeforeValidator(_network), WithJsonSchema({"type": "string"})], ...],
        NoDecode,
        BeforeValidator(_listed),
    ] = Field(
        default=(),
        description="Addresses or networks of reverse proxies in front, which must encrypt; only their "
        "X-Forwarded-For is believed, and beside them only this machine is answered.",
    )
    session_for: SomeSeconds = Field(
        default=seconds("12h"), description="How long somebody stays signed in at most."
    )
    session_idle: SomeSeconds = Field(
        default=seconds("2h"), description="How long somebody stays signed in without a request."
    )
    body_limit: Annotated[Whole, Field(ge=1024, le=64 * 1024 * 1024)] = Field(
        default=1024 * 1024, description="Most bytes of what a caller sends."
    )
    tokens: dict[Text, TokenTable] = Field(default={}, description="Who may call.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.port is None:
            if self.model_fields_set - {"port"}:
                raise _wrong("has no port", "write where to listen, such as port = 8700")
            return self
        if (self.tls_cert is None) != (self.tls_key is None):
            raise _wrong("has only one of tls_cert and tls_key", "write both, or none")
        if not (self.is_on_loopback or self.tls_cert or self.proxies):
            raise _wrong(
                "would send tokens over the network as they are",
                "write tls_cert and tls_key, or proxies if one in front encrypts, or address = 127.0.0.1",
            )
        return self

    def rooted(self, folder: Path) -> Self:
        """Return the settings with the relative paths of files beginning at `folder`."""
        files = {"tls_cert": self.tls_cert, "tls_key": self.tls_key}
        return self.model_copy(update={key: folder / file for key, file in files.items() if file is not None})

    @property
    def is_on_loopback(self) -> bool:
        """Return whether only this machine can reach it."""
        return ip_address(self.address).is_loopback

    @property
    def is_encrypted(self) -> bool:
        """Return whether callers come by https, here or at a proxy in front."""
        return self.tls_cert is not None or bool(self.proxies)
