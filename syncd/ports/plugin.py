"""What an adapter package offers under the entry-point groups `syncd.channels.v1` and `syncd.sources.v1`."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

PortT = TypeVar("PortT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter(Generic[PortT]):
    """A kind of channel or source.

    `settings` is the pydantic model (`extra="forbid"`) of the adapter's own keys in the shop's or source's
    table; secrets in it are `SecretStr`, already resolved. `open(settings, name, http)` returns an async
    context manager that yields the port; `http` is the shared HTTP client, which the adapter must not close.
    Opening makes no call.
    """

    settings: type[Any]
    open: Callable[[Any, str, Any], AbstractAsyncContextManager[PortT]]
    summary: str
