"""Ask the daemon for what an operator wants, where it can be wanted at all."""

from syncd.domain.model import ShopName
from syncd.domain.said import say
from syncd.errors import NotThere, UsageError
from syncd.services.desk.explaining import require_shop, unknown_sku
from syncd.services.desk.ground import Ground
from syncd.services.desk.locking import LockWanted, pools_of, refuse_bundle
from syncd.services.desk.stock import configured_skus
from syncd.services.holding import APPROVE, REJECT, still_held
from syncd.services.lock_requests import ADD, END, RELEASE, no_lock, release_text
from syncd.services.requests import STATUS_OF, SYNC


class Asking:
    """Leaves requests in the state, as the command line does; the daemon obeys them before its next cycle.

    Each but one returns the number of its request. `by` is who asks, as the ledger shows it.
    """

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    async def ask(self, verb: str, argument: str, *, by: str) -> int:
        """Leave a request of any kind."""
        return await self.ground.store.ask(verb, argument, at=self.ground.clock.now(), by=by)

    async def set_status(self, shop: ShopName, verb: str, *, by: str) -> int:
        """Have a shop paused, resumed, frozen or unfrozen.

        Raises:
            NotThere: the shop is not configured.
        """
        require_shop(self.ground, shop)
        if verb not in STATUS_OF:
            raise UsageError(say("a shop cannot be told to %(verb)s", verb=verb))
        return await self.ask(verb, shop, by=by)

    async def approve(self, digest: str, *, by: str) -> int:
        """Have released what is still held of a plan.

        Raises:
            NotThere: nothing was held under that digest.
            UsageError: nothing of it is held any more.
        """
        return await self.ask(APPROVE, await self._held(digest), by=by)

    async def reject(self, digest: str, *, by: str) -> int:
        """Have noted that what is still held of a plan is not wanted.

        Raises:
            NotThere: nothing was held under that digest.
            UsageError: nothing of it is held any more.
        """
        return await self.ask(REJECT, await self._held(digest), by=by)

    async def add_lock(self, wanted: LockWanted, *, by: str) -> int:
        """Have units locked.

        Raises:
            NotThere: no source knows the SKU, or shop or pool are not configured.
            UsageError: the SKU is in no pool of the shop, or in several.
        """
        ground, topology, sku = self.ground, self.ground.topology, wanted.sku
        require_shop(ground, wanted.shop)
        refuse_bundle(sku, topology)
        rows = await ground.store.stock({sku})
        if not rows and sku not in configured_skus(topology):
            raise await unknown_sku(ground, sku)
        pools = pools_of(sku, wanted.shop, wanted.pool, rows, topology)
        if len(pools) > 1:
            names = ", ".join(pools)
            raise UsageError(say("name the pool: %(sku)s is in pools %(names)s", sku=sku, names=names))
        return await self.ask(ADD, wanted.of_pool(pools[0]).text(), by=by)

    async def release_lock(self, lock: int, units: int | None = None, *, by: str) -> int:
        """Have units of a lock released, all that are left where no number is given.

        Raises:
            NotThere: no such lock lives.
        """
        await self._require_lock(lock)
        return await self.ask(RELEASE, release_text(lock, units), by=by)

    async def end_lock(self, lock: int, *, by: str) -> int:
        """Have a lock ended: what it still holds is its pool's again.

        Raises:
            NotThere: no such lock lives.
        """
        await self._require_lock(lock)
        return await self.ask(END, str(lock), by=by)

    async def sync(self, *, by: str) -> int:
        """Have a cycle run now; it is answered once that is over."""
        return await self.ask(SYNC, "", by=by)

    async def acknowledge(self, alert: int, *, by: str) -> bool:
        """Note that somebody knows of an alert, at once; return False if there is none of that number."""
        return await self.ground.store.acknowledge(alert, at=self.ground.clock.now(), by=by)

    async def _held(self, digest: str) -> str:
        now = (await self.ground.store.held_now()).digest
        if now and digest == now:
            return now
        rows = await self.ground.store.held(digest)
        if not rows:
            raise NotThere(say("nothing is held under %(digest)r", digest=digest))
        await still_held(self.ground.store, rows[0].digest)
        return rows[0].digest

    async def _require_lock(self, number: int) -> None:
        living = [lock.id for lock in await self.ground.store.locks() if lock.ended_at is None]
        if number not in living:
            raise NotThere(no_lock(number, living))
