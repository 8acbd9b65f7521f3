"""Tryton's JSON-RPC, bare: what any client meets that does not know the traps."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.integration.tryton.rig import Erp


class Wire:
    """One client, with a session once it has logged in."""

    def __init__(self, erp: Erp, client: httpx.AsyncClient) -> None:
        self._erp = erp
        self._client = client
        self._headers: dict[str, str] = {}

    async def post(self, method: str, *params: object) -> httpx.Response:
        """Return the answer as it came."""
        return await self._client.post(
            f"{self._erp.url}/{self._erp.database}/rpc/",
            json={"id": 1, "method": method, "params": params},
            headers=self._headers,
        )

    async def login(self, password: str) -> httpx.Response:
        """Return the answer to a login, and keep its session if there is one."""
        answer = await self.post("common.db.login", self._erp.user, {"password": password}, "en")
        if answer.is_success:
            number, session, _ = answer.json()["result"]
            token = base64.b64encode(f"{self._erp.user}:{number}:{session}".encode()).decode()
            self._headers = {"Authorization": f"Session {token}"}
        return answer

    async def result(self, method: str, *params: object) -> Any:  # noqa: ANN401 - each method has its own
        """Return the result of a call; AssertionError where Tryton answers an error."""
        answer = (await self.post(method, *params)).json()
        assert "error" not in answer, answer
        return answer["result"]

    async def until_refused(self) -> httpx.Response:
        """Return the first answer that is no success."""
        while (answer := await self.post("model.stock.location.search", [], 0, 1, None, {})).is_success:
            pass
        return answer

    async def quantity(self, sku: str, **context: object) -> float:
        """Return the quantity of a product as Tryton computes it in the context."""
        domain = [["code", "=", sku]]
        (row,) = await self.result(
            "model.product.product.search_read", domain, 0, None, None, ["quantity"], context
        )
        return float(row["quantity"])

    async def location(self, code: str) -> int:
        """Return the id of the location with the code."""
        (number,) = await self.result("model.stock.location.search", [["code", "=", code]], 0, None, None, {})
        return int(number)


@asynccontextmanager
async def wire(erp: Erp, *, logged_in: bool = True) -> AsyncIterator[Wire]:
    """Connect as the user that syncd would be."""
    async with httpx.AsyncClient(timeout=60.0) as client:
        line = Wire(erp, client)
        if logged_in:
            assert (await line.login(erp.password)).is_success
        yield line
