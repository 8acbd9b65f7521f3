"""The channel `douyin` keeps the contract, against a small gateway over real HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from syncd.adapters.channels.douyin import ADAPTER
from syncd.adapters.http import open_http
from syncd.errors import Kind
from syncd.ports.channel import Channel
from tests.contract.channel_contract import ChannelContract, Rig
from tests.unit.adapters.douyin_contract_rig import APP_KEY, APP_SECRET, Renamed, SmallGateway


class _Douyin(ChannelContract):
    """`options` are settings beside the account."""

    options: dict[str, Any] = {}  # noqa: RUF012 - never changed

    @pytest.fixture
    async def rig(self) -> SmallGateway:
        return SmallGateway(self.secret)

    @pytest.fixture
    async def channel(self, rig: Rig) -> AsyncIterator[Channel]:
        assert isinstance(rig, SmallGateway)
        async with TestServer(rig.app()) as server, open_http() as http:
            settings = ADAPTER.settings.model_validate(
                {
                    "url": str(server.make_url("")),
                    "app_key": APP_KEY,
                    "app_secret": APP_SECRET,
                    "access_token": self.secret,
                    "timeout": "1s",
                    "max_bytes": 200_000,
                }
                | self.options
            )
            async with ADAPTER.open(settings, "small", http) as channel:
                yield Renamed(channel, rig)


class TestDouyinRows(_Douyin):
    @pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.NOT_FOUND])
    async def test_a_refused_line_does_not_stop_the_batch(
        self, rig: Rig, channel: Channel, kind: Kind
    ) -> None:
        """No row says that it was throttled or lacks a permission: only calls do."""
        await super().test_a_refused_line_does_not_stop_the_batch(rig, channel, kind)


class TestDouyinProducts(_Douyin):
    options = {"calls": "product", "reads_details": False}  # noqa: RUF012 - never changed


class TestDouyinSkus(_Douyin):
    options = {"calls": "sku", "sign_method": "md5"}  # noqa: RUF012 - never changed
