"""How requests and the ledger are asked and written."""

from datetime import datetime
from typing import Any

from sqlalchemy import Delete, Select, and_, case, delete, func, insert, or_, select
from sqlalchemy import update as change

from syncd.adapters.state import schema
from syncd.adapters.state.codec import micros
from syncd.adapters.state.transaction import Transaction
from syncd.domain.model import Cause, SourceName
from syncd.errors import StateError

_GUARDED = (Cause.SNAPSHOT.value, Cause.CONFIG.value)


def unrouted_of(source: SourceName) -> Delete:
    """Return the statement that forgets a source's unrouted allocations."""
    return delete(schema.unrouted).where(schema.unrouted.c.source == source)


def all_moves() -> Delete:
    """Return the statement that forgets all units on their way."""
    return delete(schema.moves)


def all_extras() -> Delete:
    """Return the statement that forgets what was sold on `extra`."""
    return delete(schema.extras)


def guarded_since(since: datetime) -> Select[Any]:
    """Return the query for `Store.guarded`.

    A counter that was not known before counts as if it had been above 0 and as raised from 0: the guard then
    holds too early, never too late.
    """
    row = schema.ledger.c
    to_zero = and_(row.what == "counter", row.new == 0, or_(row.old.is_(None), row.old > 0))
    off = and_(row.what == "on_sale", row.new == 0, or_(row.old.is_(None), row.old != 0))
    rise = row.new - func.coalesce(row.old, 0)
    return (
        select(
            row.shop,
            func.count(case((or_(to_zero, off), row.listing)).distinct()),
            func.coalesce(func.sum(case((and_(row.what == "counter", rise > 0), rise))), 0),
        )
        .where(row.at >= micros(since), row.cause.in_(_GUARDED), row.what.in_(("counter", "on_sale")))
        .group_by(row.shop)
        .order_by(row.shop)
    )


def ask(transaction: Transaction, *, verb: str, argument: str, at: datetime, by: str) -> int:
    """Leave a request and return its id."""
    return transaction.run_insert(
        insert(schema.requests).values(
            verb=verb, argument=argument, asked_at=micros(at), asked_by=by, answer=""
        )
    )


def answer(transaction: Transaction, request: int, text: str) -> None:
    """Answer a request; one that was never asked is an error."""
    if not text:
        raise ValueError("an empty answer means that there is none")
    table = schema.requests
    if not transaction.run(change(table).where(table.c.id == request).values(answer=text)):
        raise StateError(f"request {request} is not in the state; it was purged or never asked")
