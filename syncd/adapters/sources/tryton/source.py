"""The source itself: what is asked of Tryton in one collection, and in which order."""

import asyncio
from datetime import datetime, timedelta

from syncd.adapters.http import HttpClient, expecting
from syncd.adapters.sources.tryton import places as tree
from syncd.adapters.sources.tryton.client import TrytonClient
from syncd.adapters.sources.tryton.composing import composed
from syncd.adapters.sources.tryton.places import Places, placed
from syncd.adapters.sources.tryton.queries import Queries
from syncd.adapters.sources.tryton.reading import Finding, Reading
from syncd.adapters.sources.tryton.settings import TrytonSettings
from syncd.adapters.sources.tryton.stamps import BEGINNING, Cursor, Stamps, from_time, scope_of
from syncd.domain.model import Snapshot, SnapshotKind
from syncd.errors import Kind, PortError

_LOCATION = "stock.location"
_ALL = ["active", "in", [True, False]]


class TrytonSource:
    """Reads the stock of a Tryton ERP (8.x) over its JSON-RPC.

    Of every active product of type goods that has a code, in every counted warehouse:

    - `on_hand` is Tryton's `quantity` of the warehouse with all its zones and bins: what done moves add up
      to, with all corrections through lost and found. Tryton nets nothing in it: what is assigned or ordered
      is still in it, also what was received but not put away yet.
    - `unsellable` is the same of the locations that the settings name; without any it is 0.
    - `allocated` is what draft and assigned moves take out to where no warehouse is: customers, production,
      suppliers, lost and found. Picking within a warehouse is nothing. What leaves an unsellable location is
      no second time allocated. Goods that left with the date of a day to come are still in Tryton's quantity,
      so they are here until then.
    - `transfer_out` is what such moves take to another warehouse, also one that is not counted, or into
      transit. A transfer that is only requested (state staging) is nothing, as in Tryton's own forecast.
    - `in_air` is what internal shipments have sent and not delivered, booked on the warehouse that sent it.
    - `locked` and `virtual` are 0: what is on order at suppliers is not counted.

    Kits are left out, since their parts are what is stocked: make them bundles. Where a quantity is below 0,
    as Tryton allows, nothing is on hand and what is missing is allocated, so that the net stays what it is.

    A snapshot contains the sales that Tryton has turned into moves, which it does when it processes a
    confirmed sale. A quotation, or a sale that still waits to be processed, is in none. Which orders of a
    shop these are is not told.

    Promises are read before counts, and products whose moves changed meanwhile are read again. A delta holds
    the products that moved or changed since; a draft move that was deleted leaves no trace, so its units stay
    hidden until the next full reading, and a product that was deactivated stays until then too.
    """

    def __init__(self, settings: TrytonSettings, name: str, http: HttpClient) -> None:
        self._settings = settings
        self._name = name
        self._client = TrytonClient(settings, name, http)
        self._overlap = timedelta(seconds=settings.overlap)

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        """Return what changed since `cursor`, or all where it is empty, not ours, or of other settings.

        Raises:
            PortError: a call failed, or the settings name what Tryton does not have.
        """
        queries = await self._queries(now)
        places = await self._places(queries)
        scope = scope_of(self._settings.url, self._settings.database, queries.company, *places.told())
        before = Cursor.read(cursor)
        before = before if before is not None and before.scope == scope else None
        reading = Reading(queries, places, today=await queries.today())
        moment = from_time(before.time if before else await self._newest(queries), self._overlap)
        stamps = await reading.stamps(moment)
        finding, kind = await self._finding(reading, stamps, moment, before)
        after = Cursor.after(
            stamps, scope=scope, at_least=before.time if before else BEGINNING, overlap=self._overlap
        )
        # A catalogue of many thousand rows would stop the event loop.
        return await asyncio.to_thread(
            composed, finding, places, name=self._name, as_of=now, kind=kind, cursor=str(after)
        )

    async def _finding(
        self, reading: Reading, stamps: Stamps, moment: datetime, before: Cursor | None
    ) -> tuple[Finding, SnapshotKind]:
        if before is None:
            return await reading.everything(moment=moment, before=stamps), SnapshotKind.FULL
        touched = stamps.touched(before.seen)
        if not touched:
            return Finding(codes={}, figures={}), SnapshotKind.DELTA
        return await reading.some(touched, moment=moment, before=stamps), SnapshotKind.DELTA

    async def _newest(self, queries: Queries) -> datetime:
        """Return when something moved last; without any move all products are taken for new."""
        return await queries.newest("stock.move") or BEGINNING

    async def _queries(self, now: datetime) -> Queries:
        """Return the questions, for the company of the settings or else the user's own."""
        answer = await self._client.call("model.res.user.get_preferences", True, {}, now=now)
        with expecting(self._name):
            own, others = answer.get("company"), answer.get("companies") or ()
            company = self._settings.company or own
            # Of a company that is not the user's every quantity is 0.0, without an error.
            if company is None or (company != own and company not in others):
                raise PortError(Kind.REJECTED, f"{self._name}: {self._companies(company, own, others)}")
        return Queries(
            client=self._client, source=self._name, company=company, page=self._settings.page, now=now
        )

    def _companies(self, company: object, own: object, others: object) -> str:
        if company is None:
            return f"the user {self._settings.user} works for no company in Tryton; give it one"
        known = sorted({each for each in (own, *_list(others)) if isinstance(each, int)})
        return f"company {company} is none of the user's in Tryton ({', '.join(map(str, known)) or 'none'})"

    async def _places(self, queries: Queries) -> Places:
        rows = await queries.rows(_LOCATION, [_ALL], tree.FIELDS)
        with expecting(self._name):
            return placed(
                rows,
                source=self._name,
                wanted=self._settings.wanted(),
                unsellable=self._settings.unsellable,
            )


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
