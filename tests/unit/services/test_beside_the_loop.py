"""What takes a while is done in a thread, for the loop has others to serve."""

from threading import get_ident
from typing import Any

from syncd.adapters.memory import FakeClock, MemoryChannel, MemoryStore
from syncd.domain.aliases import known_codes
from syncd.domain.book import State
from syncd.domain.decision import Question
from syncd.domain.model import ListingId, ListingRow, ShopName
from syncd.domain.plan import ShopTraits
from syncd.domain.topology import Shop
from syncd.ports.store import TakenOrders
from syncd.services.carry import FEW, Carry
from syncd.services.intake import Taken
from syncd.services.observe import Observer
from syncd.services.readings import Observed, ShopJob
from syncd.services.written import Notes
from tests.unit.domain.desk import entry
from tests.unit.domain.desk import state as by_hand
from tests.unit.services.cycle_world import CAN, Told, shown

NOTHING_READ = Observed(listings=(), drops=(), shops={}, fresh=frozenset(), unresolved=frozenset(), errors={})
NOTHING_SOLD = Taken(claims=(), drops=(), opened=(), risen=(), orders=TakenOrders())


class Traits(dict[ShopName, ShopTraits]):
    """Notes in which threads somebody decides."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def get(self, key: ShopName, default: Any = None) -> Any:  # noqa: ANN401 - as of any mapping
        self.threads.add(get_ident())
        return super().get(key, default)


async def _decided_in(state: State) -> set[int]:
    """Return in which threads it is decided on what is open, though nothing is new."""
    traits = Traits()
    question = Question(traits=traits)
    carry = Carry(state.topology, MemoryStore(), Notes())
    await carry.lay(state, question)
    traits.threads.clear()
    assert await carry.after(state, question, NOTHING_READ, NOTHING_SOLD) is not None
    return traits.threads


def _raises(count: int) -> list[ListingRow]:
    return [entry("X", 1)._replace(id=ListingId(str(at)), desired=10) for at in range(count)]


async def test_many_open_changes_are_not_decided_on_in_the_loop() -> None:
    assert get_ident() not in await _decided_in(by_hand({"X": 10}, *_raises(FEW + 1)))


async def test_few_open_changes_are_decided_on_at_once() -> None:
    assert await _decided_in(by_hand({"X": 10}, *_raises(3))) == {get_ident()}


class Name(str):
    """A name of a shop that notes in which threads names are sorted."""

    __slots__ = ()

    threads: set[int] = set()  # noqa: RUF012 - of all names together

    def __lt__(self, other: str) -> bool:
        self.threads.add(get_ident())
        return super().__lt__(other)


async def _sorted_in(count: int) -> set[int]:
    """Return in which threads two shops are put together that show so many listings each."""
    Name.threads.clear()
    names = [ShopName(Name(name)) for name in "ab"]
    channels = [MemoryChannel(traits=CAN) for _ in names]
    for channel in channels:
        channel.put(*(shown(f"S{at}", 1) for at in range(count)))
    jobs = [
        ShopJob(shop=Shop(name=name), channel=channel) for name, channel in zip(names, channels, strict=True)
    ]
    observer = Observer(jobs, store=MemoryStore(), clock=FakeClock(), events=Told())
    observed = await observer.observe(known_codes(()))
    assert len(observed.listings) == 2 * count
    return Name.threads


async def test_many_listings_are_not_put_together_in_the_loop() -> None:
    assert get_ident() not in await _sorted_in(1_100)


async def test_few_listings_are_put_together_at_once() -> None:
    assert await _sorted_in(3) == {get_ident()}
