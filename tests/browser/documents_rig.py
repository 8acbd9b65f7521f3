"""Documents of a desk with five shops on a busy day: a held plan, a failing shop, a bundle, locks and a sale."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

NOW = datetime(2026, 11, 11, 12, 30, 20, tzinfo=UTC)
DIGEST = "2c26b46b68ffc68f"
SHOPS = {"tmall": "taobao", "jd": "jd", "pdd": "pdd", "douyin": "douyin", "ali_es": "aliexpress"}
SESSION_OVER = "the session ended on 11 November; sign in to the platform again and give syncd the new code"
TMALL_HOLD = "shop tmall: 42% would go off sale, the limit is 30% (guard.max_off_percent)"
_MOST = "60 listings would be raised by 4210 units, the limit is 300% of what is on sale"


def at(**ago: float) -> str:
    """Return the time so long ago, as documents write it."""
    return (NOW - timedelta(**ago)).isoformat()


# --- shops and the overview ------------------------------------------------------------------------------


def _delays(within: float | None, count: float = 41.2) -> Json:
    if within is None:
        return {"count": 0.0, "half_within": None, "within": None, "histogram": []}
    buckets = [
        [within / 8, count * 0.31],
        [within / 4, count * 0.4],
        [within / 2, count * 0.2],
        [within, count * 0.09],
    ]
    return {"count": count, "half_within": within / 4, "within": within, "histogram": buckets}


def shop(name: str, **other: Any) -> Json:  # noqa: ANN401 - any value of a document
    """Return a shop that is well, but for what is said otherwise."""
    seen = {"tmall": 7.9, "jd": 4.2, "pdd": 12.6, "douyin": 3.1, "ali_es": None}[name]
    document: Json = {
        "shop": name,
        "type": SHOPS[name],
        "status": "active",
        "listings": 1203 - 97 * list(SHOPS).index(name),
        "unbound": 0,
        "observed_at": at(seconds=24),
        "error": "",
        "since": None,
        "delays": {
            "sale_to_seen": _delays(seen),
            "decision_to_accepted": _delays(seen and seen / 2),
            "sale_to_accepted": _delays(seen and seen * 1.6),
        },
        "calls": 120.5,
        "throttled": 1.0,
        "written": 60.0,
        "spared": 30.0,
        "throttled_share": 0.008,
        "spared_share": 0.333,
        "decreases": {"waiting": 0, "held": 0, "oldest": None, "oldest_seconds": None},
        "orders": {"known_until": at(seconds=9), "error": "", "since": None},
    }
    return document | other


def shops() -> dict[str, Json]:
    """Return the five shops by name; one fails, one is paused, one has decreases held."""
    waiting = {"waiting": 14, "held": 14, "oldest": at(minutes=9), "oldest_seconds": 540.0}
    return {
        "tmall": shop("tmall", unbound=4, decreases=waiting),
        "jd": shop(
            "jd",
            decreases={"waiting": 2, "held": 0, "oldest": at(seconds=3), "oldest_seconds": 3.0},
            throttled_share=0.12,
        ),
        "pdd": shop("pdd", error=SESSION_OVER, since=at(minutes=37), observed_at=at(minutes=38)),
        "douyin": shop("douyin"),
        "ali_es": shop(
            "ali_es", status="paused", unbound=1, throttled_share=None, spared_share=None, orders=None
        ),
    }


def sources() -> list[Json]:
    """Return two sources that are well."""
    well = {"error": "", "since": None}
    return [
        {"source": "erp", "seq": 812, "kind": "full", "as_of": at(seconds=61), "age_seconds": 61.0, **well},
        {"source": "wms", "seq": 4711, "kind": "delta", "as_of": at(seconds=12), "age_seconds": 12.0, **well},
    ]


POOLS: list[Json] = [
    {"pool": "main", "mode": "split", "warehouses": ["shanghai"], "shops": ["tmall", "jd", "pdd", "douyin"]},
    {"pool": "export", "mode": "shared", "warehouses": ["ningbo", "madrid"], "shops": ["ali_es"]},
]
ALERTS = {"critical": 1, "warning": 1, "info": 1}


def detail_of(shop_document: Json) -> Json:
    """Return what the page of one shop shows beside the overview's."""
    guard = {
        "max_off_percent": 30,
        "from_listings": 10,
        "max_off_count": 1000,
        "max_raised_percent": 300,
        "max_raised_units": 100_000,
        "window_seconds": 3600.0,
    }
    advice = [{"pool": "export", "risk": 0.001, "buffer": 2, "most": 9, "sku": "MUG-RED"}]
    is_shared = shop_document["shop"] == "ali_es"
    return shop_document | {
        "policy": "full",
        "pools": ["export" if is_shared else "main"],
        "advice": advice if is_shared else [],
        "guard": guard,
        "unanswered": 0,
    }


# --- stock -----------------------------------------------------------------------------------------------


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
    """Return why a mug's numbers are what they are: two warehouses, claims, a lock, a cap and a held raise."""
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
    held = _entry("jd", 8, expected=[6, 7], held_because="shop jd: held by the guard")
    held["listings"] = [
        _listing("jd", 8, expected=[6, 7], observed=7, held_because="shop jd: held by the guard")
    ]
    pool = {
        **{
            "known": True,
            "on_hand": 58,
            "virtual": 5,
            "unrouted": 1,
            "claims": 2,
            "figure": 36,
            "available": 41,
        },
        **{
            "held": 0,
            "reserve": 3,
            "rest": 32,
            "oversold": 0,
            "on_extra": 0,
            "backordered": 0,
            "overlocked": 0,
        },
        **{"overtransferred": 0, "locked": 6, "locks_cut": 0, "unassigned": 0, "deficit": 0},
    }
    claim = {
        **{
            "shop": "tmall",
            "presumed": False,
            "order": "2214907",
            "line": "2214907-1",
            "listing": "11401211",
        },
        **{
            "units": 2,
            "since": at(seconds=80),
            "warehouse": "",
            "waits_for": ["source erp: figures after 12:29:00Z"],
        },
    }
    return {
        "sku": sku,
        "warehouses": {
            "hangzhou": place | {"on_hand": 40, "allocated": 9, "unsellable": 3, "net": 28},
            "shanghai": place
            | {"on_hand": 18, "allocated": 2, "locked": 3, "transfer_out": 4, "in_air": 2, "net": 11},
        },
        "pools": {"main": pool},
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
        "ledger": [row | {"sku": sku} for row in list(ledger_rows())[:6]],
        "open_claims": [claim],
        "moving": [moving(sku)],
        "problems": [],
    }


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


# --- lists -----------------------------------------------------------------------------------------------


def ledger_rows() -> Iterator[Json]:
    """Yield 230 rows, newest first."""
    kinds = (
        ("counter", 13, 12, "claim", "pools.main available", "syncd"),
        ("desired", 15, 13, "claim", "pools.main weight", "syncd"),
        ("share", 8, 9, "give", "pools.main weight", "syncd"),
        ("status", None, None, "paused", "", "console:anna"),
        ("on_sale", 1, 0, "snapshot", "pools.main warning_level", "syncd"),
        ("desired", None, 8, "snapshot", "pools.main weight", "syncd"),
    )
    names = list(SHOPS)
    for number in range(230):
        what, old, new, cause, rule, who = kinds[number % len(kinds)]
        is_person = who != "syncd"
        yield {
            "id": 5000 - number,
            "at": at(seconds=7 * number + 2),
            "shop": "ali_es" if is_person else names[number % 4],
            "listing": "" if is_person or what == "share" else f"114012{number % 10}1",
            "sku": "" if is_person else "MUG-RED",
            **{"what": what, "old": old, "new": new, "cause": cause, "rule": rule, "who": who},
        }


def listing_items() -> Iterator[Json]:
    """Yield listings of two shops; every fifth stands for no SKU."""
    for number in range(23):
        is_lost = number % 5 == 4
        yield _listing("tmall" if number % 2 else "jd", number, rule=None) | {
            "shop": "tmall" if number % 2 else "jd",
            "title": "红色马克杯 350 ml"
            if number % 3 == 0
            else "Mug, red, 350 ml, with a very long name of a seller",
            "sku": "" if is_lost else "MUG-RED",
            "desired": None if is_lost else number,
            "unbound_because": "1-MUG-RD could be MUG-RED or MUG-RD2: say which in [shops.tmall.bindings]"
            if is_lost
            else "",
            "holds": 0,
            "gone": number == 7,
            "on_sale": number != 7,
        }


def order_items() -> Iterator[Json]:
    """Yield order lines in every stage."""
    for number, stage in enumerate(("unpaid", "paid", "paid", "shipped", "done", "closed")):
        yield {
            **{
                "shop": "tmall",
                "order": f"22149{number:02}",
                "line": f"22149{number:02}-1",
                "listing": "11401211",
            },
            **{
                "code": "1-MUG-RED",
                "skus": {"MUG-RED": 1},
                "stage": stage,
                "units": 2,
                "released": 0,
                "shipped": 0,
            },
            **{
                "open": 2 if number < 3 else 0,
                "contained": 0,
                "created": at(minutes=4 * number + 1),
                "paid": None,
            },
            **{"modified": at(minutes=number), "doubt": "it names no SKU of ours" if number == 5 else ""},
            "waits_for": ["source erp: figures after 12:29:00Z"] if number < 3 else [],
        }


def locks() -> list[Json]:
    """Return a lock with a schedule and one for nobody."""
    common = {
        "sku": "MUG-RED",
        "pool": "main",
        "created_by": "console:anna",
        "created_at": at(hours=5),
        "ended_at": None,
    }
    later = [{"units": 5, "at": at(hours=-4)}]
    return [
        common
        | {
            "lock": 3,
            "shop": "tmall",
            "mode": "plus",
            "units": 20,
            "released": 5,
            "used": 1,
            "holds": 6,
            "schedule": later,
            "note": "",
        },
        common
        | {
            "lock": 4,
            "shop": "",
            "mode": "nobody",
            "units": 2,
            "released": 0,
            "used": 0,
            "holds": 2,
            "schedule": [],
            "note": "",
        },
    ]


def plan() -> Json:
    """Return what the guard holds: a shop of which 42 % would go off sale."""
    hold = {"direction": "off", "setting": "guard.max_off_percent", "limit": 30, "value": 42, "unit": "%"}
    hold |= {"changes": 14, "rejected": 0, "message": TMALL_HOLD}
    return {
        **{"digest": DIGEST, "stands": True, "changes": 14, "waiting": 14, "rejected": 0},
        "shops": [{"shop": "tmall", "since": at(minutes=9), "holds": [hold]}],
    }


def plan_items() -> Iterator[Json]:
    """Yield the changes of that plan."""
    for number in range(14):
        yield {
            **{
                "shop": "tmall",
                "listing": f"11401{number:03}",
                "sku": f"SPARE-{number:04}",
                "direction": "off",
            },
            **{"kind": "off" if number % 2 else "zero", "old": 9 + number, "new": 0, "cause": "snapshot"},
            **{
                "rule": "pools.main weight",
                "setting": "guard.max_off_percent",
                "rejected_by": "",
                "rejected_at": None,
            },
        }


def _alert(number: int, level: str, subject: Json, words: tuple[str, str], **times: Any) -> Json:  # noqa: ANN401
    title, text = words
    document = {"schema": "syncd.alert/1", "id": number, "kind": "low_stock", "level": level, "open": True}
    document |= {"subject": subject, "until": None, "told": at(), "times": 1, "flapping": False, "facts": {}}
    document |= {"acknowledged": None, "title": title, "text": text, "advice": "Look at it."}
    return document | times


def alert_items() -> list[Json]:
    """Return an alert of each level, and one that is over."""
    over = {"open": False, "since": at(hours=7), "until": at(hours=6)}
    seen = {"by": "console:anna", "at": at(hours=1)}
    low = ("low stock of TEAPOT in pool main", "TEAPOT: 3 left")
    return [
        _alert(1, "critical", {"shop": "pdd"}, ("shop pdd is failing", SESSION_OVER), since=at(minutes=37)),
        _alert(2, "warning", {"shop": "tmall"}, ("a plan is held", TMALL_HOLD), since=at(minutes=9), times=3),
        _alert(3, "info", {"pool": "main", "sku": "TEAPOT"}, low, since=at(hours=2), acknowledged=seen),
        _alert(4, "critical", {"source": "erp"}, ("source erp is stale", "no figures for 12 min"), **over),
    ]
