"""A clerk at a running Tryton, over the network; runs in Tryton's environment.

Usage: `python -m tests.integration.tryton.desk URL USER PASSWORD`. Reads one JSON command a line, e.g.
`{"do": "sell", "with": ["SKU-0001", "MAIN", 2]}`, and answers one line: `{"is": ...}` or `{"failed": "..."}`.
"""

import json
import sys
import traceback
from base64 import b64encode
from http import HTTPStatus
from typing import Any, cast
from xmlrpc.client import ProtocolError, ServerProxy, Transport

from proteus import Model, config  # type: ignore[import-not-found]

from tests.integration.tryton.steps import TO_GONE, TO_SENT, Clerk
from tests.integration.tryton.truth import figures


class Desk(Clerk):
    """The commands; documents travel as their ids."""

    def do_receive(self, sku: str, warehouse: str, units: float) -> int:
        """Return the supplier's shipment, received and put away."""
        return int(self.receive(sku, warehouse, units, "receive", "do").id)

    def do_sell(self, sku: str, warehouse: str, units: float) -> int:
        """Return the confirmed sale."""
        return int(self.sell(sku, warehouse, units).id)

    def do_pack(self, sale: int) -> None:
        """Bring the goods of a sale to the output zone."""
        self.press(self.shipment(Model.get("sale.sale")(sale)), *TO_GONE[:-1])

    def do_ship(self, sale: int) -> None:
        """Ship a sale, packed or not."""
        shipment = self.shipment(Model.get("sale.sale")(sale))
        self.press(shipment, *(TO_GONE[-1:] if shipment.state == "packed" else TO_GONE))

    def do_cancel(self, sale: int) -> None:
        """Cancel a confirmed sale."""
        self.cancel(Model.get("sale.sale")(sale))

    def do_transfer_plan(self, sku: str, source: str, destination: str, units: float) -> int:
        """Return the waiting transfer."""
        return int(self.transfer(sku, (source, destination), units, *TO_SENT[:1]).id)

    def do_transfer_send(self, sku: str, source: str, destination: str, units: float) -> int:
        """Return the sent transfer."""
        return int(self.transfer(sku, (source, destination), units, *TO_SENT).id)

    def do_transfer_receive(self, transfer: int) -> None:
        """Receive a sent transfer."""
        self.press(Model.get("stock.shipment.internal")(transfer), "do")

    def do_write_off(self, sku: str, warehouse: str, units: float) -> None:
        """Lose units of the storage zone."""
        self.write_off(sku, warehouse, units)

    def do_truth(self) -> list[list[str]]:
        """Return the figures of every cell as text."""
        return figures()


class SessionTransport(Transport):
    """Calls with a session, and with a new one where Tryton refused the old: a refused call did nothing."""

    def __init__(self, url: str, user: str, password: str) -> None:
        super().__init__(use_builtin_types=True)
        self._lobby = ServerProxy(url, allow_none=True)
        self._user = user
        self._password = password

    def request(self, host: Any, handler: str, request_body: Any, verbose: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002
        """Return the answer; ProtocolError where Tryton refuses the fresh session too."""
        try:
            return super().request(host, handler, request_body, verbose)
        except ProtocolError as failure:
            if failure.errcode != HTTPStatus.UNAUTHORIZED:
                raise
        self._headers = [self._key()]
        return super().request(host, handler, request_body, verbose)

    def _key(self) -> tuple[str, str]:
        parameters = {"password": self._password}
        number, session, _ = cast("list[Any]", self._lobby.common.db.login(self._user, parameters))
        token = b64encode(f"{self._user}:{number}:{session}".encode()).decode()
        return "Authorization", f"Session {token}"


def _answer(desk: Desk, command: str) -> dict[str, Any]:
    asked = json.loads(command)
    try:
        return {"is": getattr(desk, f"do_{asked['do']}")(*asked["with"])}
    except Exception as failure:  # noqa: BLE001 - the test has to hear of everything
        return {"failed": f"{asked}: {failure!r}\n{traceback.format_exc()}"}


def main(url: str, user: str, password: str) -> None:
    """Answer until the commands end."""
    config.set_xmlrpc(url, transport=SessionTransport(url, user, password))
    desk = Desk()
    for command in sys.stdin:
        print(json.dumps(_answer(desk, command)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
