"""The order lines in memory."""

from collections.abc import Sequence
from datetime import datetime

from syncd.domain.model import ShopName
from syncd.domain.records import OrderRow


class Orders:
    """The newest version of every line; rows are checked before they come here."""

    def __init__(self) -> None:
        self._rows: dict[ShopName, dict[str, OrderRow]] = {}
        self._children: dict[tuple[ShopName, str], set[str]] = {}

    def all(self, shop: ShopName | None) -> list[OrderRow]:
        """Return all lines (of one shop), sorted by shop and line."""
        shops = self._rows if shop is None else [shop]
        rows = (row for name in shops for row in self._rows.get(name, {}).values())
        return sorted(rows, key=lambda row: (row.shop, row.line))

    def named(self, shop: ShopName, lines: Sequence[str]) -> list[OrderRow]:
        """Return the lines named in `lines` and those that replace one of them, sorted by line."""
        mine = self._rows.get(shop, {})
        found = set(lines).union(*(self._children.get((shop, line), ()) for line in lines))
        return [mine[line] for line in sorted(found) if line in mine]

    def keep(self, rows: Sequence[OrderRow]) -> None:
        """Upsert lines by (shop, line)."""
        for row in rows:
            self._rows.setdefault(row.shop, {})[row.line] = row
            if row.replaces:
                self._children.setdefault((row.shop, row.replaces), set()).add(row.line)

    def purge(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` settled lines that changed last before that; return how many went."""
        old = [row for row in self.all(None) if row.settled and row.modified < before][:limit]
        for row in old:
            del self._rows[row.shop][row.line]
        return len(old)
