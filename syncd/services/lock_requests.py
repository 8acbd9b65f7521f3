"""Add, release and end locks as the command line asks for it (DESIGN 4.4)."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from syncd.domain.locks.history import RELEASED, UNITS, entry
from syncd.domain.locks.standing import Standing, batches_of, standings
from syncd.domain.model import LARGEST, PoolName, ShopName, Sku
from syncd.domain.records import LedgerRow, LockMode, LockRow, RequestRow
from syncd.errors import UsageError
from syncd.ports.clock import Clock
from syncd.ports.store import LockStore

ADD = "lock_add"
RELEASE = "lock_release"
END = "lock_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A lock that somebody asks for; `by_hand` units of it are released at once, `schedule` ones later."""

    sku: Sku
    pool: PoolName
    shop: ShopName
    mode: LockMode
    units: int
    by_hand: int
    schedule: str

    @classmethod
    def read(cls, text: str) -> "Wanted":
        """Return the one that `text` was made from."""
        values = json.loads(text)
        return cls(**{f.name: values[f.name] for f in fields(cls)} | {"mode": LockMode(values["mode"])})

    def text(self) -> str:
        """Return it as one line that `read` understands."""
        return json.dumps(asdict(self), ensure_ascii=False)


def release_text(lock: int, units: int | None) -> str:
    """Return a request to release `units` of a lock, None for all that are left."""
    return str(lock) if units is None else f"{lock} {units}"


def lock_of(answer: str) -> int:
    """Return the number of the lock that an answer is about."""
    return int(answer.split()[1])


class LockRequests:
    """Carries out what is asked about locks; each answer says what holds from now on."""

    def __init__(self, store: LockStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.verbs: Mapping[str, Callable[[RequestRow], Awaitable[str]]] = {
            ADD: self._add,
            RELEASE: self._release,
            END: self._end,
        }

    async def _add(self, request: RequestRow) -> str:
        wanted, now = Wanted.read(request.argument), self._clock.now()
        batches = batches_of(wanted.schedule)
        planned = wanted.by_hand + sum(batch.units for batch in batches)
        if not 1 <= wanted.units <= LARGEST:
            raise UsageError(f"a lock has 1 to {LARGEST} units, not {wanted.units}")
        if planned > wanted.units:
            raise UsageError(f"{planned} units are to be released, but only {wanted.units} locked")
        await self._refuse_second(wanted)
        row = LockRow(
            id=0,
            sku=wanted.sku,
            pool=wanted.pool,
            shop=wanted.shop,
            mode=wanted.mode,
            units=wanted.units,
            by_hand=wanted.by_hand,
            schedule=wanted.schedule,
            released=wanted.by_hand,
            created_at=now,
            created_by=request.asked_by,
            ended_at=None,
        )
        told = [_told(row, UNITS, (None, wanted.units), "added", request, now)]
        if wanted.by_hand:
            told.append(_told(row, RELEASED, (0, wanted.by_hand), "hand", request, now))
        number = await self._store.add_lock(row, told)
        return f"lock {number} holds {words_of(row, now)}"

    async def _refuse_second(self, wanted: Wanted) -> None:
        """Refuse a second lock of which a shop is to show only the units: which of the two would it be?"""
        if wanted.mode is not LockMode.ONLY:
            return
        for lock in await self._store.locks():
            same = (lock.shop, lock.sku, lock.mode) == (wanted.shop, wanted.sku, wanted.mode)
            if same and lock.ended_at is None:
                raise UsageError(
                    f"shop {lock.shop} shows only lock {lock.id} of {lock.sku} already; end that one with "
                    f"`syncd lock end {lock.id}`, or add this one with --plus"
                )

    async def _release(self, request: RequestRow) -> str:
        number, _, units = request.argument.partition(" ")
        one = await self._living(int(number))
        left = one.lock.units - one.released
        more = int(units) if units else left
        if not left:
            raise UsageError(f"lock {number}: all of its {one.lock.units} units are released already")
        if not 1 <= more <= left:
            raise UsageError(f"lock {number}: 1 to {left} of its units can be released, not {more}")
        now = self._clock.now()
        after = one.lock._replace(by_hand=one.lock.by_hand + more, released=one.released + more)
        told = _told(one.lock, RELEASED, (one.released, after.released), "hand", request, now)
        await self._store.save_locks([after], [told])
        return f"lock {number} holds {words_of(after, now)}"

    async def _end(self, request: RequestRow) -> str:
        one = await self._living(int(request.argument))
        now = self._clock.now()
        told = _told(one.lock, UNITS, (one.live, 0), "ended", request, now)
        await self._store.save_locks([one.lock._replace(ended_at=now)], [told])
        freed = f"{one.live} units of {one.lock.sku} are pool {one.lock.pool}'s again"
        return f"lock {one.lock.id} has ended: {freed}"

    async def _living(self, number: int) -> Standing:
        found = standings(await self._store.locks(), await self._store.uses(), self._clock.now())
        living = [one for one in found if one.lock.ended_at is None]
        for one in living:
            if one.lock.id == number:
                return one
        names = ", ".join(str(one.lock.id) for one in sorted(living, key=lambda one: one.lock.id))
        raise UsageError(
            f"no lock {number} lives; " + (f"those that do are {names}" if names else "none does")
        )


def words_of(lock: LockRow, now: datetime) -> str:
    """Return what a lock holds, as people read it."""
    (one,) = standings([lock], (), now)
    whom = {
        LockMode.NOBODY: "for nobody",
        LockMode.ONLY: f"for shop {lock.shop}, which shows only what is released of them",
        LockMode.PLUS: f"for shop {lock.shop}, which shows what is released of them beside its own",
    }[lock.mode]
    later = "".join(
        f", {batch.units} more at {batch.at:%Y-%m-%d %H:%M} UTC"
        for batch in batches_of(lock.schedule)
        if batch.at > now
    )
    units = "1 unit" if lock.units == 1 else f"{lock.units} units"
    return f"{units} of {lock.sku} in pool {lock.pool} {whom}: {one.released} released{later}"


def _told(  # noqa: PLR0917 - one row of the ledger
    lock: LockRow, what: str, figures: tuple[int | None, int], cause: str, request: RequestRow, now: datetime
) -> LedgerRow:
    return entry(lock, what, figures, cause, now)._replace(who=request.asked_by)
