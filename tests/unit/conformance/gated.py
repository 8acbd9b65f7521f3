"""The shop in memory behind a gate: signatures, permissions, a clock, and tokens that run out."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.conformance import Ability, Bench, Gate, Task
from syncd.domain.model import ListingId, ObservedListing, Outcome, Write
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError
from syncd.ports.tokens import Tokens
from tests.contract.memory_rig import ABILITIES, MemoryRig, Wired

_TOLERANCE = 600.0


class GatedRig(MemoryRig, Gate):
    """`refusal_kinds` are what the channel makes of a refused signature, token, permission and clock."""

    def __init__(self) -> None:
        super().__init__()
        self.signature = Kind.SIGNATURE
        self.permission = Kind.PERMISSION
        self.wrong_time = Kind.SIGNATURE
        self.revoked = Kind.AUTH_REVOKED
        self.good = "hush-hush-token"
        self.unspent = "hush-hush-refresh"
        self.spent = 0
        self.hidden: ListingId | None = None
        self._refused: Kind | None = None
        self._forbidden: set[Task] = set()

    def skew(self, seconds: float) -> None:
        self._refused = self.wrong_time if abs(seconds) > _TOLERANCE else None

    def change_secret(self) -> None:
        self._refused = self.signature

    def forbid(self, task: Task) -> None:
        self._forbidden.add(task)

    def expire_token(self) -> None:
        self.good = "nobody has it"

    def revoke_token(self) -> None:
        self.expire_token()
        self.unspent = "nobody has it either"

    def renewals(self) -> int:
        return self.spent

    def hide(self, listing: ListingId) -> None:
        self.hidden = listing

    async def enter(self, task: Task, tokens: Tokens) -> None:
        """Let a call in, or count and refuse it."""
        refused = self._refused
        if task in self._forbidden:
            refused = self.permission
        if tokens.access != self.good:
            refused = Kind.AUTH_EXPIRED
        if refused is not None:
            await self.called(writes=task is Task.WRITE)
            raise PortError(refused, "refused; see app_secret")


class GatedChannel(Wired):
    """A channel that keeps every promise about its gate; `faults` name those that it breaks."""

    def __init__(self, rig: GatedRig, *faults: str) -> None:
        super().__init__(rig.shop, rig)
        self._gate = rig
        self._faults = faults
        self._tokens = Tokens(access=rig.good, refresh=rig.unspent)

    token_settings = ("session", "refresh_token")
    renew_ahead = timedelta(hours=1)

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    def use(self, tokens: Tokens) -> None:
        if "keeps its tokens" not in self._faults:
            self._tokens = tokens

    async def renew(self, tokens: Tokens) -> Tokens:
        self._gate.spent += 1
        # The others come in meanwhile.
        for _ in range(3):
            await asyncio.wait([asyncio.ensure_future(_nothing())])
        if tokens.refresh != self._gate.unspent:
            text = f" {tokens.refresh}" if "quotes what it spent" in self._faults else ""
            raise PortError(self._gate.revoked, f"the refresh token is refused{text}")
        self._gate.good = f"token {self._gate.spent}"
        self._gate.unspent = f"refresh {self._gate.spent}"
        bought = Tokens(access=self._gate.good, refresh=self._gate.unspent)
        if "uses what it bought" in self._faults:
            self._tokens = bought
        return bought

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        if listings is None or listings:
            await self._enter(Task.READ)
        async for page in super().observe(listings):
            yield [row for row in page if row.id != self._gate.hidden] if self._leaves_out else page

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        await self._enter(Task.ORDERS)
        async for page in super().orders(since=since, until=until):
            yield page

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        if writes:
            quantity = writes[0].action in self.traits.write_modes
            await self._enter(Task.WRITE if quantity else Task.SWITCH)
        if "calls twice" in self._faults and writes:
            try:
                return await super().push(writes)
            except PortError:
                return await super().push(writes)
        if "goes on when cancelled" in self._faults and writes:
            try:
                return await super().push(writes)
            except asyncio.CancelledError:
                return [Outcome(kind=Kind.UNKNOWN)] * len(writes)
        return await super().push(writes)

    @property
    def _leaves_out(self) -> bool:
        return "leaves out" in self._faults

    async def _enter(self, task: Task) -> None:
        try:
            await self._gate.enter(task, self._tokens)
        except PortError as error:
            if "renews by itself" not in self._faults or error.kind is not Kind.AUTH_EXPIRED:
                raise
            self._tokens = await self.renew(self._tokens)


async def _nothing() -> None:
    return


def gated(*faults: str, **kinds: Kind) -> Bench:
    """Return a bench with a gate, whose channel breaks what is named."""
    rig = GatedRig()
    for name, kind in kinds.items():
        setattr(rig, name, kind)
    more = {Ability.SIGNATURES, Ability.SKEW, Ability.PERMISSIONS, Ability.RENEWAL, Ability.SILENT_ITEMS}
    bench = rig.bench(abilities=ABILITIES | more)
    return replace(
        bench,
        channel=GatedChannel(rig, *faults),
        gate=rig,
        secrets=("hush-hush-token", "hush-hush-refresh"),
        advice={Kind.SIGNATURE: "app_secret"},
    )
