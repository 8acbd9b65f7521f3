"""A shop whose deliveries say themselves what they are, and who listens."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.adapters.memory.clock import FakeClock
from syncd.domain.look import Look
from syncd.domain.model import ShopName
from syncd.ports.hooks import Answer, HookRequest, Message, Signed, Verdict
from syncd.services.hooks import HookJob, Hooks, Memory

SHOP = ShopName("dy")
HEARD = Answer(body=b"heard")


@dataclass(frozen=True, slots=True)
class Fixed:
    """`Hook` that finds what it was given."""

    verdict: Verdict

    def read(self, _request: HookRequest) -> Verdict:
        return self.verdict


@dataclass(slots=True)
class Scene:
    """Hooks of one shop, with what they rang for and told."""

    clock: FakeClock = field(default_factory=FakeClock)
    looks: list[Look] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    told: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def tell(self, name: str, /, **facts: object) -> None:
        self.told.append((name, facts))

    def hooks(self, verdict: Verdict, *, names_orders: bool = True) -> Hooks:
        job = HookJob(hook=Fixed(verdict), window=timedelta(minutes=5), names_orders=names_orders)
        return Hooks({SHOP: job}, ring=self.looks.append, clock=self.clock, events=self, memory=self.memory)

    def request(self) -> HookRequest:
        return HookRequest(method="POST", received_at=self.clock.now())

    def names(self) -> list[str]:
        return [name for name, _ in self.told]


def signed(*ids: str, orders: tuple[str, ...] = (), at: datetime | None = None) -> Signed:
    messages = tuple(Message(ids=(one,), orders=frozenset(orders)) for one in ids)
    return Signed(messages=messages, at=at, answer=HEARD)
