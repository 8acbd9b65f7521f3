"""What must hold at every instant, after every cycle, and once everything has calmed down."""

from collections.abc import Iterator
from typing import cast

from syncd.domain.model import ListingRow, Sku
from syncd.domain.observation import doubtful
from syncd.domain.ordering import Deducts, Occupies
from syncd.domain.orders import Stage
from syncd.domain.records import ShopStatus
from syncd.domain.topology import PoolMode
from syncd.ports.store import Store
from syncd.services.audit import Audit, Ground, Part
from syncd.services.traits import shop_traits
from tests.integration.exactness.erp import UNSOLD
from tests.integration.exactness.scene import Scene, parts_of
from tests.integration.exactness.till import Till, open_units


def instant(scene: Scene, where: str) -> None:
    """Nothing is on sale that is not there, and nothing was sold that was not."""
    for sku in scene.blame:
        if scene.setup.mode is PoolMode.SPLIT:
            assert scene.slack(sku) >= -scene.blame[sku], f"{where}: {sku}: too much on sale: {told(scene)}"
            # What somebody took away is sold too many again each time such an order ends and its units come
            # back: how many that can be at one time is bounded above, how often it happens is not.
            assert scene.blame[sku] or not scene.oversold[sku], f"{where}: {sku}: oversold: {told(scene)}"


async def books(scene: Scene) -> None:
    """No unit is in two places, none is missing, and syncd never thinks that more is free than is."""
    shops = await scene.store.shops()
    rows = await counters(scene)
    are_writable = all(state.status is ShopStatus.ACTIVE for state in shops.values())
    for sku in scene.blame:
        room = await figure(scene, sku) - await claimed(scene, sku)
        shares = [row.units for row in await scene.store.shares() if row.sku == sku]
        moving = [row.units for row in await scene.store.moves() if row.sku == sku]
        assert min(shares, default=0) >= 0, f"{sku}: a share below zero: {shares}"
        assert min(moving, default=1) > 0, f"{sku}: nothing is moving: {moving}"
        if are_writable:
            assert sum(shares) + sum(moving) <= max(room, 0), f"{sku}: {shares} + {moving} of {room}"
        shown = [_upper(row) * parts_of(row.id).get(sku, 0) for row in rows]
        thought = room - sum(shown) - unproven(scene, sku)
        assert thought <= scene.slack(sku) + scene.blame[sku], f"{sku}: thinks {thought} free: {told(scene)}"


async def claims(scene: Scene) -> None:
    """Every sale that was told and that the figures do not contain is claimed."""
    served = scene.erp.served
    open_ = {(claim.shop, claim.line, claim.sku): claim.units for claim in await scene.store.claims()}
    for shop, till in scene.tills.items():
        for line in till.told.values():
            for sku, each in parts_of(line.listing).items():
                key = (shop, line.line)
                if served is None or (key, sku) in served.gone or not _counts(till, line.line):
                    continue
                held = served.holds.get((key, sku), 0)
                mine = open_.get((shop, f"order:{line.line}:{sku}", sku), 0)
                # What was given back since may be known already, from a cycle that broke off.
                least = min(open_units(line), open_units(till.lines[line.line]))
                missing = least * each - held - mine
                assert missing <= 0, f"{shop}: {missing} of {line} are claimed nowhere"


async def audited(scene: Scene) -> None:
    """An audit of books and expected counters finds nothing, however often it went wrong around them."""
    rules = {name: till.habits.rules for name, till in scene.tills.items()}
    traits = {name: shop_traits(till.traits) for name, till in scene.tills.items()}
    ground = Ground(topology=scene.topology, traits=traits, rules=rules, fingerprint=scene.fingerprint)
    found = await Audit(ground, store=cast("Store", scene.store), clock=scene.clock).run()
    # A figure may be left behind by a crash until the next whole decision.
    wrong = [one for one in found.findings if one.part is not Part.DESIRED]
    assert not wrong, "\n".join(map(str, wrong))


async def calm(scene: Scene) -> list[str]:
    """Return what is not yet as it should be at last."""
    found = [f"{intent} is open" for intent in await scene.store.unresolved()]
    found += [f"{claim} is open" for claim in await scene.store.claims()]
    rows = {(row.shop, row.id): row for row in await scene.store.listings()}
    for sku in scene.blame:
        free = max(scene.free(sku), 0)
        for shop, till in scene.tills.items():
            for listing in till.listings():
                row, reads = rows[shop, listing], till.for_sale(listing)
                if (row.expected_lo, row.expected_hi) != (till.shown(listing).quantity,) * 2:
                    found.append(f"{shop} {listing} reads {reads}, expected is {row}")
        shown = [scene.exposed(till, sku) for till in scene.tills.values()]
        if scene.setup.mode is PoolMode.SHARED:
            found += [f"{sku}: {one} of {free} are on sale" for one in shown if one != free]
            continue
        shares = {row.shop: row.units for row in await scene.store.shares() if row.sku == sku}
        mine = [shares.get(shop, 0) for shop in scene.tills]
        if shown != mine:
            found.append(f"{sku}: on sale are {shown}, the shares are {mine}")
        if sum(shown) != free:
            found.append(f"{sku}: on sale are {shown} of {free}")
    return found


async def counters(scene: Scene) -> list[ListingRow]:
    """Return the listings as the state knows them: what a crash left open may have been applied."""
    rows, open_ = await scene.store.listings(), await scene.store.unresolved()
    return [
        row
        for shop in scene.tills
        for row in doubtful(
            [one for one in rows if one.shop == shop], [one for one in open_ if one.shop == shop]
        ).values()
    ]


async def figure(scene: Scene, sku: Sku) -> int:
    """Return what the last snapshot says is there and not allocated."""
    rows = [row for row in await scene.store.stock() if row.sku == sku]
    return sum(row.on_hand - row.allocated - row.unsellable for row in rows)


async def claimed(scene: Scene, sku: Sku) -> int:
    """Return the units of all open claims."""
    return sum(claim.units for claim in await scene.store.claims() if claim.sku == sku)


def unproven(scene: Scene, sku: Sku) -> int:
    """Return the units that a clipped or absolute write seems to have taken and that were sold already."""
    tills = scene.tills.values()
    return sum(units * parts_of(at).get(sku, 0) for till in tills for at, units in till.unproven.items())


def told(scene: Scene) -> str:
    """Return the figures that people need to see what went wrong."""
    return "; ".join(_figures(scene))


def behind(scene: Scene) -> list[str]:
    """Return what the last cycle did not write, and why."""
    if scene.report is None:
        return []
    stopped = scene.report.view.decision.stopped()
    found = [f"{c.shop} {c.listing} {c.kind} {c.old} -> {c.new}: {stop.name}" for c, stop in stopped]
    return [*found, *scene.report.failures]


def _figures(scene: Scene) -> Iterator[str]:
    for sku in scene.blame:
        shown = [scene.exposed(till, sku) for till in scene.tills.values()]
        good, promised = scene.erp.good[sku], scene.promised(sku)
        yield f"{sku}: {good} there (+{UNSOLD} broken), {promised} promised, on sale {shown}"


def _upper(row: ListingRow) -> int:
    return 1 << 40 if row.expected_hi is None else row.expected_hi


def _counts(till: Till, line: str) -> bool:
    """Return whether a line takes units from other shops as things stand."""
    found = till.told[line]
    if found.stage is not Stage.UNPAID:
        return True
    return till.habits.occupies is Occupies.ORDER and till.habits.deducts is Deducts.ORDER
