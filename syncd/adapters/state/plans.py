"""How plans, intents and proofs are written."""

from collections.abc import Sequence
from typing import Any

from syncd.adapters.state.codec import FLAGS, micros
from syncd.adapters.state.rows import DESIRE, INTENTS, LISTINGS, PROVE, SETTLE
from syncd.adapters.state.transaction import Transaction
from syncd.domain.records import IntentRow, Resolution
from syncd.errors import StateError
from syncd.ports.store import Desired, Proof


def desire(transaction: Transaction, desired: Sequence[Desired]) -> None:
    """Set what listings should read; one that is not known is an error."""
    changed = transaction.each(
        DESIRE, desired, lambda item: (item.desired, FLAGS[item.want_off], item.shop, item.listing)
    )
    if changed != len(desired):
        _refuse_unknown(transaction, desired)


def prove(transaction: Transaction, proofs: Sequence[Proof]) -> None:
    """Set what listings can read; one that is not known is an error: its interval would be lost."""
    changed = transaction.each(PROVE, proofs, _proven)
    if changed != len(proofs):
        _refuse_unknown(transaction, proofs)


def _proven(proof: Proof) -> tuple[Any, ...]:
    shop, listing, lo, hi, on_sale, delisted_by = proof
    return lo, hi, FLAGS[on_sale], delisted_by, shop, listing


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
