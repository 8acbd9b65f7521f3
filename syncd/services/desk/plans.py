"""What the guard holds, as documents."""

from collections.abc import Sequence
from typing import Any

from syncd.domain.guard import Hold
from syncd.domain.held import Direction, HeldNow, HeldRow, RejectionRow, rejected_in
from syncd.domain.model import ListingId, ShopName
from syncd.domain.said import say
from syncd.errors import NotThere
from syncd.ports.held import HeldCount
from syncd.ports.store import Store
from syncd.services.desk.asked import Asked, key_of, paged
from syncd.services.desk.shops import iso

Json = dict[str, Any]

_KIND = "held"


async def plan_documents(store: Store) -> list[Json]:
    """Return what is held now: one plan, or none."""
    now = await store.held_now()
    return [_summary(now.digest, now, await store.held_counts(now.digest))] if now.digest else []


async def plan_document(store: Store, digest: str, asked: Asked) -> Json:
    """Return what is or was held under a digest or its beginning, with a page of its changes.

    Raises:
        NotThere: nothing was held under it in the last day.
    """
    after = key_of(_KIND, asked.cursor, str, str, str)
    now = await store.held_now()
    whole = now.digest if now.digest and digest == now.digest else await _whole(store, digest)
    found = await store.held_page(
        whole,
        shop=asked.shop,
        after=(ShopName(after[0]), ListingId(after[1]), _direction(after[2])) if after else None,
        limit=asked.page + 1,
    )
    rows, following = paged(
        _KIND, found, asked.page, lambda row: (row.shop, row.listing, row.direction.value)
    )
    counts = await store.held_counts(whole)
    any_rejected = any(count.rejected for count in counts)
    rejected = {row[:3]: row for row in await store.rejections()} if any_rejected else {}
    items = [_change(row, rejected_in(rejected, row)) for row in rows]
    return _summary(whole, now, counts) | {"list": {"items": items, "next": following}}


async def _whole(store: Store, digest: str) -> str:
    rows = await store.held(digest)
    if not rows:
        raise NotThere(
            say("nothing is held under %(digest)r, and nothing was in the last day", digest=digest)
        )
    return rows[0].digest


def _direction(text: str) -> Direction:
    # Whatever somebody made of a cursor names a place at best.
    return Direction.RAISE if text >= Direction.RAISE else Direction.OFF


def _summary(digest: str, now: HeldNow, counts: Sequence[HeldCount]) -> Json:
    stands = digest == now.digest
    changes, rejected = sum(one.changes for one in counts), sum(one.rejected for one in counts)
    return {
        "digest": digest,
        "stands": stands,
        "changes": changes,
        "waiting": changes - rejected if stands else 0,
        "rejected": rejected,
        "shops": [
            {
                "shop": shop,
                "since": iso(now.since.get(shop)) if stands else None,
                "holds": [_hold(one) for one in counts if one.shop == shop],
            }
            for shop in dict.fromkeys(one.shop for one in counts)
        ],
    }


def _hold(count: HeldCount) -> Json:
    hold = Hold(
        shop=count.shop,
        direction=count.direction,
        setting=count.setting,
        limit=count.limit,
        value=count.value,
        unit=count.unit,
    )
    return {
        "direction": count.direction.value,
        "setting": count.setting,
        "limit": count.limit,
        "value": count.value,
        "unit": count.unit.strip(),
        "changes": count.changes,
        "rejected": count.rejected,
        "message": hold.words,
    }


def _change(row: HeldRow, rejected: RejectionRow | None) -> Json:
    return {
        "shop": row.shop,
        "listing": row.listing,
        "sku": row.sku,
        "direction": row.direction.value,
        "kind": row.kind,
        "old": row.old,
        "new": row.bound,
        "cause": row.cause,
        "rule": row.rule,
        "setting": row.setting,
        "rejected_by": rejected.by if rejected else "",
        "rejected_at": iso(rejected.at) if rejected else None,
    }
