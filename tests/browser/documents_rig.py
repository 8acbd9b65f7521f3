"""Documents of a desk with five shops on a busy day: one fails, one is paused, a plan is held."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

NOW = datetime(2026, 11, 11, 12, 30, 20, tzinfo=UTC)
DIGEST = "2c26b46b68ffc68f"
SHOPS = {"tmall": "taobao", "jd": "jd", "pdd": "pdd", "douyin": "douyin", "ali_es": "aliexpress"}
SESSION_OVER = "the session ended on 11 November; sign in to the platform again and give syncd the new code"
TMALL_HOLD = "shop tmall: 42% would go off sale, the limit is 30% (guard.max_off_percent)"
DOUBT = "the platform did not say what was ordered"
WAITS = "source erp: its figures were read, until 2026-11-11 12:29:00Z; so far until 2026-11-11 12:28:40Z"
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
            "what": what,
            "old": old,
            "new": new,
            "cause": cause,
            "rule": rule,
            "who": who,
        }


def order_items() -> Iterator[Json]:
    """Yield order lines in every stage."""
    for number, stage in enumerate(("unpaid", "paid", "paid", "shipped", "done", "closed")):
        yield {
            "shop": "tmall",
            "order": f"22149{number:02}",
            "line": f"22149{number:02}-1",
            "listing": "11401211",
            "code": "1-MUG-RED",
            "skus": {"MUG-RED": 1},
            "stage": stage,
            "units": 2,
            "released": 0,
            "shipped": 0,
            "open": 2 if number < 3 else 0,
            "contained": 0,
            "created": at(minutes=4 * number + 1),
            "paid": None,
            "modified": at(minutes=number),
            "doubt": DOUBT if number == 5 else "",
            "waits_for": [WAITS] if number < 3 else [],
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
        "digest": DIGEST,
        "stands": True,
        "changes": 14,
        "waiting": 14,
        "rejected": 0,
        "shops": [{"shop": "tmall", "since": at(minutes=9), "holds": [hold]}],
    }


def plan_items() -> Iterator[Json]:
    """Yield the changes of that plan."""
    for number in range(14):
        yield {
            "shop": "tmall",
            "listing": f"11401{number:03}",
            "sku": f"SPARE-{number:04}",
            "direction": "off",
            "kind": "off" if number % 2 else "zero",
            "old": 9 + number,
            "new": 0,
            "cause": "snapshot",
            "rule": "pools.main weight",
            "setting": "guard.max_off_percent",
            "rejected_by": "",
            "rejected_at": None,
        }


def _alert(number: int, level: str, subject: Json, words: tuple[str, str], **times: Any) -> Json:  # noqa: ANN401
    title, text = words
    document = {"schema": "syncd.alert/1", "id": number, "kind": "low_stock", "level": level, "open": True}
    document |= {"subject": subject, "until": None, "told": at(), "times": 1, "flapping": False, "facts": {}}
    document |= {"acknowledged": None, "title": title, "text": text, "advice": "Look at it."}
    document["facts"] = {"because": text}
    return document | times


CHINESE: dict[int, Json] = {
    1: {"title": "店铺 pdd 无法读取", "text": SESSION_OVER, "advice": "请查看店铺。"},
    2: {"title": "店铺 tmall 的变更已暂停，等待审批", "text": TMALL_HOLD, "advice": "请批准或驳回。"},
    3: {"title": "库存池 main 中 TEAPOT 库存偏低", "text": "TEAPOT：剩余 3 件", "advice": "请补货。"},
    4: {"title": "数据源 erp 过旧", "text": "12 分钟没有数据", "advice": ""},
}
"""The words of the alerts in Chinese, by number; what they quote stands in their facts."""


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
