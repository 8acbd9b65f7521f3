"""A carry that doubts itself: whatever it decides is decided on once more, with all that the state knows."""

from dataclasses import replace

from syncd.domain.book import State
from syncd.domain.decision import Decision, Question, decide
from syncd.domain.model import Change, ListingId, ListingRow, ShopName
from syncd.domain.policy import Stop
from syncd.services.carry import Carry
from syncd.services.intake import Taken
from syncd.services.readings import Observed

Key = tuple[ShopName, ListingId]


class Doubting(Carry):
    """Raises `AssertionError` where a decision on news is not the one on everything; counts those on news."""

    decided = 0

    async def after(
        self, state: State, question: Question, observed: Observed, taken: Taken
    ) -> Decision | None:
        found = await super().after(state, question, observed, taken)
        if found is None:
            return None
        type(self).decided += 1
        whole = decide(await self._all(state, observed, taken), question)
        mine, all_ = _changes(found), _changes(whole)
        assert mine == all_, f"of news: {mine}\nof everything: {all_}"
        assert found.digest == whole.digest
        return found

    async def _all(self, state: State, observed: Observed, taken: Taken) -> State:
        store = self._store
        rows: dict[Key, ListingRow] = {(row.shop, row.id): row for row in await store.listings()}
        for reading in observed.readings:
            open_ = {intent.listing for intent in reading.open}
            mine = [row for row in reading.rows if row.id in reading.changed or row.id in open_]
            rows |= {(row.shop, row.id): row for row in mine}
        return replace(
            state,
            stock=await store.stock(),
            listings=taken.moved([row for _, row in sorted(rows.items())]),
            shares=await store.shares(),
            levels=await store.levels(),
            demand=await store.demand() if self._has_shares else (),
        )


def _changes(decision: Decision) -> list[tuple[Change, Stop]]:
    going = [(change, Stop.GO) for change in decision.plan.where(decision.stop == Stop.GO).changes()]
    return sorted([*going, *decision.stopped()], key=lambda one: (one[0].shop, one[0].listing))
