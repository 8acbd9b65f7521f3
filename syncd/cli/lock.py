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
from syncd.domain.locks.standing import Batch, schedule_text
from syncd.domain.model import PoolName, ShopName, Sku
from syncd.domain.records import LockMode
from syncd.domain.topology import Topology
from syncd.errors import UsageError
from syncd.services.desk.locking import names_of, pools_of, refuse_bundle
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
            pool=await _pool(typed.pool, shop, sku, app, configuration.topology),
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
    async with looking(configured(config, calls=False)) as app:
        shown = (await app.desk.locks(ended=ended))["items"]
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
    refuse_bundle(code, topology)
    known = {row.sku for row in await app.store.stock()} | {extra.sku for extra in topology.virtual}
    if code not in known:
        near = near_codes(code, known)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        unread = "" if known else "; nothing was collected yet, run `syncd sync` first"
        raise UsageError(f"no source knows the SKU {code!r}{hint}{unread}")
    return Sku(code)


async def _pool(name: str | None, shop: ShopName | None, sku: Sku, app: App, topology: Topology) -> PoolName:
    """Return the pool of that name, or the only one that has the SKU for the shop.

    Raises:
        UsageError: there is none, it is not the shop's or has none of the SKU, or it could be any of several.
    """
    fitting = pools_of(sku, shop, name, await app.store.stock({sku}), topology)
    if len(fitting) > 1:
        raise UsageError(f"say --pool: {sku} is in {names_of(fitting)}")
    return fitting[0]


# --- printing ------------------------------------------------------------------------------------------


def _print_answer(text: str, output: Format) -> None:
    if output is Format.JSON:
        document({"lock": lock_of(text), "answer": text})
    else:
        line(f"{text[:1].upper()}{text[1:]}.")


def _cells(entry: Json) -> tuple[object, ...]:
    following = entry["schedule"]
    upcoming = f"{following[0]['units']} at {moment(following[0]['at'])}" if following else ""
    names = ("lock", "sku", "pool", "shop", "mode", "units", "released", "used", "holds")
    after = upcoming, entry["created_by"], moment(entry["created_at"]), entry["note"]
    return *(entry[name] for name in names), *after
