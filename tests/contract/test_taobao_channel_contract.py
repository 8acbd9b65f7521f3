"""The channel `taobao` keeps the contract, against a small gateway over real HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from syncd.adapters.channels.taobao import ADAPTER
from syncd.adapters.http import open_http
from syncd.ports.channel import Channel
from tests.contract.channel_contract import ChannelContract, Rig
from tests.contract.taobao_rig import APP_KEY, APP_SECRET, Renamed, SmallGateway


class _Taobao(ChannelContract):
    """`options` are settings beside the account."""

    options: dict[str, Any] = {}  # noqa: RUF012 - never changed
    has_skus = True

    @pytest.fixture
    async def rig(self) -> SmallGateway:
        return SmallGateway(self.secret, has_skus=self.has_skus)

    @pytest.fixture
    async def channel(self, rig: Rig) -> AsyncIterator[Channel]:
        assert isinstance(rig, SmallGateway)
        async with TestServer(rig.app()) as server, open_http() as http:
            settings = ADAPTER.settings.model_validate(
                {
                    "url": str(server.make_url("/router/rest")),
                    "app_key": APP_KEY,
                    "app_secret": APP_SECRET,
                    "session": self.secret,
                    "timeout": "1s",
                    "max_bytes": 200_000,
                }
                | self.options
            )
            async with ADAPTER.open(settings, "small", http) as channel:
                yield Renamed(channel, rig)


class TestTaobaoChannel(_Taobao):
    pass


class TestTaobaoItemsWithoutSkus(_Taobao):
    has_skus = False
    options = {"single_calls": True, "sign_method": "md5"}  # noqa: RUF012 - never changed


class TestTaobaoKeyedCalls(_Taobao):
    options = {"keyed_calls": True}  # noqa: RUF012 - never changed


class TestTaobaoKeyedCallsWithoutSkus(_Taobao):
    has_skus = False
    options = {"keyed_calls": True}  # noqa: RUF012 - never changed


class TestTaobaoSingleCalls(_Taobao):
    options = {"single_calls": True, "sign_method": "hmac", "tmall_calls": True}  # noqa: RUF012 - never changed
