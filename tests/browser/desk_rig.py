"""A desk without a state behind it: tells the documents of the rig, and obeys when a test says so."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from syncd.console.pages.frame import Json
from syncd.domain.alerts.words import Language
from syncd.domain.model import ShopName, Sku
from syncd.errors import NotThere, StateError, UsageError
from syncd.services.desk import Asked, Desk, LockWanted
from tests.browser import documents_rig as documents
from tests.browser import stock_rig as stock


def _part(items: Iterable[Json], asked: Asked, **beside: Any) -> Json:  # noqa: ANN401 - any value of a document
    """Return a page of a list, with a cursor for the next one."""
    rows = list(items)
    first = json.loads(urlsafe_b64decode(asked.cursor)) if asked.cursor else 0
    after = first + asked.limit
    following = urlsafe_b64encode(json.dumps(after).encode()).decode() if after < len(rows) else None
    return {"items": rows[first:after], "next": following} | beside


OUT_OF_REACH = 503
"""The number of a request that the state cannot be asked for."""


class FakeDesk(Desk):
    """Has the questions of the true one, each with an answer of its own.

    It obeys a request as soon as `obeys` is true; `sold` units make every figure of a mug smaller.
    """

    def __init__(self) -> None:
        self.shops_known = documents.shops()
        self.held: Json | None = documents.plan()
        self.alerts_known = documents.alert_items()
        self.locks_known = documents.locks()
        self.obeys = False
        self.requests: dict[int, Json] = {}

    # --- reading ---------------------------------------------------------------------------------------

    async def overview(self) -> Json:
        return {
            "at": documents.at(),
            "shops": list(self.shops_known.values()),
            "sources": documents.sources(),
            "pools": documents.POOLS,
            "held": [self.held] if self.held else [],
            "alerts": documents.ALERTS,
            "unbound": sum(shop["unbound"] or 0 for shop in self.shops_known.values()),
        }

    async def shops(self) -> Json:
        level = {"pool": "export", "risk": 0.001, "warning_level": 4, "most": 11, "sku": "MUG-RED"}
        shops = [{k: v for k, v in shop.items() if k != "orders"} for shop in self.shops_known.values()]
        return {"shops": [shop | {"advice": []} for shop in shops], "pools": [level]}

    async def shop(self, name: ShopName) -> Json:
        if name not in self.shops_known:
            raise NotThere(f"there is no shop {name!r}; configured are {', '.join(self.shops_known)}")
        return documents.detail_of(self.shops_known[name])

    async def stock(self, asked: Asked) -> Json:
        items = (item for item in stock.stock_items() if asked.search.upper() in item["sku"])
        return _part(items, asked)

    async def explain(self, sku: Sku, shop: ShopName | None = None) -> Json:
        known = {item["sku"] for item in stock.stock_items()}
        if sku not in known:
            raise NotThere(f"no source knows the SKU {sku!r}; did you mean MUG-RED?")
        found = stock.bundle() if sku == "CUP-4SET" else stock.explained(sku)
        names = [name for name in found["shops"] if shop in (None, name)]
        return found | {"shops": {name: found["shops"][name] for name in names}}

    async def history(self, sku: Sku, *, since: datetime | None = None) -> Json:
        del since
        return stock.history(sku)

    async def listings(self, asked: Asked) -> Json:
        items = (
            item
            for item in stock.listing_items()
            if asked.shop in (None, item["shop"]) and not (asked.unbound and item["sku"])
        )
        return _part(items, asked)

    async def plans(self) -> Json:
        return {"items": [self.held] if self.held else [], "next": None}

    async def plan(self, digest: str, asked: Asked | None = None) -> Json:
        if not documents.DIGEST.startswith(digest):
            raise NotThere(f"nothing is held under {digest!r}, and nothing was in the last day")
        if self.held is None:
            gone = documents.plan() | {"stands": False, "waiting": 0}
            return gone | {"list": {"items": [], "next": None}}
        return self.held | {"list": _part(documents.plan_items(), asked or Asked())}

    async def orders(self, asked: Asked) -> Json:
        items = [item for item in documents.order_items() if item["open"] or not asked.open_only]
        feeds = {"tmall": {"known_until": documents.at(seconds=9), "error": "", "since": None}}
        return _part(items, asked, feeds=feeds)

    async def claims(self, asked: Asked) -> Json:
        items = [claim | {"sku": "MUG-RED"} for claim in stock.explained()["open_claims"]]
        return _part(items, asked)

    async def locks(self, *, ended: bool = False) -> Json:
        over = {"lock": 1, "ended_at": documents.at(hours=1), "note": "has ended"}
        return {
            "items": self.locks_known + ([documents.locks()[0] | over] if ended else []),
            "next": None,
        }

    async def transfers(self, asked: Asked) -> Json:
        done = {"pool": "main", "sku": "MUG-RED", "from": "jd", "to": "pdd", "units": 2, "cause": "landed"}
        done |= {"at": documents.at(minutes=12), "because": "their taking from the other shop is proven"}
        finished = [done] if asked.ended else None
        return {"items": [stock.moving()], "next": None, "finished": finished, "left_out": 0}

    async def ledger(self, asked: Asked) -> Json:
        items = (
            row
            for row in documents.ledger_rows()
            if asked.shop in (None, row["shop"])
            and asked.what in ("", row["what"])
            and asked.sku in (None, row["sku"])
        )
        return _part(items, asked)

    async def acknowledge(self, alert: int, *, by: str) -> bool:
        found = [one for one in self.alerts_known if one["id"] == alert]
        for one in found:
            one["acknowledged"] = {"at": documents.at(), "by": by}
        return bool(found)

    async def alerts(self, asked: Asked, language: Language = Language.EN) -> Json:
        known = [one | documents.CHINESE.get(one["id"], {}) for one in self.alerts_known]
        told = known if language is Language.ZH else self.alerts_known
        items = [one for one in told if asked.what in ("", one["level"])]
        return _part((one for one in items if asked.ended or one["until"] is None), asked)

    async def request(self, number: int) -> Json:
        if number == OUT_OF_REACH:
            raise StateError("the disk is gone")
        if number not in self.requests:
            raise NotThere(f"there is no request {number}")
        return self.requests[number]

    # --- asking ----------------------------------------------------------------------------------------

    async def set_status(self, shop: ShopName, verb: str, *, by: str) -> int:
        await self.shop(shop)
        return self._ask(verb, shop, by)

    async def approve(self, digest: str, *, by: str) -> int:
        if self.held is None:
            raise UsageError(f"nothing is held under {digest}")
        return self._ask("approve", digest, by)

    async def reject(self, digest: str, *, by: str) -> int:
        return self._ask("reject", digest, by)

    async def add_lock(self, wanted: LockWanted, *, by: str) -> int:
        if wanted.sku not in {item["sku"] for item in stock.stock_items()}:
            raise NotThere(f"no source knows the SKU {wanted.sku!r}")
        return self._ask("lock_add", f"{wanted.sku} {wanted.units}", by)

    async def sync(self, *, by: str) -> int:
        return self._ask("sync", "", by)

    async def release_lock(self, lock: int, units: int | None = None, *, by: str) -> int:
        return self._ask("lock_release", f"{lock} {units or ''}".strip(), by)

    async def end_lock(self, lock: int, *, by: str) -> int:
        return self._ask("lock_end", str(lock), by)

    def _ask(self, verb: str, argument: str, by: str) -> int:
        number = len(self.requests) + 1
        self.requests[number] = {
            "request": number,
            "verb": verb,
            "argument": argument,
            "asked_at": documents.at(),
            "asked_by": by,
            "done": False,
            "refused": False,
            "answer": "",
        }
        if self.obeys:
            self.obey()
        return number

    def obey(self) -> None:
        """Carry out what was asked for, as the daemon would."""
        for request in self.requests.values():
            if not request["done"]:
                request |= {"done": True, "answer": self._carried_out(request["verb"], request["argument"])}

    def _carried_out(self, verb: str, argument: str) -> str:
        status = {"pause": "paused", "freeze": "frozen", "resume": "active", "unfreeze": "active"}.get(verb)
        if status:
            self.shops_known[argument]["status"] = status
            return f"shop {argument} is {status}"
        if verb == "approve":
            self.held = None
            return "approved 14 changes until 13:00 UTC"
        if verb == "reject" and self.held:
            self.held |= {"waiting": 0, "rejected": 14}
            return "rejected 14 changes: they stay held, and nobody is asked again until they lead elsewhere"
        if verb == "sync":
            return "3 changes done"
        return f"done: {verb} {argument}"
