"""The stock of every SKU, and of one the whole way of its number: a chart, words, listings and history.

The address of a SKU has its code as a parameter: as a part of the path `..` or `a/b` would be another page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from syncd.console.access import Role, needs
from syncd.console.pages.asking import asked_of, text_of
from syncd.console.pages.charts.steps import plot
from syncd.console.pages.charts.waterfall import waterfall
from syncd.console.pages.frame import PARTS, Json, Page, shown
from syncd.domain.model import Sku

_EVENTS = ("cycle_ended", "lowered", "changed", "pushed", "held", "obeyed", "low_stock", "oversold")
_TABLE = Page(template="stock.html", place="/stock", events=_EVENTS)
_ONE = Page(template="sku.html", place="/stock", events=_EVENTS)


@needs(Role.VIEWER)
async def stock(request: web.Request) -> web.Response:
    """Show the SKUs with what every shop shows of them."""
    desk, asked = request.app[PARTS].desk, asked_of(request)
    found = await desk.stock(asked)
    overview = await desk.overview()
    order = [shop["shop"] for shop in overview["shops"]]
    here = {shop["shop"] for item in found["items"] for shop in item["shops"]}
    context = {
        "stock": found,
        "asked": asked,
        "shops": [name for name in order if name in here],
        "pools": [pool["pool"] for pool in overview["pools"]],
    }
    return await shown(request, _TABLE, context)


@needs(Role.VIEWER)
async def sku(request: web.Request) -> web.Response:
    """Show why the numbers of one SKU or bundle are what they are."""
    parts = request.app[PARTS]
    code = Sku(text_of(request.query, "code"))
    explained = await parts.desk.explain(code)
    history = await parts.desk.history(code)
    is_bundle = "components" in explained
    context: Json = {
        "sku": code,
        "explained": explained,
        "is_bundle": is_bundle,
        "bars": [] if is_bundle else waterfall(explained),
        "ways": {name: list(_ways(entry, explained)) for name, entry in explained["shops"].items()},
        "listings": [
            row | {"shop": name} for name, entry in explained["shops"].items() for row in entry["listings"]
        ],
        "plot": plot(_told(history), parts.now()),
    }
    return await shown(request, _ONE, context)


def _ways(entry: Json, explained: Json) -> Iterator["Way"]:
    """Yield the ways from the pools that know the SKU; the others have nothing of it to give."""
    pools = explained.get("pools", {})
    return (way for way in ways(entry) if pools.get(way.pool, {}).get("known"))


_FEW, _MOST = 4, 8
"""So many lines can be told apart well, and so many at all, by colours and dashes."""


def _told(history: Json) -> Json:
    """Return what every listing should have shown, and where few lines are drawn also what it did show."""
    desired, counter, share = (
        [one for one in history["series"] if one["what"] == what] for what in ("desired", "counter", "share")
    )
    chosen = desired or counter or share
    for more in (counter, share):
        if more is not chosen and len(chosen) + len(more) <= _FEW:
            chosen = [*chosen, *more]
    return history | {"series": chosen[:_MOST]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a shop's shaping: what it left, by which rule, and by how much it changed the figure."""

    name: str
    value: int
    rule: str
    change: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What one pool gives a shop, step by step."""

    pool: str
    steps: list[Step]

    @property
    def told(self) -> list[Step]:
        """Return the steps that a sentence needs: where it begins, and what changed it."""
        told = {"available", "base"}
        return [step for step in self.steps if step.name in told or (step.change and step.name != "rest")]


def ways(entry: Mapping[str, Any]) -> Iterator[Way]:
    """Yield the steps of a shop by pool: up to `rest` they are the pool's, from `base` on its own."""
    by_pool: dict[str, list[Step]] = {}
    for step in entry.get("steps", ()):
        pool, _, name = step["name"].rpartition(".")
        mine = by_pool.setdefault(pool, [])
        value = step["value"]
        # What is held back is an amount of its own, not what is left after it.
        is_figure = name not in {"locks", "held", "reserve"}
        before = next((s.value for s in reversed(mine) if s.name not in {"locks", "held", "reserve"}), value)
        change = value - before if is_figure else -value
        mine.append(Step(name=name, value=value, rule=step["rule"], change=change))
    for pool, steps in by_pool.items():
        yield Way(pool=pool, steps=steps)
