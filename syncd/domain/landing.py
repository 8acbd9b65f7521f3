"""Units on their way that have arrived: their taking was proven and the raise that gives them is done."""

from dataclasses import dataclass

import numpy as np

from syncd.domain.book import NOTHING, Book
from syncd.domain.model import Bools, Ints
from syncd.domain.plan import Plan
from syncd.domain.records import LedgerRow, MoveRow, ShareRow
from syncd.domain.virtual.history import arrival
from syncd.domain.virtual.pools import share_row


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """What the state must learn of units that arrived; `moves` are all that are still on their way."""

    shares: tuple[ShareRow, ...]
    moves: tuple[MoveRow, ...]
    ledger: tuple[LedgerRow, ...]


def landed(plan: Plan, done: Bools) -> Landed | None:
    """Return what arrived with the changes that are `done`, None where nothing did.

    Units have arrived where a listing of the shop was raised and none that draws on the SKU waits any more.
    Told at once, or a sale of the next minute would look like one of units that never came.
    """
    figures = plan.figures
    book, virtual, shop = figures.book, figures.virtual, figures.rules.shop
    raised = _drawn(book, plan.listing[done & plan.raising])
    waits = _drawn(book, plan.listing[~done])
    here = np.argwhere((virtual.arriving > 0) & raised[shop] & ~waits[shop]).tolist()
    if not here:
        return None
    shares = tuple(share_row(book, virtual, edge, sku, figures.shares.base) for edge, sku in here)
    ledger: list[LedgerRow] = []
    left = list(virtual.moves)
    for row, (edge, sku) in zip(shares, here, strict=True):
        came = [move for move in left if (move.pool, move.given_to, move.sku) == row[:3]]
        left = [move for move in left if move not in came]
        ledger += arrival(book, came, row.units - int(virtual.arriving[edge, sku]))
    return Landed(shares=shares, moves=tuple(left), ledger=tuple(ledger))


def _drawn(book: Book, listings: Ints) -> Bools:
    """Return by (shop, sku) whether one of `listings` draws on it."""
    draws = book.draws
    chosen = np.isin(draws.listing, listings) & (draws.sku != NOTHING)
    found = np.zeros((len(book.topology.shops), len(book.skus)), dtype=np.bool_)
    found[draws.shop[chosen], draws.sku[chosen]] = True
    return found
