"""What the callers for the tests of all platforms' mocks have in common; each signs in its own way."""

from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from aiohttp import ClientResponse, ClientSession

from syncd.mock.core import PlatformState
from syncd.mock.rig import Rig

StateT = TypeVar("StateT", bound=PlatformState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back; `body` is empty where it is not JSON."""

    status: int
    body: dict[str, Any]
    text: str
    headers: dict[str, str]

    @classmethod
    async def read(cls, response: ClientResponse) -> Self:
        is_json = response.content_type == "application/json"
        return cls(
            status=response.status,
            body=await response.json() if is_json else {},
            text=await response.text(),
            headers=dict(response.headers),
        )

    @property
    def holds(self) -> dict[str, Any]:
        """What the answer holds, empty for a refusal."""
        return next((value for name, value in self.body.items() if name != "error_response"), {})

    @property
    def error(self) -> dict[str, Any]:
        """What the refusal holds, empty for an answer."""
        found: dict[str, Any] = self.body.get("error_response", {})
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformDesk(Generic[StateT]):
    """`control` speaks to the routes under `/_mock`, which need no signature."""

    rig: Rig[StateT]
    url: str
    session: ClientSession

    @property
    def state(self) -> StateT:
        return self.rig.state

    def counter(self, listing: str) -> int:
        return self.state.listings[listing].quantity

    async def control(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        async with self.session.request(method, f"{self.url}/_mock{path}", json=body) as response:
            shown: dict[str, Any] = await response.json()
            return shown

    async def settings(self, **settings: object) -> None:
        """Set what the platform does by itself, where that part of the state has the mock's own name."""
        assert await self.control("POST", "/state", {self.rig.name: settings}) == {"ok": True}

    async def faults(self, *faults: dict[str, Any]) -> None:
        assert await self.control("POST", "/faults", list(faults)) == {"ok": True, "faults": len(faults)}

    async def sell(self, listing: str, units: int, step: str = "buy") -> None:
        shown = await self.control("POST", "/sell", {"id": listing, "units": units, "step": step})
        assert "error" not in shown, shown
