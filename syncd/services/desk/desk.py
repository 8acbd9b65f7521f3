"""The desk: every question of an operator answered from the state, and every wish left there."""

import json
from datetime import datetime, timedelta
from typing import Any

from syncd.domain.alerts.words import Language
from syncd.domain.model import ShopName, Sku
from syncd.domain.said import say
from syncd.domain.virtual.history import MOVING
from syncd.errors import NotThere
from syncd.ports.pages import LedgerWanted
from syncd.services.desk.alerts import alert_counts, alerts_page
from syncd.services.desk.asked import MOST, Asked, key_of, paged
from syncd.services.desk.asking import Asking
from syncd.services.desk.explaining import explanation, history, require_shop
from syncd.services.desk.ground import Ground, Kept
from syncd.services.desk.listings import listings_page
from syncd.services.desk.locks import lock_documents
from syncd.services.desk.plans import plan_document, plan_documents
from syncd.services.desk.sales import claims_page, orders_page
from syncd.services.desk.shops import (
    feed_document,
    iso,
    pool_document,
    read_advice,
    rules_document,
    shop_documents,
    shops_document,
    source_document,
)
from syncd.services.desk.stock import stock_page, transfers_page
from syncd.services.requests import SYNC
from syncd.services.transfers import Ended

Json = dict[str, Any]

_COUNTED_FOR = 10.0
"""Seconds for which the listings of a shop need not be counted again."""

_ADVISED_FOR = 600.0
"""Seconds for which an advice holds: it rests on days."""

_LEDGER = "ledger"
_BACK = timedelta(hours=24)
_READ = 10_000
_REFUSED = "refused: "


class Desk(Asking):
    """Answers and asks for the console, the API and all that shows something to people.

    Everything comes from the state: no shop and no source is called. Whatever it returns is ready for JSON.
    """

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self._store = ground.store
        self._clock = ground.clock
        self._counts = Kept(ground.clock, _COUNTED_FOR, ground.store.listing_counts)
        self._advice = Kept(ground.clock, _ADVISED_FOR, lambda: read_advice(ground))

    # --- shops ---------------------------------------------------------------------------------------------

    async def overview(self) -> Json:
        """Return how everything stands: shops, sources, pools, what is held, alerts."""
        ground, now = self.ground, self._clock.now()
        sources = await self._store.sources()
        shops = await self._shops()
        unbound = [shop["unbound"] for shop in shops if shop["unbound"] is not None]
        return {
            "at": now.isoformat(),
            "shops": shops,
            "sources": [
                source_document(rules.name, sources.get(rules.name), now) for rules in ground.topology.sources
            ],
            "pools": [pool_document(pool) for pool in ground.topology.pools],
            "held": await plan_documents(self._store),
            "alerts": await alert_counts(self._store),
            "unbound": sum(unbound) if unbound else None,
        }

    async def shops(self) -> Json:
        """Return every shop with its status, delays and advice, as `syncd shops --format json` does."""
        return await shops_document(self.ground, await self._counts.get(), await self._advice.get())

    async def shop(self, name: ShopName) -> Json:
        """Return one shop with all that is known of it, and the limits by which it is written.

        Raises:
            NotThere: it is not configured.
        """
        require_shop(self.ground, name)
        topology = self.ground.topology
        found = next(one for one in await self._shops() if one["shop"] == name)
        rules = next(shop for shop in topology.shops if shop.name == name)
        buffers, _ = await self._advice.get()
        unanswered = sum(intent.shop == name for intent in await self._store.unresolved())
        more = {"advice": buffers.get(name, []), "unanswered": unanswered}
        return found | rules_document(rules, topology.pools) | more

    async def _shops(self) -> list[Json]:
        feeds = await self._store.feeds()
        found = await shop_documents(self.ground, await self._counts.get())
        for entry in found:
            tells = entry["shop"] in self.ground.told
            feed = feeds.get(entry["shop"])
            entry["orders"] = None if not tells else feed_document(feed) if feed else _NEVER_TOLD
        return found

    # --- stock ---------------------------------------------------------------------------------------------

    async def stock(self, asked: Asked) -> Json:
        """Return SKUs and bundles with what is available of them, and what their shops should show."""
        return await stock_page(self.ground, asked)

    async def explain(self, sku: Sku, shop: ShopName | None = None) -> Json:
        """Return why the figures of a SKU or bundle are what they are.

        Raises:
            NotThere: no source knows the SKU, or the shop is not configured.
        """
        return await explanation(self.ground, sku, shop)

    async def history(self, sku: Sku, *, since: datetime | None = None) -> Json:
        """Return what the figures of a SKU were, as steps."""
        return await history(self.ground, sku, since)

    async def listings(self, asked: Asked) -> Json:
        """Return what every listing is bound to, and what it should and can read."""
        return await listings_page(self._store, asked)

    # --- plans ---------------------------------------------------------------------------------------------

    async def plans(self) -> Json:
        """Return what the guard holds now: one plan, or none."""
        return {"items": await plan_documents(self._store), "next": None}

    async def plan(self, digest: str, asked: Asked | None = None) -> Json:
        """Return what is or was held under a digest or its beginning, with a page of its changes.

        Raises:
            NotThere: nothing was held under it in the last day.
        """
        return await plan_document(self._store, digest, asked or Asked())

    # --- sales, locks, transfers ---------------------------------------------------------------------------

    async def orders(self, asked: Asked) -> Json:
        """Return the newest order lines; nothing about buyers is in the state."""
        return await orders_page(self.ground, asked)

    async def claims(self, asked: Asked) -> Json:
        """Return open claims, each with what it waits for."""
        return await claims_page(self.ground, asked)

    async def locks(self, *, ended: bool = False) -> Json:
        """Return the locks that live, or also those that have ended and are not forgotten yet."""
        kept = await self._store.locks(), await self._store.uses()
        found = lock_documents(kept, self.ground.topology, self._clock.now(), ended=ended)
        return {"items": found, "next": None}

    async def transfers(self, asked: Asked) -> Json:
        """Return the units on their way between shares, and with `ended` those that arrived or came back."""
        ended = None
        if asked.ended:
            since = asked.since or self._clock.now() - _BACK
            wanted = LedgerWanted(what=MOVING, since=since, limit=_READ)
            rows = [entry.row for entry in await self._store.ledger_page(wanted)]
            ended = Ended(ledger=rows, since=since, limit=MOST)
        return await transfers_page(self.ground, asked, ended)

    # --- what was ------------------------------------------------------------------------------------------

    async def ledger(self, asked: Asked) -> Json:
        """Return the newest rows of the ledger."""
        before = key_of(_LEDGER, asked.cursor, int)
        wanted = LedgerWanted(
            sku=asked.sku,
            shop=asked.shop,
            what=asked.what or None,
            since=asked.since,
            before=before[0] if before else None,
            limit=asked.page + 1,
        )
        found = await self._store.ledger_page(wanted)
        rows, following = paged(_LEDGER, found, asked.page, lambda entry: (entry.id,))
        items = [{"id": entry.id} | entry.row._asdict() | {"at": iso(entry.row.at)} for entry in rows]
        return {"items": items, "next": following}

    async def alerts(self, asked: Asked, language: Language = Language.EN) -> Json:
        """Return the alerts that go on, the newest first; with `ended` also those that are over.

        Their words are in `language`.
        """
        return await alerts_page(self._store, asked, language)

    async def request(self, number: int) -> Json:
        """Return a request with what came of it.

        Raises:
            NotThere: it was never asked, or is forgotten.
        """
        row = await self._store.request(number)
        if row is None:
            raise NotThere(say("there is no request %(number)s", number=number))
        refused = row.answer.startswith(_REFUSED)
        return {
            "request": row.id,
            "verb": row.verb,
            "argument": row.argument,
            "asked_at": iso(row.asked_at),
            "asked_by": row.asked_by,
            "done": bool(row.answer),
            "refused": refused,
            "answer": _words(row.verb, row.answer.removeprefix(_REFUSED)),
        }

    async def answer(self, number: int) -> str:
        """Return the answer of a request, empty while there is none."""
        return await self._store.answered(number)


_NEVER_TOLD = {"known_until": None, "error": "", "since": None}


def _words(verb: str, answer: str) -> str:
    """Return an answer as people read it: that of a cycle is for programs."""
    if verb != SYNC or not answer.startswith("{"):
        return answer
    read = json.loads(answer)
    words = say("%(count)s changes done", count=read["done"])
    if read["held"]:
        words = say("%(words)s, held by the guard: %(digest)s", words=words, digest=read["held"])
    if read["failures"]:
        words = say("%(words)s; %(failures)s", words=words, failures="; ".join(read["failures"]))
    return words
