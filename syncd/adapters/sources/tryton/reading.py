"""One reading of Tryton: promises before counts, and once more what moved in between."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from syncd.adapters.http import expecting
from syncd.adapters.sources.tryton import moves
from syncd.adapters.sources.tryton.moves import Promised, internal_shipment, is_in_the_air, promised
from syncd.adapters.sources.tryton.places import Places
from syncd.adapters.sources.tryton.queries import Queries, Row, since
from syncd.adapters.sources.tryton.stamps import Stamps
from syncd.adapters.sources.tryton.values import sent

MOST_REREADINGS = 3

_GOODS = (["type", "=", "goods"], ["active", "=", True], ["code", "!=", None])
_PRODUCT = "product.product"
_MOVE = "stock.move"
_TIMES = ("create_date", "write_date")
_PRODUCT_TIMES = (*_TIMES, "template.write_date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was read of some products: the promises first, then what lies where, by warehouse."""

    promised: Promised = field(default_factory=Promised)
    on_hand: Mapping[int, Mapping[int, object]] = field(default_factory=dict)
    unsellable: Mapping[int, Mapping[int, object]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a reading came to: the code of every product, where its figures stand, and what is doubtful."""

    codes: Mapping[int, str]
    figures: Mapping[int, Figures]
    restless: frozenset[int] = frozenset()
    doubt: str = ""


class Reading:
    """Reads products, all warehouses of each; `today` is Tryton's own day."""

    def __init__(self, queries: Queries, places: Places, *, today: date) -> None:
        self._queries = queries
        self._places = places
        self._today = today

    async def stamps(self, moment: datetime) -> Stamps:
        """Return what was made or written at `moment` or later."""
        company = ["company", "=", self._queries.company]
        moved = await self._queries.rows(_MOVE, [company, since(moment, names=_TIMES)], ("product", *_TIMES))
        changed = await self._queries.rows(_PRODUCT, [since(moment, names=_PRODUCT_TIMES)], _PRODUCT_TIMES)
        with expecting(self._queries.source):
            return Stamps.of(moved, changed)

    async def everything(self, *, moment: datetime, before: Stamps) -> Finding:
        """Return all goods; doubtful if Tryton counts more of them than it listed."""
        rows = await self._queries.rows(_PRODUCT, _GOODS, ("code",))
        there = await self._queries.number(_PRODUCT, _GOODS)
        doubt = f"Tryton listed {len(rows)} products of {there}" if there > len(rows) else ""
        return await self._settled(_codes(rows), moment=moment, before=before, doubt=doubt, whole=True)

    async def some(self, ids: Iterable[int], *, moment: datetime, before: Stamps) -> Finding:
        """Return those of the products that are goods."""
        rows = await self._queries.rows_of(_PRODUCT, "id", ids, _GOODS, ("code",))
        return await self._settled(_codes(rows), moment=moment, before=before)

    # --- figures -------------------------------------------------------------------------------------------

    async def _settled(
        self,
        codes: Mapping[int, str],
        *,
        moment: datetime,
        before: Stamps,
        doubt: str = "",
        whole: bool = False,
    ) -> Finding:
        """Return the figures, read again as long as moves change while they are read.

        A transfer that is sent and received between two counts would show its units in both warehouses.
        """
        once = await self._figures(codes, whole=whole)
        figures = dict.fromkeys(codes, once)
        restless: set[int] = set()
        for reread in range(MOST_REREADINGS + 1):
            after = await self.stamps(moment)
            restless = after.moved_since(before) & codes.keys()
            if not restless or reread == MOST_REREADINGS:
                break
            again = await self._figures(restless, whole=False)
            figures |= dict.fromkeys(restless, again)
            before = after
        return Finding(codes=codes, figures=figures, restless=frozenset(restless), doubt=doubt)

    async def _figures(self, ids: Iterable[int], *, whole: bool) -> Figures:
        """Return the figures of products; a shipment in between can only make them too low."""
        wanted = sorted(ids)
        taken = await self._promised(wanted, whole=whole)
        on_hand = {each.id: await self._queries.counts(wanted, [each.id]) for each in self._places.counted}
        unsellable = {
            each.id: await self._queries.counts(wanted, each.unsellable)
            for each in self._places.counted
            if each.unsellable
        }
        return Figures(promised=taken, on_hand=on_hand, unsellable=unsellable)

    async def _promised(self, ids: list[int], *, whole: bool) -> Promised:
        """Return what open moves take, those that are done with a date to come among them.

        Tryton's counts are those of today: goods that left with the date of tomorrow are still in them.
        """
        later = [["state", "=", "done"], ["effective_date", ">", sent(self._today)]]
        domain = [
            ["company", "=", self._queries.company],
            ["OR", ["state", "in", ["draft", "assigned"]], later],
        ]
        if whole:
            rows = await self._queries.rows(_MOVE, domain, moves.FIELDS)
        else:
            rows = await self._queries.rows_of(_MOVE, "product", ids, domain, moves.FIELDS)
        with expecting(self._queries.source):
            senders = await self._senders(rows)
            return promised(rows, places=self._places, senders=senders)

    async def _senders(self, rows: Iterable[Row]) -> dict[int, int]:
        """Return the warehouse of every internal shipment among the moves that has been sent."""
        ids = {internal_shipment(row) for row in rows if is_in_the_air(row, self._places)} - {None}
        domain = [["state", "=", "shipped"]]
        known = [each for each in ids if each is not None]
        sent_ones = await self._queries.rows_of(moves.INTERNAL, "id", known, domain, ("from_location",))
        homes = self._places.homes
        return {row["id"]: home for row in sent_ones if (home := homes.get(row["from_location"])) is not None}


def _codes(rows: Iterable[Row]) -> dict[int, str]:
    """Return the code of each product; one of blanks only is none."""
    return {row["id"]: row["code"] for row in rows if str(row.get("code") or "").strip()}
