"""A small Tryton behind a transport: the recorded wire, real domains, and counts that follow from moves."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from syncd.adapters.http import HttpClient
from syncd.adapters.sources.tryton import TrytonSettings, TrytonSource
from syncd.domain.model import Snapshot

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
PASSWORD = "open-sesame"
COMPANY = 1

IN1, OUT1, STO1, LOST, WH1, SUPPLIER, CUSTOMER, TRANSIT = range(1, 9)
IN2, OUT2, STO2, WH2 = 9, 10, 11, 12
DAMAGED = 13
PRODUCTION = 14
BEYOND = 15
STO3, WH3 = 16, 17

_PLACES = (
    (IN1, "IN", "storage", WH1),
    (OUT1, "OUT", "storage", WH1),
    (STO1, "STO", "storage", WH1),
    (LOST, None, "lost_found", None),
    (WH1, "WH1", "warehouse", None),
    (SUPPLIER, "SUP", "supplier", None),
    (CUSTOMER, "CUS", "customer", None),
    (TRANSIT, None, "storage", None),
    (IN2, "IN2", "storage", WH2),
    (OUT2, "OUT2", "storage", WH2),
    (STO2, "STO2", "storage", WH2),
    (WH2, "WH2", "warehouse", None),
    (DAMAGED, "DMG", "storage", STO1),
    (PRODUCTION, None, "production", None),
    (BEYOND, "BEYOND", "storage", None),
    (STO3, "STO3", "storage", WH3),
    (WH3, "WH3", "warehouse", None),
)

Answer = httpx.Response | Callable[[], None]


class SmallTryton(httpx.AsyncBaseTransport):
    """Answers what the source asks; `clock` is its own time, which runs a second with every change."""

    def __init__(self) -> None:
        self.clock = datetime(2026, 11, 22, 13, 0)  # noqa: DTZ001
        self.tables: dict[str, dict[int, dict[str, Any]]] = {
            "stock.location": {
                key: {"id": key, "code": code, "type": kind, "parent": parent, "active": 1}
                for key, code, kind, parent in _PLACES
            },
            "product.product": {},
            "stock.move": {},
            "stock.shipment.internal": {},
        }
        self.preferences: dict[str, Any] = {"company": COMPANY, "companies": [COMPANY]}
        self.password = PASSWORD
        self.sessions: set[str] = set()
        self.calls: list[tuple[str, list[Any]]] = []
        self.requests: list[httpx.Request] = []
        self.overrides: dict[tuple[int, int], object] = {}
        self.hang: Callable[[], Awaitable[None]] | None = None
        self._scripts: dict[str, list[Answer | None]] = {}

    # --- what a test sets up -------------------------------------------------------------------------------

    def product(self, code: str | None, **cells: object) -> int:
        """Make a product and return its id."""
        row = {"code": code, "type": "goods", "active": True, "template": {"write_date": None}}
        return self._create("product.product", row | cells)

    def move(self, product: int, units: object, source: int, target: int, **cells: object) -> int:
        """Make a draft move and return its id; `quantity` is in dozens, to trap who reads it."""
        row = {
            "product": product,
            "internal_quantity": units,
            "quantity": 0.5,
            "from_location": source,
            "to_location": target,
            "state": "draft",
            "shipment": None,
            "company": COMPANY,
            "effective_date": None,
        }
        return self._create("stock.move", row | cells)

    def stock(self, product: int, units: object, place: int = STO1) -> int:
        """Receive goods today."""
        return self.move(product, units, SUPPLIER, place, state="done", effective_date=TODAY)

    def stocked(self, code: str, units: object = 10.0, place: int = STO1) -> int:
        """Make a product of which there is stock, and return its id."""
        product = self.product(code)
        self.stock(product, units, place)
        return product

    def shipment(self, state: str = "shipped", source: int = STO1) -> str:
        """Make an internal shipment and return it as moves refer to it."""
        row = {"state": state, "from_location": source}
        return f"stock.shipment.internal,{self._create('stock.shipment.internal', row)}"

    def write(self, model: str, key: int, **cells: object) -> None:
        """Change a record, as a person would."""
        self.tick()
        self.tables[model][key] |= cells | {"write_date": self.clock}

    def tick(self, seconds: float = 1) -> None:
        """Let time pass."""
        self.clock += timedelta(seconds=seconds)

    def on(self, method: str, *answers: Answer | None) -> None:
        """Let the next calls of `method` answer this; None leaves one alone, a function runs after it."""
        self._scripts.setdefault(method, []).extend(answers)

    def before_counting(self, *changes: Callable[[], None] | None) -> None:
        """Let something happen just after each of the next counts of a warehouse."""
        self.on("counts", *changes)

    def source(self, **options: object) -> TrytonSource:
        """Return a source named erp that reads the warehouses main (WH1) and east (WH2)."""
        return TrytonSource(settings(**options), "erp", HttpClient(self))

    async def read(self, cursor: str = "", **options: object) -> Snapshot:
        """Return what a new source says at `NOW`."""
        return await self.source(**options).collect(now=NOW, cursor=cursor)

    def asked(self, method: str) -> list[list[Any]]:
        """Return the parameters of every call of a method."""
        return [params for name, params in self.calls if name == method]

    def counts(self) -> list[list[Any]]:
        """Return the parameters of every call that asked for quantities."""
        return [params for _, params in self.calls if len(params) > 4 and "quantity" in params[4]]

    # --- the wire ------------------------------------------------------------------------------------------

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one call."""
        call = json.loads(request.content)
        self.calls.append((call["method"], call["params"]))
        self.requests.append(request)
        # Lets others run, as a network does.
        await asyncio.sleep(0)
        if self.hang is not None:
            await self.hang()
        counts = len(call["params"]) > 4 and "quantity" in call["params"][4]
        script = self._scripts.get("counts" if counts else call["method"])
        scripted = script.pop(0) if script else None
        if isinstance(scripted, httpx.Response):
            return scripted
        answer = self._answer(request, call["method"], call["params"])
        if scripted is not None:
            scripted()
        return answer

    def _answer(self, request: httpx.Request, method: str, params: list[Any]) -> httpx.Response:
        if method == "common.db.login":
            return self._login(*params)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Session" or base64.b64decode(token).decode() not in self.sessions:
            return httpx.Response(401)
        if method == "model.res.user.get_preferences":
            return result(self.preferences)
        if method == "model.ir.date.today":
            return result(written(TODAY))
        model, _, verb = method.removeprefix("model.").rpartition(".")
        if verb == "search_count":
            return result(len(list(self._found(model, params[0]))))
        return result(self._search_read(model, params))

    def _login(self, user: str, secrets: Mapping[str, str], _language: str) -> httpx.Response:
        if secrets["password"] != self.password:
            return httpx.Response(401, text="<title>401 Unauthorized</title>")
        key = f"session-key-{len(self.sessions)}"
        self.sessions.add(f"{user}:7:{key}")
        return result([7, key, None])

    def _search_read(self, model: str, params: list[Any]) -> list[dict[str, Any]]:
        domain, offset, limit, order, fields, context = params
        rows = list(self._found(model, domain))
        for name, direction in reversed(order):
            rows.sort(key=lambda row, name=name: row[name], reverse=direction == "DESC")  # type: ignore[misc]
        return [self._read(row, fields, context) for row in rows[offset : offset + limit]]

    def _found(self, model: str, domain: Sequence[Any]) -> Iterator[dict[str, Any]]:
        for row in self.tables[model].values():
            hidden = row.get("active", True) not in (True, 1) and "active" not in json.dumps(domain)
            if not hidden and matches(domain, row):
                yield row

    def _read(self, row: dict[str, Any], fields: list[str], context: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"id": row["id"]}
        for name in fields:
            if name == "quantity" and "from_location" not in row:
                found[name] = self._quantity(row["id"], context)
            elif "." in name:
                first, second = name.split(".")
                found[f"{first}."] = {second: written(row[first][second]), "id": 1}
            else:
                found[name] = written(row[name])
        return found

    def _quantity(self, product: int, context: Mapping[str, Any]) -> object:
        """Return what done moves add up to; 0.0 and no error where the context lacks something."""
        if context.get("company") not in self.preferences["companies"] or not context.get("locations"):
            return 0.0
        total = 0.0
        for place in context["locations"]:
            if (product, place) in self.overrides:
                return self.overrides[product, place]
            inside = {place} | (self._below(place) if context.get("with_childs") else set())
            for move in self.tables["stock.move"].values():
                if move["product"] != product or move["state"] != "done" or move["effective_date"] > TODAY:
                    continue
                total += move["internal_quantity"] * (move["to_location"] in inside)
                total -= move["internal_quantity"] * (move["from_location"] in inside)
        return total

    def _below(self, place: int) -> set[int]:
        below = {row["id"] for row in self.tables["stock.location"].values() if row["parent"] == place}
        return below.union(*(self._below(child) for child in below))

    def _create(self, model: str, row: dict[str, Any]) -> int:
        self.tick()
        key = len(self.tables[model]) + 1
        while key in self.tables[model]:
            key += 1
        self.tables[model][key] = {"id": key, "create_date": self.clock, "write_date": None} | row
        return key


def settings(**options: object) -> TrytonSettings:
    """Return settings as the loader makes them."""
    given: dict[str, object] = {
        "url": "https://erp.test:8000",
        "database": "shopdb",
        "user": "syncd",
        "password": SecretStr(PASSWORD),
        "warehouses": ("main", "east"),
        "codes": {"main": "WH1", "east": "WH2"},
    }
    return TrytonSettings.model_validate(given | options)


def result(value: object) -> httpx.Response:
    """Return an answer of Tryton."""
    return httpx.Response(200, json={"id": 1, "result": value})


def refusal(*error: object) -> httpx.Response:
    """Return an answer of Tryton that refuses."""
    return httpx.Response(200, json={"id": 1, "error": list(error)})


def written(value: object) -> object:
    """Return a value as Tryton writes it in JSON."""
    if isinstance(value, datetime):
        clock = {name: getattr(value, name) for name in ("hour", "minute", "second", "microsecond")}
        return {**_day(value), "__class__": "datetime", **clock}
    return _day(value) if isinstance(value, date) else value


def _day(value: date) -> dict[str, object]:
    return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}


def _taken(value: Any) -> Any:  # noqa: ANN401
    """Return a value of a domain; Tryton refuses a time that lacks a part, and so does this."""
    if not isinstance(value, dict):
        return value
    names = ["year", "month", "day"]
    if value["__class__"] == "date":
        return date(*(value[name] for name in names))
    return datetime(*(value[name] for name in [*names, "hour", "minute", "second", "microsecond"]))  # noqa: DTZ001


def matches(domain: Sequence[Any], row: Mapping[str, Any]) -> bool:
    """Tell whether a record is in a domain."""
    if not domain:
        return True
    if domain[0] == "OR":
        return any(matches(clause, row) for clause in domain[1:])
    if not isinstance(domain[0], str):
        return all(matches(clause, row) for clause in domain)
    name, operator, operand = domain
    first, _, second = name.partition(".")
    value, wanted = (row[first][second] if second else row[first]), _taken(operand)
    if operator in {">", ">="} and value is None:
        return False
    compared: dict[str, Callable[[], bool]] = {
        "=": lambda: bool(value == wanted),
        "!=": lambda: bool(value != wanted),
        "in": lambda: value in wanted,
        ">": lambda: bool(value > wanted),
        ">=": lambda: bool(value >= wanted),
    }
    return compared[operator]()


def cells(snapshot: Snapshot) -> dict[tuple[str, str], list[int]]:
    """Return the figures of every cell, in the order of `Part`."""
    names = zip(snapshot.skus, snapshot.warehouses, strict=True)
    return dict(zip(names, snapshot.parts.tolist(), strict=True))
