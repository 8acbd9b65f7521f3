"""Tell as events what a cycle decided, and what became of it in a shop."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from syncd.domain.circuit import Said
from syncd.domain.decision import Decision
from syncd.domain.model import ShopName
from syncd.domain.policy import Stop
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.services.push import PushEvent, PushReport

_SLICE = 20
"""So many changes are told before others get their turn: all shops may tell at one time."""


def tell_plan(events: Events, decision: Decision) -> None:
    """Tell how large the plan is; nothing of an empty one."""
    if not len(decision.plan):
        return
    events.tell(
        "planned",
        digest=decision.digest,
        changes=len(decision.plan),
        going=int((decision.stop == Stop.GO).sum()),
        held=int((decision.stop == Stop.HELD).sum()),
    )


def held_by_shop(decision: Decision, rejected: Mapping[ShopName, int]) -> dict[str, int]:
    """Return how many changes of every shop are held and wait for somebody, 0 where none do."""
    places = decision.plan.listing[decision.stop == Stop.HELD]
    held = Counter(shop for shop, _ in decision.plan.book.listings.names(np.asarray(places)))
    shops = [shop.name for shop in decision.plan.book.topology.shops]
    return {name: max(held[name] - rejected.get(name, 0), 0) for name in shops}


def tell_circuit(events: Events, event: PushEvent) -> None:
    """Tell once that a shop is left alone for a while, and once that it answers again."""
    if event.said is Said.OPENED:
        events.tell("circuit_opened", shop=event.shop)
    elif event.said is Said.CLOSED:
        events.tell("circuit_closed", shop=event.shop)


async def tell_push(events: Events, report: PushReport, clock: Clock) -> None:
    """Tell how a push went, with every change that is done and every listing that made trouble.

    Others get their turn between many.
    """
    events.tell(
        "pushed",
        shop=report.shop,
        done=len(report.done),
        refused=len(report.refused),
        unknown=len(report.unknown),
        not_tried=len(report.not_tried),
        calls=report.calls,
        throttled=report.throttled,
        stopped_by=report.stopped_by.value if report.stopped_by else None,
        because=report.message or ("the next cycle was asked for" if report.made_way else ""),
    )
    for at, change in enumerate(report.done, start=1):
        if at % _SLICE == 0:
            await clock.sleep(0)
        events.tell(
            "changed",
            shop=change.shop,
            listing=change.listing,
            sku=change.sku,
            kind=change.kind.value,
            old=change.old,
            new=change.new,
            cause=change.cause.value,
            rule=change.rule,
        )
    for remark in (*report.refused, *report.unknown, *report.notes):
        events.tell(
            "listing_failing", shop=report.shop, listing=remark.change.listing, because=remark.message
        )
