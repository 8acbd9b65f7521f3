"""Obey what the command line asked for, at the start of a cycle."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from syncd.domain.model import ShopName
from syncd.domain.records import RequestRow, ShopState, ShopStatus
from syncd.domain.said import say
from syncd.errors import SyncdError, UsageError
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import Store
from syncd.services.cycle import CycleReport
from syncd.services.holding import APPROVE, REJECT, Verdicts
from syncd.services.lock_requests import LockRequests
from syncd.services.retiring import LEAVING, Retiring, Settling, shop_is, status_row
from syncd.services.sku_retiring import RETIRE_SKU, SkuRetiring

STATUS_OF: Mapping[str, ShopStatus] = {
    "pause": ShopStatus.PAUSED,
    "resume": ShopStatus.ACTIVE,
    "freeze": ShopStatus.FROZEN,
    "unfreeze": ShopStatus.ACTIVE,
}
"""The verbs that set a shop's status."""

ENDS: Mapping[str, tuple[ShopStatus, ...]] = {
    "resume": (ShopStatus.PAUSED, *LEAVING),
    "unfreeze": (ShopStatus.FROZEN,),
}
"""What a verb ends; it ends no other status, or resuming would quietly thaw a frozen shop."""

ACK_ALERT = "ack_alert"
SYNC = "sync"
RETIRE: Mapping[str, bool] = {"retire": False, "retire_off_sale": True}
"""The verbs that let a shop retire, and whether what is on sale is taken off sale for it."""

GONE = "retire_gone"
"""The verb that lets a shop retire because a person saw that it is off sale."""


_LONGEST_ID = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a cycle comes to, for whoever asked another process for it; `held` is the digest, or empty."""

    done: int
    held: str = ""
    failures: tuple[str, ...] = ()

    @classmethod
    def of(cls, report: CycleReport) -> "Outcome":
        """Return what `report` comes to."""
        return cls(
            done=sum(len(pushed.done) for pushed in report.pushed.values()),
            held=report.view.decision.digest if report.held else "",
            failures=tuple(report.failures),
        )

    @classmethod
    def read(cls, text: str) -> "Outcome":
        """Return the outcome that `text` was made from."""
        read = json.loads(text)
        return cls(done=read["done"], held=read["held"], failures=tuple(read["failures"]))

    def text(self) -> str:
        """Return it as one line that `read` understands."""
        return json.dumps({"done": self.done, "held": self.held, "failures": self.failures})


class Requests:
    """Carries requests out and answers them; a `sync` is answered by the cycle that follows.

    `others` carry out what takes more than this knows, by verb.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        events: Events,
        settling: Settling | None = None,
        approve_for: timedelta = timedelta(minutes=30),
        others: Mapping[str, Callable[[RequestRow], Awaitable[str]]] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        verdicts = Verdicts(store=store, clock=clock, approve_for=approve_for)
        skus = SkuRetiring(store=store, clock=clock)
        self._others = {
            APPROVE: verdicts.approve,
            REJECT: verdicts.reject,
            RETIRE_SKU: skus.obey,
            **(others or {}),
        }
        self._locks = LockRequests(store, clock)
        self._retiring = Retiring(store=store, clock=clock, events=events, settling=settling or Settling())

    async def obey(self) -> list[RequestRow]:
        """Carry out every open request; return the `sync` requests, which wait for a cycle."""
        await self.finish()
        waiting = []
        for request in await self._store.requests():
            if request.verb == SYNC:
                waiting.append(request)
                continue
            try:
                text = await self._verb(request)(request)
            except SyncdError as error:
                text = f"refused: {error}"
            self._events.tell("obeyed", verb=request.verb, by=request.asked_by, answer=text)
            await self._store.answer(request.id, text)
        return waiting

    async def finish(self) -> None:
        """Retire the shops that have left, by what the last cycle saw."""
        await self._retiring.finish_all()

    def _verb(self, request: RequestRow) -> Callable[[RequestRow], Awaitable[str]]:
        if request.verb in self._others:
            return self._others[request.verb]
        if request.verb == ACK_ALERT:
            return self._acknowledge
        if request.verb in STATUS_OF:
            return self._set_status
        if request.verb in RETIRE or request.verb == GONE:
            return self._retire
        if request.verb in self._locks.verbs:
            return self._locks.verbs[request.verb]
        raise UsageError(say("this program does not know the request %(verb)s", verb=request.verb))

    async def _acknowledge(self, request: RequestRow) -> str:
        text, now = request.argument, self._clock.now()
        # More digits than the state can hold are no alert's id.
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID else 0
        if not await self._store.acknowledge(number, at=now, by=request.asked_by):
            raise UsageError(say("there is no alert %(alert)s", alert=text))
        return say("alert %(alert)s is acknowledged by %(who)s", alert=number, who=request.asked_by)

    async def _set_status(self, request: RequestRow) -> str:
        name = ShopName(request.argument)
        state = (await self._store.shops()).get(name, ShopState(name=name))
        status = STATUS_OF[request.verb]
        if request.verb in ENDS and state.status not in (*ENDS[request.verb], ShopStatus.ACTIVE):
            raise UsageError(
                say(
                    "%(state)s; %(verb)s does not end that",
                    state=shop_is(name, state.status),
                    verb=request.verb,
                )
            )
        if request.verb not in ENDS and state.status in LEAVING:
            raise UsageError(
                say(
                    "%(state)s; `syncd shops resume %(shop)s` ends that",
                    state=shop_is(name, state.status),
                    shop=name,
                )
            )
        if state.status in LEAVING:
            await self._retiring.come_back(state, request.asked_by)
            return shop_is(name, ShopStatus.ACTIVE)
        await self._store.save_shop(replace(state, status=status))
        row = status_row(replace(state, status=status), self._clock.now(), request.asked_by)
        await self._store.resolve((), (), (row,))
        return shop_is(name, status)

    async def _retire(self, request: RequestRow) -> str:
        name, by = ShopName(request.argument), request.asked_by
        if request.verb == GONE:
            return await self._retiring.seen_gone(name, by=by)
        return await self._retiring.begin(name, off_sale=RETIRE[request.verb], by=by)
