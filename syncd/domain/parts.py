"""What one unit of a listing is made of, as text that stays with an order line."""

import json
from collections.abc import Mapping

from syncd.domain.model import ListingRow, Sku
from syncd.domain.topology import Topology


def components(row: ListingRow, topology: Topology) -> list[tuple[Sku, int]]:
    """Return the SKUs in one unit of a listing with their units; none while it is unbound."""
    if not row.sku:
        return []
    bundle = next((bundle for bundle in topology.bundles if bundle.sku == row.sku), None)
    parts = bundle.components if bundle else {row.sku: 1}
    return [(sku, units * row.units) for sku, units in parts.items()]


def text_of(parts: Mapping[Sku, int]) -> str:
    """Return the parts as text, the same for the same parts; empty for none."""
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if parts else ""


def parts_of(text: str) -> dict[Sku, int]:
    """Return the parts that `text_of` wrote; none for an empty text."""
    return {Sku(sku): int(units) for sku, units in json.loads(text).items()} if text else {}
