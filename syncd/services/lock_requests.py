"""Add, release and end locks as the command line asks for it (DESIGN 4.4)."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from syncd.domain.locks.history import RELEASED, UNITS, entry
from syncd.domain.locks.standing import Standing, batches_of, standings
from syncd.domain.model import LARGEST, PoolName, ShopName, Sku
from syncd.domain.records import LedgerRow, LockMode, LockRow, RequestRow
from syncd.domain.said import Said, say, say_later
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
            raise UsageError(
                say("a lock has 1 to %(most)s units, not %(units)s", most=LARGEST, units=wanted.units)
            )
        if planned > wanted.units:
            raise UsageError(
                say(
                    "%(planned)s units are to be released, but only %(units)s locked",
                    planned=planned,
                    units=wanted.units,
                )
            )
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
        return _holds(number, row, now)

    async def _refuse_second(self, wanted: Wanted) -> None:
        """Refuse a second lock of which a shop is to show only the units: which of the two would it be?"""
        if wanted.mode is not LockMode.ONLY:
            return
        for lock in await self._store.locks():
            same = (lock.shop, lock.sku, lock.mode) == (wanted.shop, wanted.sku, wanted.mode)
            if same and lock.ended_at is None:
                raise UsageError(
                    say(
                        "shop %(shop)s shows only lock %(lock)s of %(sku)s already; end that one with "
                        "`syncd lock end %(lock)s`, or add this one with --plus",
                        shop=lock.shop,
                        lock=lock.id,
                        sku=lock.sku,
                    )
                )

    async def _release(self, request: RequestRow) -> str:
        number, _, units = request.argument.partition(" ")
        one = await self._living(int(number))
        left = one.lock.units - one.released
        more = int(units) if units else left
        if not left:
            raise UsageError(
                say(
                    "lock %(lock)s: all of its %(units)s units are released already",
                    lock=number,
                    units=one.lock.units,
                )
            )
        if not 1 <= more <= left:
            raise UsageError(
                say(
                    "lock %(lock)s: 1 to %(left)s of its units can be released, not %(more)s",
                    lock=number,
                    left=left,
                    more=more,
                )
            )
        now = self._clock.now()
        after = one.lock._replace(by_hand=one.lock.by_hand + more, released=one.released + more)
        told = _told(one.lock, RELEASED, (one.released, after.released), "hand", request, now)
        await self._store.save_locks([after], [told])
        return _holds(int(number), after, now)

    async def _end(self, request: RequestRow) -> str:
        one = await self._living(int(request.argument))
        now = self._clock.now()
        told = _told(one.lock, UNITS, (one.live, 0), "ended", request, now)
        await self._store.save_locks([one.lock._replace(ended_at=now)], [told])
        return say(
            "lock %(lock)s has ended: %(units)s units of %(sku)s are pool %(pool)s's again",
            lock=one.lock.id,
            units=one.live,
            sku=one.lock.sku,
            pool=one.lock.pool,
        )

    async def _living(self, number: int) -> Standing:
        found = standings(await self._store.locks(), await self._store.uses(), self._clock.now())
        living = [one for one in found if one.lock.ended_at is None]
        for one in living:
            if one.lock.id == number:
                return one
        raise UsageError(no_lock(number, [one.lock.id for one in living]))


def no_lock(number: int, living: Iterable[int]) -> Said:
    """Return what people are told of a lock that does not live."""
    names = ", ".join(str(one) for one in sorted(living))
    if not names:
        return say("no lock %(lock)s lives; none does", lock=number)
    return say("no lock %(lock)s lives; those that do are %(names)s", lock=number, names=names)


_WHOM = {
    LockMode.NOBODY: say_later("for nobody"),
    LockMode.ONLY: say_later("for shop %(shop)s, which shows only what is released of them"),
    LockMode.PLUS: say_later("for shop %(shop)s, which shows what is released of them beside its own"),
}


def _holds(number: int, lock: LockRow, now: datetime) -> Said:
    """Return what a lock holds, as people read it."""
    (one,) = standings([lock], (), now)
    words = say(
        "lock %(lock)s holds %(units)s of %(sku)s in pool %(pool)s %(whom)s: %(released)s released",
        lock=number,
        units=say("1 unit") if lock.units == 1 else say("%(count)s units", count=lock.units),
        sku=lock.sku,
        pool=lock.pool,
        whom=Said(_WHOM[lock.mode], {"shop": lock.shop}),
        released=one.released,
    )
    for batch in batches_of(lock.schedule):
        if batch.at > now:
            at = f"{batch.at:%Y-%m-%d %H:%M}"
            words = say("%(words)s, %(units)s more at %(at)s UTC", words=words, units=batch.units, at=at)
    return words


def _told(  # noqa: PLR0917 - one row of the ledger
    lock: LockRow, what: str, figures: tuple[int | None, int], cause: str, request: RequestRow, now: datetime
) -> LedgerRow:
    return entry(lock, what, figures, cause, now)._replace(who=request.asked_by)
