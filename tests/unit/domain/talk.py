"""A state that changes from one cycle to the next, decided on as a whole and by what is new."""

from dataclasses import replace
from typing import Any

import numpy as np

from syncd.domain.book import NOTHING, State
from syncd.domain.decision import Decision, Question, decide
from syncd.domain.model import ListingRow
from syncd.domain.records import LevelRow
from syncd.domain.standing import News, Standing
from syncd.domain.virtual.pools import share_rows
from syncd.services.recording import changed_levels
from tests.unit.domain.cases import NOW


class Talk:
    """One state that changes, decided on as a whole and by what is new."""

    def __init__(self, state: State, question: Question) -> None:
        self.question = question
        self.state = state
        self.standing = Standing(decide(state, question), question)

    def hear(self, state: State) -> Decision | None:
        """Return the small decision about a state, from the rows in which it is another."""
        news = News(
            state=state,
            question=self.question,
            stock=_new(self.state.stock, state.stock),
            listings=_new(self.state.listings, state.listings),
            shares=_new(self.state.shares, state.shares),
            levels=_new(self.state.levels, state.levels),
            dropped=[row for row in self.state.levels if row[:3] not in {new[:3] for new in state.levels}],
            demand=_new(self.state.demand, state.demand),
        )
        self.state = state
        return self.standing.after(news)


def _new(before: Any, after: Any) -> list[Any]:  # noqa: ANN401 - rows of any kind
    known = set(before)
    return [row for row in after if row not in known]


def recorded(state: State, decision: Decision) -> State:
    """Return the state after everything went out and was recorded."""
    plan, figures = decision.plan, decision.plan.figures
    names = plan.book.listings.names(np.arange(len(plan.desired)))
    at = {name: place for place, name in enumerate(names)}
    unlisted = set(plan.book.listings.names(plan.listing[plan.unlist]))
    keep, drop = changed_levels(figures)
    shares = {row[:3]: row for row in state.shares}
    shares |= {row[:3]: row for row in share_rows(plan.book, figures.virtual, figures.shares.base)}
    demand = {row[:2]: row for row in (*state.demand, *figures.virtual.demand)} if state.demand else {}
    levels: dict[Any, LevelRow] = {row[:3]: row for row in state.levels}
    levels |= {row[:3]: row for row in keep}
    return replace(
        state,
        listings=[
            _reads(row, decision, at[row[:2]], is_unlisted=row[:2] in unlisted) if row[:2] in at else row
            for row in state.listings
        ],
        levels=[row for key, row in levels.items() if key not in {gone[:3] for gone in drop}],
        shares=list(shares.values()),
        demand=list(demand.values()),
        extras=figures.virtual.extras.rows,
        moves=figures.virtual.moves,
        sold={},
    )


def _reads(row: ListingRow, decision: Decision, at: int, *, is_unlisted: bool) -> ListingRow:
    units, off = int(decision.plan.desired[at]), bool(decision.plan.figures.listings.off[at])
    if units == NOTHING or row.expected_hi is None:
        return row
    # One that only reads 0 is still on sale, where its whole item would have gone with it.
    is_told = not off or is_unlisted
    return row._replace(
        expected_lo=units,
        expected_hi=units,
        observed=units,
        observed_at=NOW,
        desired=units,
        want_off=off,
        on_sale=not off if is_told else row.on_sale,
        delisted_by=("syncd" if off else "") if is_told else row.delisted_by,
    )
