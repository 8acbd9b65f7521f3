"""The questions that are put to Tryton; each one that asks for counts names its locations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from syncd.adapters.http import expecting
from syncd.adapters.sources.tryton.client import TrytonClient
from syncd.adapters.sources.tryton.values import day, sent, stamp
from syncd.errors import Kind, PortError

Row = Mapping[str, Any]
Domain = Sequence[object]

_COUNT = "quantity"
_TIMES = ("create_date", "write_date")


def counting_context(company: int, locations: Sequence[int]) -> dict[str, object]:
    """Return the context of a read of counts, for all that is in or below `locations`.

    Tryton answers 0.0 and no error where a context has no locations or no company of the user.

    Raises:
        ValueError: there is no location.
    """
    if not locations:
        raise ValueError("counts without a location are all 0.0")
    return {"company": company, "locations": list(locations), "with_childs": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Queries:
    """Asks for one company's records, in pages of `page` that follow the last id, so that nothing shifts."""

    client: TrytonClient
    source: str
    company: int
    page: int
    now: datetime

    async def today(self) -> date:
        """Return the day it is for the company, which is the one that counts are of."""
        answer = await self._ask("model.ir.date.today", self._context)
        with expecting(self.source):
            return day(answer)

    async def rows(self, model: str, domain: Domain, fields: Iterable[str]) -> list[Row]:
        """Return all records of `domain`.

        Raises:
            PortError: a page failed, or is none.
        """
        found: list[Row] = []
        last = 0
        while True:
            asked = [*domain, ["id", ">", last]]
            page = await self._page(model, asked, fields, self._context)
            found += page
            if len(page) < self.page:
                return found
            last = page[-1]["id"]

    async def rows_of(
        self, model: str, key: str, ids: Iterable[int], domain: Domain, fields: Iterable[str]
    ) -> list[Row]:
        """Return the records of `domain` whose `key` is one of `ids`, however many these are."""
        named = tuple(fields)
        found: list[Row] = []
        for some in self._chunks(ids):
            found += await self.rows(model, [[key, "in", some], *domain], named)
        return found

    async def counts(self, ids: Iterable[int], locations: Sequence[int]) -> dict[int, object]:
        """Return what lies in or below `locations` of each product; one that is gone is not there."""
        context = counting_context(self.company, locations)
        found: dict[int, object] = {}
        for some in self._chunks(ids):
            page = await self._page("product.product", [["id", "in", some]], [_COUNT], context)
            with expecting(self.source):
                found |= {row["id"]: row[_COUNT] for row in page}
        return found

    async def number(self, model: str, domain: Domain) -> int:
        """Return how many records of `domain` there are."""
        answer = await self._ask(f"model.{model}.search_count", domain, 0, None, self._context)
        if isinstance(answer, bool) or not isinstance(answer, int):
            raise PortError(Kind.UNKNOWN, f"{self.source}: model.{model}.search_count: it is no number")
        return answer

    async def newest(self, model: str) -> datetime | None:
        """Return when one of the company's records was made or written last; None if there is none."""
        times: list[datetime] = []
        for name in _TIMES:
            domain = [["company", "=", self.company], [name, "!=", None]]
            rows = await self._search_read(model, domain, 1, [[name, "DESC"]], [name], self._context)
            with expecting(self.source):
                times += [time for row in rows if (time := stamp(row[name])) is not None]
        return max(times, default=None)

    @property
    def _context(self) -> dict[str, object]:
        return {"company": self.company}

    def _chunks(self, ids: Iterable[int]) -> list[list[int]]:
        every = sorted(ids)
        return [every[start : start + self.page] for start in range(0, len(every), self.page)]

    async def _page(
        self, model: str, domain: Domain, fields: Iterable[str], context: Mapping[str, object]
    ) -> list[Row]:
        return await self._search_read(model, domain, self.page, [["id", "ASC"]], fields, context)

    async def _search_read(  # noqa: PLR0917 - the order is Tryton's
        self,
        model: str,
        domain: Domain,
        limit: int,
        order: Domain,
        fields: Iterable[str],
        context: Mapping[str, object],
    ) -> list[Row]:
        method = f"model.{model}.search_read"
        answer = await self._ask(method, domain, 0, limit, order, list(fields), context)
        if not isinstance(answer, list) or not all(_is_row(row) for row in answer):
            raise PortError(Kind.UNKNOWN, f"{self.source}: {method}: the answer is no list of records")
        return answer

    async def _ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 - JSON is anything
        return await self.client.call(method, *params, now=self.now)


def since(moment: datetime, *, names: Sequence[str]) -> list[object]:
    """Return the part of a domain that finds what was made or written at `moment` or later."""
    return ["OR", *([name, ">=", sent(moment)] for name in names)]


def _is_row(row: object) -> bool:
    return isinstance(row, dict) and isinstance(row.get("id"), int)
