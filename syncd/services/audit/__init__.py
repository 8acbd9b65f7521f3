"""Work out every published figure once more, and say where the state or a shop disagrees (DESIGN 7)."""

from syncd.services.audit.audit import Audit, Audited
from syncd.services.audit.facts import Ground
from syncd.services.audit.findings import Finding, Part
from syncd.services.audit.repairing import REPAIR, Repairing, stays

__all__ = ["REPAIR", "Audit", "Audited", "Finding", "Ground", "Part", "Repairing", "stays"]
