"""What a shop's orders mean: claims until a snapshot contains them, and moves of its counters (DESIGN 6)."""

from syncd.domain.model import Deducts
from syncd.domain.ordering.changes import Changes, News, Shift, changes_of, told
from syncd.domain.ordering.containment import Awaited, Awaits, awaited, owed, sources_of
from syncd.domain.ordering.lines import Line, Span, newest, occupying, off
from syncd.domain.ordering.rules import Occupies, OrderRules, Restores
from syncd.domain.ordering.taking import PREFIX, TakenIn, can_lapse, explain_rises, line_of, order_of, take_in
from syncd.domain.parts import parts_of

__all__ = [
    "PREFIX",
    "Awaited",
    "Awaits",
    "Changes",
    "Deducts",
    "Line",
    "News",
    "Occupies",
    "OrderRules",
    "Restores",
    "Shift",
    "Span",
    "TakenIn",
    "awaited",
    "can_lapse",
    "changes_of",
    "explain_rises",
    "line_of",
    "newest",
    "occupying",
    "off",
    "order_of",
    "owed",
    "parts_of",
    "sources_of",
    "take_in",
    "told",
]
