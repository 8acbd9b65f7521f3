"""How plans, intents and proofs are written."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete

from syncd.adapters.state import schema
from syncd.adapters.state.codec import FLAGS, micros
from syncd.adapters.state.database import Database
from syncd.adapters.state.rows import DESIRE, HELD, INTENTS, LISTINGS, PROVE, SAVED_HELD, SETTLE, SavedHeld
from syncd.adapters.state.transaction import Transaction
from syncd.domain.records import HeldRow, IntentRow, Resolution
from syncd.errors import StateError
from syncd.ports.store import Desired, Proof

_KEPT = timedelta(days=1)
_LEAST_BEGINNING = 8


def desire(transaction: Transaction, desired: Sequence[Desired]) -> None:
    """Set what listings should read; one that is not known is an error."""
    changed = transaction.each(
        DESIRE, desired, lambda item: (item.desired, FLAGS[item.want_off], item.shop, item.listing)
    )
    if changed != len(desired):
        _refuse_unknown(transaction, desired)


def prove(transaction: Transaction, proofs: Sequence[Proof]) -> None:
    """Set what listings can read; one that is not known is an error: its interval would be lost."""
    changed = transaction.each(
        PROVE,
        proofs,
        lambda proof: (
            proof.expected_lo,
            proof.expected_hi,
            FLAGS[proof.on_sale],
            proof.delisted_by,
            proof.shop,
            proof.listing,
        ),
    )
    if changed != len(proofs):
        _refuse_unknown(transaction, proofs)


def _refuse_unknown(transaction: Transaction, items: Sequence[Desired] | Sequence[Proof]) -> None:
    keys = [(item.shop, item.listing) for item in items]
    missing = transaction.first_missing(LISTINGS.find, keys, lambda key: key)
    if missing is not None:
        shop, listing = missing
        raise StateError(f"shop {shop}: listing {listing} is not in the state; save it first")


def settle(transaction: Transaction, intents: Sequence[IntentRow]) -> None:
    """Set how intents ended; one that was never opened is an error."""
    if transaction.each(SETTLE, intents, _ending) == len(intents):
        return
    missing = transaction.first_missing(INTENTS.find, intents, lambda row: (row.key,))
    if missing is not None:
        raise StateError(
            f"shop {missing.shop}: intent {missing.key} for listing {missing.listing} was never opened"
        )


def _ending(row: IntentRow) -> tuple[int | None, str, str, str]:
    sent_at = None if row.sent_at is None else micros(row.sent_at)
    return sent_at, Resolution(row.resolution).value, row.message, row.key


def hold(transaction: Transaction, held: Sequence[HeldRow], at: datetime) -> None:
    """Replace what is held under the digests of `held`; drop digests a day old."""
    table = schema.held
    digests = {row.digest for row in held}
    transaction.run(
        delete(table).where((table.c.saved_at <= micros(at - _KEPT)) | table.c.digest.in_(sorted(digests)))
    )
    transaction.put(SAVED_HELD, [SavedHeld(*row, at) for row in held])


async def held_under(database: Database, digest: str) -> Sequence[HeldRow]:
    """Return what is held under a digest or its beginning; empty where that fits several."""
    exact = await database.few.rows(HELD, "WHERE digest = ? ORDER BY shop, listing, direction", (digest,))
    if exact or len(digest) < _LEAST_BEGINNING:
        return exact
    rows = await database.few.rows(
        HELD,
        "WHERE substr(digest, 1, length(?)) = ? ORDER BY shop, listing, direction",
        (digest, digest),
    )
    return rows if len({row.digest for row in rows}) == 1 else []
