"""The route by which a mock shop sends what happens to an address, as its platform would.

- `POST /_mock/hook`: `{"url": "http://127.0.0.1:8080/hooks/NAME"}`, and how many percent of deliveries are
  `lost`, come `twice`, or `late`: behind the next one. From now on every change of an order is delivered
- `GET /_mock/hook`: where to, and what became of the deliveries; `?answered=3` waits for so many answers
- `DELETE /_mock/hook`: no more

A platform that hears nothing good repeats a delivery; a mock does so only where `twice` says it.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
from aiohttp import web

from syncd.mock.control import read_body, reply_json, told
from syncd.mock.core import Order, ShopState
from syncd.mock.fields import Fields, MockError
from syncd.mock.rig import Rig
from syncd.mock.wire import number_in_query

ShopT = TypeVar("ShopT", bound=ShopState)

KEPT = 10_000
"""How many deliveries are remembered, and how many may wait."""

_ALL = 100.0
_PATIENCE = aiohttp.ClientTimeout(total=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A delivery as it goes out: the signature is that of these very bytes."""

    body: bytes
    headers: Mapping[str, str]


Write = Callable[[Order], Pushed]
"""How a platform tells of an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where deliveries go, and how many percent of them go wrong."""

    url: str
    lost: float = 0.0
    twice: float = 0.0
    late: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Return it as `/_mock/hook` shows it."""
        return {"url": self.url, "lost": self.lost, "twice": self.twice, "late": self.late}


class Pusher:
    """Delivers one after another; `statuses` are the answers, 0 where there was none."""

    def __init__(self, write: Write, seed: int) -> None:
        self.target: Target | None = None
        self.statuses: deque[int] = deque(maxlen=KEPT)
        self.lost = 0
        self._write = write
        self._rng = random.Random(f"{seed}/hook")
        self._waiting: deque[tuple[str, Pushed]] = deque(maxlen=KEPT)
        self._late: list[tuple[str, Pushed]] = []
        self._news = asyncio.Event()
        self._closed = False

    def __deepcopy__(self, _: object) -> "Pusher":
        """Return itself: who keeps the state of a shop, to go back to it, keeps no connection."""
        return self

    def hear(self, order: Order) -> None:
        """Have the newest version of an order delivered, or not, as the percents say."""
        target = self.target
        if target is None:
            return
        if self._rng.random() * _ALL < target.lost:
            self.lost += 1
            return
        times = 2 if self._rng.random() * _ALL < target.twice else 1
        rows = [(target.url, self._write(order))] * times
        if self._rng.random() * _ALL < target.late:
            self._late += rows
        else:
            self._waiting += [*rows, *self._late]
            self._late = []
        self._tell()

    async def run(self, _: web.Application) -> AsyncIterator[None]:
        """Deliver as long as the application runs."""
        async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
            task = asyncio.create_task(self._deliver(session))
            yield
            self._closed = True
            self._tell()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def answered(self, count: int) -> None:
        """Return once so many deliveries were answered or failed, or the mock ends."""
        while len(self.statuses) < count and not self._closed:
            await self._news.wait()

    async def _deliver(self, session: aiohttp.ClientSession) -> None:
        while True:
            while not self._waiting:
                await self._news.wait()
            self.statuses.append(await _post(session, *self._waiting.popleft()))
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


async def _post(session: aiohttp.ClientSession, url: str, pushed: Pushed) -> int:
    try:
        async with session.post(url, data=pushed.body, headers=pushed.headers) as answer:
            await answer.read()
            return answer.status
    except (aiohttp.ClientError, TimeoutError):
        return 0


@dataclass(frozen=True, slots=True)
class _Routes:
    pusher: Pusher

    async def show(self, request: web.Request) -> web.Response:
        try:
            count = number_in_query(request, "answered", 0, least=0, most=KEPT)
        except ValueError as error:
            raise MockError(str(error)) from None
        await self.pusher.answered(count)
        target = self.pusher.target
        shown = {} if target is None else target.as_json()
        return reply_json({**shown, "statuses": list(self.pusher.statuses), "not_sent": self.pusher.lost})

    async def aim(self, request: web.Request) -> web.Response:
        fields = Fields(await read_body(request), "hook")
        target = Target(
            url=fields.text("url"),
            lost=fields.number("lost", 0.0, most=_ALL),
            twice=fields.number("twice", 0.0, most=_ALL),
            late=fields.number("late", 0.0, most=_ALL),
        )
        fields.done()
        if not target.url.startswith(("http://", "https://")):
            raise MockError("hook.url: must be an address such as http://127.0.0.1:8080/hooks/NAME")
        self.pusher.target = target
        return reply_json({"ok": True})

    async def stop(self, _: web.Request) -> web.Response:
        self.pusher.target = None
        return reply_json({"ok": True})


def add_hook(app: web.Application, rig: Rig[ShopT], write: Write) -> Pusher:
    """Add the route of deliveries to the application of a mock shop whose platform writes them so."""
    pusher = Pusher(write, rig.seed)
    routes = _Routes(pusher)
    rig.state.orders.listeners.append(pusher.hear)
    app.cleanup_ctx.append(pusher.run)
    app.router.add_get("/_mock/hook", told(routes.show))
    app.router.add_post("/_mock/hook", told(routes.aim))
    app.router.add_delete("/_mock/hook", told(routes.stop))
    return pusher
