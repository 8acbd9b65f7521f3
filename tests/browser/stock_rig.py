"""Documents about stock: a mug with everything that can be said of a number, and what it was."""

from collections.abc import Iterator
from typing import Any

from tests.browser.documents_rig import WAITS, at, ledger_rows

Json = dict[str, Any]


def stock_items() -> Iterator[Json]:
    """Yield 60 SKUs, among them every flag that there is."""
    flags = {
        0: ["held"],
        2: ["low"],
        3: ["off"],
        5: ["oversold", "off"],
        7: ["locked", "moving"],
        11: ["unknown"],
    }
    names = ("MUG-RED", "MUG-BLUE", "TEAPOT", "TEA-TIN-500G", "KETTLE", "SIEVE", "TRAY-BAMBOO", "CUP-4SET")
    for number in range(60):
        sku = names[number] if number < len(names) else f"SPARE-{number:04}"
        found = flags.get(number, [])
        available = None if "unknown" in found else 0 if "off" in found else 17 + number * 3
        yield {
            "sku": sku,
            "bundle": sku == "CUP-4SET",
            "available": None if sku == "CUP-4SET" else available,
            "claims": None if sku == "CUP-4SET" else number % 3,
            "pools": [],
            "shops": [_shown(name, available, "held" in found) for name in ("tmall", "jd", "pdd", "douyin")],
            "flags": found,
        }


def _shown(name: str, available: int | None, is_held: bool) -> Json:  # noqa: FBT001 - a rig
    share = None if available is None else available // 4
    reads = [6, 7] if is_held and name == "jd" else [share, share]
    return {
        "shop": name,
        "listings": 1,
        "quantity": share,
        "desired": share,
        "expected": None if share is None else reads,
        "off_sale": share == 0,
        "on_sale": True,
        "held_because": "held by the guard" if is_held else None,
    }


def _listing(name: str, desired: int, **other: Any) -> Json:  # noqa: ANN401 - any value of a document
    document: Json = {
        "listing": f"{abs(len(name)) + 7}40{desired}11",
        "code": f"1-MUG-RED{'-' + name if name == 'jd' else ''}",
        "units": 1,
        "desired": desired,
        "off_sale": False,
        "expected": [desired, desired],
        "observed": desired,
        "observed_at": at(seconds=24),
        "on_sale": True,
        "delisted_by": "",
        "rule": "pools.main weight",
        "open_intents": [],
        "held_because": None,
        "moved_by": [],
    }
    return document | other


def _entry(name: str, share: int, cap: int | None = None, **other: Any) -> Json:  # noqa: ANN401
    shown = share if cap is None else min(share, cap)
    figures = {"available": 41, "locks": 6, "reserve": 3, "rest": 32, "base": share, "percent": share}
    shaped = {"buffer": share, "cap": shown, "extra": shown, "floor": shown, "warning_level": shown}
    rules = {"locks": "locks.3", "base": "pools.main weight", "cap": f"shops.{name} cap = {cap or 'none'}"}
    steps = [
        {"name": f"main.{step}", "value": value, "rule": rules.get(step, f"pools.main {step}")}
        for step, value in (figures | shaped).items()
    ]
    document: Json = {
        "steps": steps,
        "quantity": share,
        "shares": {"main": share},
        "history": [],
        "sold_per_day": 3.2,
        "seen_within": 7.9,
        "lowered_within": 2.1,
        "advice": [],
        "desired": shown,
        "expected": [shown, shown],
        "as_of": at(seconds=24),
        "held_because": None,
        "listings": [_listing(name, shown)],
    }
    return document | other


def explained(sku: str = "MUG-RED") -> Json:
    """Return why a mug's numbers are what they are: two warehouses, claims, a lock, a cap."""
    parts = {
        "unsellable": 0,
        "locked": 0,
        "virtual": 0,
        "transfer_out": 0,
        "in_air": 0,
        "source": "erp",
        "note": "",
    }
    place = parts | {"as_of": at(seconds=61)}
    held = _entry("jd", 8, expected=[6, 7], held_because="held by the guard")
    held["listings"] = [_listing("jd", 8, expected=[6, 7], observed=7, held_because="held by the guard")]
    return {
        "sku": sku,
        "warehouses": {
            "hangzhou": place | {"on_hand": 40, "allocated": 9, "unsellable": 3, "net": 28},
            "shanghai": place
            | {"on_hand": 18, "allocated": 2, "locked": 3, "transfer_out": 4, "in_air": 2, "net": 11},
        },
        "pools": {"main": _pool()},
        "claims": 2,
        "available": 41,
        "shops": {
            "tmall": _entry("tmall", 14, 12),
            "jd": held,
            "pdd": _entry("pdd", 6),
            "douyin": _entry("douyin", 4),
            "ali_es": {
                "desired": None,
                "expected": None,
                "as_of": None,
                "held_because": None,
                "listings": [],
            },
        },
        "ledger": [_entry_of(row, sku) for row in list(ledger_rows())[:6]],
        "open_claims": [_claim()],
        "moving": [moving(sku)],
        "problems": [],
    }


def _pool() -> Json:
    return {
        "known": True,
        "on_hand": 58,
        "virtual": 5,
        "unrouted": 1,
        "claims": 2,
        "figure": 36,
        "available": 41,
        "held": 0,
        "reserve": 3,
        "rest": 32,
        "oversold": 0,
        "on_extra": 0,
        "backordered": 0,
        "overlocked": 0,
        "overtransferred": 0,
        "locked": 6,
        "locks_cut": 0,
        "unassigned": 0,
        "deficit": 0,
    }


def _claim() -> Json:
    return {
        "shop": "tmall",
        "presumed": False,
        "order": "2214907",
        "line": "2214907-1",
        "listing": "11401211",
        "units": 2,
        "since": at(seconds=80),
        "warehouse": "",
        "waits_for": [WAITS],
    }


def _entry_of(row: Json, sku: str) -> Json:
    return {name: value for name, value in row.items() if name != "id"} | {"sku": sku}


def bundle() -> Json:
    """Return a bundle with one component that no source knows."""
    shops_ = {"tmall": {"desired": 10, "expected": [10, 10], "as_of": at(seconds=24), "held_because": None}}
    shops_["tmall"]["listings"] = [_listing("tmall", 10, code="CUP-4SET")]
    components = {"CUP": explained("CUP") | {"units": 4}, "BOX": None}
    return {"sku": "CUP-4SET", "components": components, "shops": shops_, "problems": []}


def moving(sku: str = "MUG-RED") -> Json:
    """Return a unit on its way."""
    way = {"pool": "main", "sku": sku, "from": "douyin", "to": "tmall", "units": 1}
    return way | {"since": at(seconds=31), "expires": at(minutes=-9), "waits_for": ["the next cycle"]}


def history(sku: str = "MUG-RED") -> Json:
    """Return the last hours of a mug in three shops, a sale among them."""
    falls = {"tmall": (24, 22, 21, 20, 12), "jd": (15, 15, 12, 8, 8), "pdd": (6, 6, 5, 6, 6)}
    series = [
        {
            "shop": name,
            "listing": f"{len(name) + 7}4011",
            "what": "desired",
            "points": [
                [at(hours=9 - 2 * place, minutes=7 * len(name)), value] for place, value in enumerate(figures)
            ],
        }
        for name, figures in falls.items()
    ]
    return {"sku": sku, "series": series}


_EXPLAINED = {"off_sale", "rule", "open_intents", "held_because", "moved_by"}
"""What only an explanation says of a listing."""


def listing_items() -> Iterator[Json]:
    """Yield listings of two shops; every fifth stands for no SKU."""
    for number in range(23):
        name, is_lost = "tmall" if number % 2 else "jd", number % 5 == 4
        document = {key: value for key, value in _listing(name, number).items() if key not in _EXPLAINED}
        yield document | {
            "shop": name,
            "title": "红色马克杯 350 ml"
            if number % 3 == 0
            else "Mug, red, 350 ml, a gift for every cold day",
            "sku": "" if is_lost else "MUG-RED",
            "desired": None if is_lost else number,
            "unbound_because": _UNBOUND if is_lost else "",
            "holds": 0,
            "gone": number == 7,
            "on_sale": number != 7,
        }


_UNBOUND = "'1-MUG-RD' may mean 'MUG-RED' or 'MUG-RD2': list it under packs of the shop, or change the code"
