"""Whatever codes are lost and found, and whoever buys meanwhile: no unit is on sale twice."""

from collections.abc import Sequence
from dataclasses import replace
from operator import mul

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.domain.model import ListingId, Sku
from syncd.domain.topology import Pack, PoolMode
from syncd.ports.channel import ChannelTraits
from tests.unit.services.cycle_world import CAN, PROVES, World, shops_of, shown

LISTINGS = (("a", ListingId("A")), ("a", ListingId("A2")), ("b", ListingId("A")), ("c", ListingId("A")))
CODES, UNITS = ("A", "PAIR", "A", "A"), (1, 2, 1, 1)
"""The second listing of the first shop sells two units as one."""
PAIR = (Pack(code="PAIR", sku=Sku("A"), units=2),)

place = st.integers(0, len(LISTINGS) - 1)
events = st.one_of(
    st.tuples(st.just("lose"), place, st.sampled_from(["", "strange", "A-B"])),
    st.tuples(st.just("find"), place, st.just("")),
    st.tuples(st.just("buy"), place, st.sampled_from(["1", "3", "30"])),
    st.tuples(st.just("receive"), place, st.sampled_from(["1", "5"])),
    st.tuples(st.just("wait"), place, st.sampled_from(["60", "1200"])),
    st.tuples(st.just("restart"), place, st.just("")),
)


class Story:
    """Three shops that share some units, and what is really there of them; sales `unknown` to the ERP."""

    def __init__(self, traits: ChannelTraits) -> None:
        self.there = 24
        self.unknown = 0
        self.world = World(
            {"A": self.there}, mode=PoolMode.SPLIT, traits=traits, shops=shops_of("a", "b", "c", packs=PAIR)
        )
        self.world.shop("a").put(shown("A2", 0, code="PAIR"))

    def on_sale(self) -> int:
        counters = (self.world.counters(shop)[listing] for shop, listing in LISTINGS)
        return sum(map(mul, counters, UNITS))

    async def tell(self, what: str, at: int, much: str) -> None:
        shop, listing = LISTINGS[at]
        channel = self.world.shop(shop)
        match what:
            case "lose" | "find":
                code = much if what == "lose" else CODES[at]
                channel.put(replace(channel.shown(listing), code=code))
            case "buy":
                most = min(int(much), channel.shown(listing).quantity or 0)
                sold = channel.sell(listing, most) * UNITS[at]
                self.there -= sold
                self.unknown += sold
            case "receive":
                self.there += int(much)
            case "restart":
                self.world.restart()
            case "wait":
                self.unknown = 0
        self.world.stock(A=self.there + self.unknown)
        await self.world.run(after=float(much) if what == "wait" else 30.0)

    async def play(self, happens: Sequence[tuple[str, int, str]]) -> None:
        await self.world.filled()
        for what, at, much in happens:
            await self.tell(what, at, much)
            assert self.on_sale() <= self.there, (what, at, much)
        for at in range(len(LISTINGS)):
            await self.tell("find", at, "")
        for _ in range(8):
            await self.tell("wait", 0, "1200")
        assert self.on_sale() == self.there


@pytest.mark.parametrize("traits", [PROVES, CAN], ids=["refuses", "sets"])
@given(happens=st.lists(events, max_size=12))
@settings(max_examples=12)
async def test_no_unit_is_on_sale_twice_and_none_is_lost(
    traits: ChannelTraits, happens: Sequence[tuple[str, int, str]]
) -> None:
    await Story(traits).play(happens)
