"""What the scripted gateways of all platforms have in common, and calls on the channels in front of them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import httpx
import respx

from syncd.adapters.http import HttpClient
from syncd.domain.model import Action, ItemId, ListingId, ObservedListing, Outcome, Write
from syncd.domain.orders import OrderLine
from syncd.ports.channel import Channel
from syncd.ports.orders import OrderFeed

AskedT = TypeVar("AskedT")
Scripted = Callable[[Any], Any] | Sequence[Any] | Mapping[str, Any] | bytes | httpx.Response


class ScriptedGateway(ABC, Generic[AskedT]):
    """Answers by name: a function of what is asked, or one answer after the other (the last one for ever).

    An answer is bytes, a whole response, or JSON that the platform's gateway puts into its envelope.
    `answers` is the kind of list that holds one answer after the other.
    """

    answers: type[list[Any]] = list

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self._scripts: dict[str, Scripted] = {}
        self._router = respx.MockRouter(assert_all_called=False)

    def on(self, name: str, answer: Scripted) -> None:
        self._scripts[name] = answer

    @property
    def http(self) -> HttpClient:
        """A client whose calls come here."""
        return HttpClient(httpx.MockTransport(self._router.async_handler))

    @abstractmethod
    def enveloped(self, name: str, answer: Any) -> Any:  # noqa: ANN401
        """Return the whole answer to the call of a name."""

    def scripted(self, request: httpx.Request, name: str, asked: AskedT) -> httpx.Response:
        """Note a call and answer it."""
        self.requests.append(request)
        script = self._scripts[name]
        answer: Any = script(asked) if callable(script) else script
        if isinstance(script, self.answers):
            answer = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(answer, httpx.Response):
            return answer
        if isinstance(answer, bytes):
            return httpx.Response(200, content=answer)
        return httpx.Response(200, json=self.enveloped(name, answer))


def write(listing: str, value: int = 0, action: Action = Action.SET, key: str = "") -> Write:
    return Write(
        listing=ListingId(listing),
        item=ItemId(listing.partition(":")[0]),
        action=action,
        value=value,
        base=None,
        key=key or f"{listing}-{value}",
    )


async def observed(channel: Channel, ids: Sequence[str] | None = None) -> list[ObservedListing]:
    asked = None if ids is None else [ListingId(key) for key in ids]
    return [listing async for page in channel.observe(asked) for listing in page]


async def pushed(channel: Channel, *writes: Write) -> list[Outcome]:
    return list(await channel.push(writes))


async def lines_told(channel: OrderFeed, since: datetime, until: datetime) -> list[OrderLine]:
    return [line async for page in channel.orders(since=since, until=until) for line in page]
