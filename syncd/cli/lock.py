"""`syncd lock`: units locked for a shop or for nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from syncd.bootstrap import App, open_app
from syncd.cli.asking import ask
from syncd.cli.exits import Exit
from syncd.cli.naming import known_shop, near_codes
from syncd.cli.opening import configured, looking
from syncd.cli.options import Format
from syncd.cli.output import Json, document, line
from syncd.cli.tables import moment, table
from syncd.config.configuration import Configuration
from syncd.config.problems import suggestion
from syncd.domain.locks.standing import Batch, Standing, batches_of, schedule_text, standings
from syncd.domain.model import PoolName, ShopName, Sku, WarehouseName
from syncd.domain.records import LockMode
from syncd.domain.topology import Pool, Topology
from syncd.errors import UsageError
from syncd.services.lock_requests import ADD, END, RELEASE, Wanted, lock_of, release_text

_COLUMNS = (
    "lock",
    "sku",
    "pool",
    "shop",
    "mode",
    "units",
    "released",
    "used",
    "holds",
    "next release",
    "by",
    "since",
    "note",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adding:
    """What was typed after `syncd lock add`."""

    sku: str
    units: int
    shop: str | None
    pool: str | None
    only: bool
    releases: Sequence[str]


async def add(config: Path, output: Format, typed: Adding) -> Exit:
    """Have units locked, and print what the lock holds."""
    configuration = configured(config, calls=False)
    shop = known_shop(typed.shop, configuration)
    if shop is None and typed.only:
        raise UsageError("--only says what a shop shows; name the shop with --shop, or leave it out")
    by_hand, schedule = read_releases(typed.releases)
    async with open_app(configuration) as app:
        sku = await _known_sku(typed.sku, app, configuration.topology)
        wanted = Wanted(
            sku=sku,
            pool=await _pool(typed.pool, shop, sku, app, configuration),
            shop=shop or ShopName(""),
            mode=LockMode.NOBODY if shop is None else LockMode.ONLY if typed.only else LockMode.PLUS,
            units=typed.units,
            by_hand=by_hand,
            schedule=schedule_text(schedule),
        )
        answer = await ask(app, ADD, wanted.text())
    _print_answer(answer.text, output)
    return Exit.DONE


async def release(config: Path, output: Format, *, lock: int, units: int | None) -> Exit:
    """Have units of a lock released, all that are left where no number is given."""
    return await _asked(config, output, RELEASE, release_text(lock, units))


async def end(config: Path, output: Format, *, lock: int) -> Exit:
    """Have a lock ended: what it still holds is its pool's again."""
    return await _asked(config, output, END, str(lock))


async def _asked(config: Path, output: Format, verb: str, argument: str) -> Exit:
    async with open_app(configured(config, calls=False)) as app:
        answer = await ask(app, verb, argument)
    _print_answer(answer.text, output)
    return Exit.DONE


async def list_locks(config: Path, output: Format, *, ended: bool) -> Exit:
    """Print the locks that live, or also those that have ended and are not forgotten yet."""
    configuration = configured(config, calls=False)
    async with looking(configuration) as app:
        now = app.clock.now()
        found = standings(await app.store.locks(), await app.store.uses(), now)
    shown = [_document(one, configuration.topology, now) for one in found if ended or not one.lock.ended_at]
    shown.sort(key=lambda entry: entry["lock"])
    if output is Format.JSON:
        document({"locks": shown})
    else:
        table(_COLUMNS, [_cells(entry) for entry in shown])
    return Exit.DONE


def read_releases(typed: Sequence[str]) -> tuple[int, list[Batch]]:
    """Return the units that are released at once, and the batches of `UNITS@TIME` that follow.

    Raises:
        UsageError: one of them cannot be read.
    """
    at_once, later = 0, []
    for text in typed:
        units, _, at = text.partition("@")
        if not (units.isascii() and units.isdecimal() and int(units)):
            raise UsageError(f"--release {text!r}: write UNITS@TIME with a whole number of units above 0")
        if at in ("", "now"):
            at_once += int(units)
        else:
            later.append(Batch(int(units), _moment(at, text)))
    return at_once, later


def _moment(at: str, text: str) -> datetime:
    try:
        read = datetime.fromisoformat(at)
    except ValueError as error:
        raise UsageError(
            f"--release {text!r}: {at!r} is no time; write it like 2026-11-11T00:00+08:00, or `now`"
        ) from error
    if read.tzinfo is None:
        # A campaign that begins eight hours early sells what was promised to others.
        raise UsageError(f"--release {text!r}: say the zone of the time, as in {at}+08:00 or {at}Z")
    return read.astimezone(UTC)


# --- names ---------------------------------------------------------------------------------------------


async def _known_sku(code: str, app: App, topology: Topology) -> Sku:
    if any(bundle.sku == code for bundle in topology.bundles):
        raise UsageError(f"{code} is a bundle, which has no stock of its own: lock its components")
    known = {row.sku for row in await app.store.stock()} | {extra.sku for extra in topology.virtual}
    if code not in known:
        near = near_codes(code, known)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        unread = "" if known else "; nothing was collected yet, run `syncd sync` first"
        raise UsageError(f"no source knows the SKU {code!r}{hint}{unread}")
    return Sku(code)


async def _pool(
    name: str | None, shop: ShopName | None, sku: Sku, app: App, configuration: Configuration
) -> PoolName:
    """Return the pool of that name, or the only one that has the SKU for the shop.

    Raises:
        UsageError: there is none, it is not the shop's or has none of the SKU, or it could be any of several.
    """
    pools = {pool.name: pool for pool in configuration.topology.pools}
    if name is not None and name not in pools:
        raise UsageError(f"there is no pool {name!r}; {suggestion(name, pools, 'pools')}")
    serving = [pool for pool in pools.values() if shop is None or shop in pool.shops]
    places = {row.warehouse for row in await app.store.stock() if row.sku == sku}
    having = [pool for pool in pools.values() if _has(pool, sku, places, configuration.topology)]
    # A lock where the SKU is not would hold nothing, and say so only in `lock list`.
    where = f"it is in {_names(having)}"
    if name is not None:
        chosen = pools[PoolName(name)]
        if chosen not in serving:
            names = ", ".join(pool.name for pool in serving)
            raise UsageError(f"shop {shop} does not draw on pool {name}; it draws on {names}")
        if chosen not in having:
            raise UsageError(f"pool {name} has no {sku}; {where}")
        return chosen.name
    fitting = [pool for pool in having if pool in serving]
    if not fitting:
        raise UsageError(f"no pool of {f'shop {shop}' if shop else 'any shop'} has {sku}; {where}")
    if len(fitting) > 1:
        raise UsageError(f"say --pool: {sku} is in {_names(fitting)}")
    return fitting[0].name


def _names(pools: Sequence[Pool]) -> str:
    names = ", ".join(pool.name for pool in pools)
    return f"pool{'s' * (len(pools) > 1)} {names}" if pools else "no pool"


def _has(pool: Pool, sku: Sku, places: set[WarehouseName], topology: Topology) -> bool:
    virtual = {extra.warehouse for extra in topology.virtual if extra.sku == sku}
    return bool(set(pool.warehouses) & (places | virtual))


# --- printing ------------------------------------------------------------------------------------------


def _print_answer(text: str, output: Format) -> None:
    if output is Format.JSON:
        document({"lock": lock_of(text), "answer": text})
    else:
        line(f"{text[:1].upper()}{text[1:]}.")


def _document(one: Standing, topology: Topology, now: datetime) -> Json:
    lock = one.lock
    later = [batch for batch in batches_of(lock.schedule) if batch.at > now]
    return {
        "lock": lock.id,
        "sku": lock.sku,
        "pool": lock.pool,
        "shop": lock.shop,
        "mode": lock.mode.value,
        "units": lock.units,
        "released": one.released,
        "used": one.used,
        "holds": one.live,
        "schedule": [{"units": batch.units, "at": batch.at.isoformat()} for batch in later],
        "created_by": lock.created_by,
        "created_at": lock.created_at.isoformat(),
        "ended_at": lock.ended_at.isoformat() if lock.ended_at else None,
        "note": _note(one, topology),
    }


def _note(one: Standing, topology: Topology) -> str:
    """Return what people must know of a lock that does not do what it says."""
    lock = one.lock
    pool = next((pool for pool in topology.pools if pool.name == lock.pool), None)
    if lock.ended_at is not None:
        return "has ended"
    if pool is None:
        return "its pool is not configured, so that it holds nothing"
    if lock.shop and lock.shop not in pool.shops:
        return "its shop does not draw on the pool, so that nobody sells it"
    return ""


def _cells(entry: Json) -> tuple[object, ...]:
    following = entry["schedule"]
    upcoming = f"{following[0]['units']} at {moment(following[0]['at'])}" if following else ""
    names = ("lock", "sku", "pool", "shop", "mode", "units", "released", "used", "holds")
    after = upcoming, entry["created_by"], moment(entry["created_at"]), entry["note"]
    return *(entry[name] for name in names), *after
