"""How locks and their uses are written."""

from collections.abc import Sequence

from sqlalchemy import insert

from syncd.adapters.state import schema
from syncd.adapters.state.rows import LEDGER, LOCKS, USES
from syncd.adapters.state.transaction import Transaction
from syncd.domain.records import LedgerRow, LockRow, UseRow
from syncd.errors import StateError


def add(transaction: Transaction, row: LockRow, ledger: Sequence[LedgerRow]) -> int:
    """Insert a lock under the next id, which is returned, and what the ledger says of it."""
    values = dict(zip(LOCKS.fields, LOCKS.encoder()(row), strict=True))
    del values["id"]
    added = row._replace(id=transaction.run_insert(insert(schema.locks).values(values)))
    transaction.add(LEDGER, [entry._replace(rule=added.rule) for entry in ledger])
    return added.id


def change(transaction: Transaction, rows: Sequence[LockRow]) -> None:
    """Replace locks by their ids; one that is not there is an error."""
    if not transaction.replace(LOCKS, rows):
        names = ", ".join(str(row.id) for row in rows)
        raise StateError(f"nothing was written, not all of these locks are in the state: {names}")


def use(transaction: Transaction, rows: Sequence[UseRow]) -> None:
    """Upsert what claims used of locks; without units there is no use."""
    transaction.drop(USES, [row for row in rows if not row.units])
    transaction.put(USES, [row for row in rows if row.units])
