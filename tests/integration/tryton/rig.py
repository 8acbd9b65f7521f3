"""A running Tryton, its clerk, and what is really in its warehouses: for tests of what reads it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NewType

import pytest

from tests.integration.tryton.server import Offline, Server, Session, child, running

Sale = NewType("Sale", int)
Transfer = NewType("Transfer", int)
_COMMAND_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one warehouse has of one SKU, in the default unit of the product; see `truth.py` for each word.

    `transfer_out` has been closed by the sending: `transfer_out + in_air` is what a source says that keeps it
    open until the goods arrive.
    """

    on_hand: Decimal = Decimal(0)
    unsellable: Decimal = Decimal(0)
    allocated: Decimal = Decimal(0)
    transfer_out: Decimal = Decimal(0)
    in_air: Decimal = Decimal(0)


class CommandFailed(Exception):  # noqa: N818 - it says what happened
    """Tryton refused what the clerk did; the message is the clerk's traceback."""


class Erp:
    """A server with its clerk; `user` is in the groups of stock, sales and purchases, and no administrator.

    `skus` are all active goods with a code, `plain` those that nothing but an inventory has touched,
    `stocked` the plain ones of which both warehouses have some, and `stories` the SKU of each story in
    `seed.py`. Units are those of the product's default unit.
    """

    def __init__(self, server: Server, clerk: asyncio.subprocess.Process) -> None:
        facts: Mapping[str, Any] = server.facts
        self.url = server.url
        self.database = server.database
        self.user = "syncd"
        self.password = server.users[self.user]
        self.warehouses = tuple(facts["warehouses"])
        self.plain = tuple(facts["plain"])
        self.stocked = tuple(facts["stocked"])
        self.stories: Mapping[str, str] = facts["stories"]
        self.skus = tuple(sorted({*self.plain, *self.stories.values()} - {self.stories["retired"]}))
        self._clerk = clerk
        self._turn = asyncio.Lock()

    async def receive(self, sku: str, warehouse: str, units: float) -> None:
        """Receive units from a supplier and put them away."""
        await self._do("receive", sku, warehouse, units)

    async def sell(self, sku: str, warehouse: str, units: float) -> Sale:
        """Return a confirmed sale, of which nothing is assigned yet; more than there is can be sold."""
        return Sale(await self._do("sell", sku, warehouse, units))

    async def pack(self, sale: Sale) -> None:
        """Assign, pick and pack a sale: its goods are in the output zone, still on hand."""
        await self._do("pack", sale)

    async def ship(self, sale: Sale) -> None:
        """Ship a sale, packed or not; CommandFailed where there is too little."""
        await self._do("ship", sale)

    async def cancel(self, sale: Sale) -> None:
        """Cancel a confirmed sale that has not been shipped."""
        await self._do("cancel", sale)

    async def transfer_plan(self, sku: str, source: str, destination: str, units: float) -> Transfer:
        """Return a transfer that waits for its goods."""
        return Transfer(await self._do("transfer_plan", sku, source, destination, units))

    async def transfer_send(self, sku: str, source: str, destination: str, units: float) -> Transfer:
        """Return a transfer whose goods have left; CommandFailed where there are too few."""
        return Transfer(await self._do("transfer_send", sku, source, destination, units))

    async def transfer_receive(self, transfer: Transfer) -> None:
        """Receive a sent transfer into the storage of the other warehouse."""
        await self._do("transfer_receive", transfer)

    async def write_off(self, sku: str, warehouse: str, units: float) -> None:
        """Find by a count that units of the storage zone are lost."""
        await self._do("write_off", sku, warehouse, units)

    async def truth(self) -> dict[tuple[str, str], Figures]:
        """Return what is in every cell of `skus` and `warehouses`; CommandFailed if Tryton's sums differ."""
        rows = await self._do("truth")
        return {(sku, place): _figures(*map(Decimal, figures)) for sku, place, *figures in rows}

    async def _do(self, command: str, *words: object) -> Any:  # noqa: ANN401 - each command has its own answer
        pipes = self._clerk.stdin, self._clerk.stdout
        assert pipes[0] is not None
        assert pipes[1] is not None
        async with self._turn, asyncio.timeout(_COMMAND_SECONDS):
            pipes[0].write(json.dumps({"do": command, "with": words}).encode() + b"\n")
            line = await pipes[1].readline()
        answer = json.loads(line or b'{"failed": "the clerk has gone; see desk.log"}')
        if "failed" in answer:
            raise CommandFailed(answer["failed"])
        return answer["is"]


def _figures(
    on_hand: Decimal, unsellable: Decimal, allocated: Decimal, transfer_out: Decimal, in_air: Decimal
) -> Figures:
    return Figures(
        on_hand=on_hand,
        unsellable=unsellable,
        allocated=allocated,
        transfer_out=transfer_out,
        in_air=in_air,
    )


@asynccontextmanager
async def tryton(folder: Path, *, lockout: int = 300, max_age: int = 2_592_000) -> AsyncIterator[Erp]:
    """Run a server on a fresh copy of the seeded database in an empty folder of the test.

    Skips the test, loudly, where Tryton is not cached and the package index cannot be reached; under `CI`
    that fails. `lockout` and `max_age` are seconds, see `Session`.
    """
    session = Session(lockout=lockout, max_age=max_age)
    with skipped_when_offline():
        async with running(folder, session=session) as server, _clerk(server, folder) as clerk:
            yield Erp(server, clerk)


@contextmanager
def skipped_when_offline() -> Iterator[None]:
    """Skip what needs a Tryton that cannot be installed; under `CI` it fails."""
    try:
        yield
    except Offline as failure:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"NOTHING IS TESTED AGAINST A REAL TRYTON: no network to install it from. {failure}")


@asynccontextmanager
async def _clerk(server: Server, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    words = (f"{server.url}/{server.database}/rpc/", "desk", server.users["desk"])
    async with child(server.python, "desk", *words, log=folder / "desk.log") as clerk:
        yield clerk
