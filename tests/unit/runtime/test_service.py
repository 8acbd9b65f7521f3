"""Reloads: the next daemon takes over between two cycles, or the present one goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from syncd.adapters.memory import FakeClock
from syncd.errors import StateError, SyncdError, UsageError
from syncd.runtime.daemon import Daemon, Pace
from syncd.runtime.service import Service
from syncd.runtime.supervisor import Supervisor
from syncd.services.cycle import CycleReport
from tests.unit.runtime.notify_socket import notify_socket
from tests.unit.services.cycle_world import World


class Bench:
    """A service over one world; `configuration` is a number that its daemons show, or what is wrong."""

    def __init__(self) -> None:
        self.world = World({"A": 10})
        self.clock = FakeClock(self.world.clock.now())
        self.configuration: int | SyncdError = 1
        self.cycles: list[int] = []
        self.at_once = [0]
        self.open: list[int] = []
        self.opened: list[AbstractAsyncContextManager[Daemon]] = []
        self.ran = asyncio.Event()
        self.tried = asyncio.Event()
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.stop = asyncio.Event()
        self.reload = asyncio.Event()
        self.supervisor = Supervisor({})

    def opening(self) -> AbstractAsyncContextManager[Daemon]:
        # Kept, or the garbage collector would close what the service forgot to.
        self.opened.append(self._opening())
        return self.opened[-1]

    @asynccontextmanager
    async def _opening(self) -> AsyncIterator[Daemon]:
        number = self.configuration
        self.tried.set()
        if isinstance(number, SyncdError):
            raise number
        self.open.append(number)
        try:
            yield self._daemon(number)
        finally:
            self.open.remove(number)

    def _daemon(self, number: int) -> Daemon:
        async def cycle() -> CycleReport:
            self.cycles.append(number)
            self.at_once.append(self.at_once[-1] + 1)
            self.ran.set()
            await self.may_end.wait()
            report = await self.world.cycle.run()
            self.at_once.append(self.at_once[-1] - 1)
            return report

        return Daemon(
            cycle=cycle,
            requests=self.world.requests,
            store=self.world.store,
            lock=self.world.lock,
            clock=self.clock,
            events=self.world.told,
            pace=Pace(every=3600.0, poll=60.0, stop_within=0.0, stuck_after=100.0),
            supervisor=self.supervisor,
        )

    def told(self) -> list[str]:
        return [event[0] for event in self.world.told.events]

    async def next_cycle(self) -> None:
        async with asyncio.timeout(30):
            await self.ran.wait()
        self.ran.clear()

    async def ask_to_reload(self) -> None:
        """Return when the configuration was looked at, for better or for worse."""
        self.tried.clear()
        self.reload.set()
        async with asyncio.timeout(30):
            await self.tried.wait()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["asyncio.Task[None]"]:
        service = Service(opening=self.opening, supervisor=self.supervisor)
        task = asyncio.create_task(service.run(self.stop, self.reload))
        try:
            await self.next_cycle()
            yield task
        finally:
            self.stop.set()
            await asyncio.wait({task})


async def test_a_reload_goes_on_with_the_new_configuration_at_once() -> None:
    bench = Bench()
    async with bench.running():
        await bench.clock.until_asleep()
        bench.configuration = 2
        bench.reload.set()
        await bench.next_cycle()

    assert bench.cycles == [1, 2]


async def test_a_reload_closes_what_the_old_one_had_open() -> None:
    bench = Bench()
    async with bench.running():
        bench.configuration = 2
        bench.reload.set()
        await bench.next_cycle()

        assert bench.open == [2]


async def test_a_reload_lets_the_cycle_under_way_end_first() -> None:
    bench = Bench()
    bench.may_end.clear()
    async with bench.running():
        bench.configuration = 2
        await bench.ask_to_reload()
        bench.may_end.set()
        await bench.next_cycle()

    assert (bench.cycles, max(bench.at_once)) == ([1, 2], 1)


async def test_a_wrong_configuration_is_told_and_the_old_one_goes_on() -> None:
    bench = Bench()
    async with bench.running() as task:
        bench.configuration = UsageError("shops.tmall.url is wrong")
        await bench.ask_to_reload()
        assert "reload_refused" in bench.told()

        assert (task.done(), bench.open) == (False, [1])


async def test_after_a_wrong_configuration_a_good_one_is_taken() -> None:
    bench = Bench()
    async with bench.running():
        bench.configuration = UsageError("wrong")
        await bench.ask_to_reload()
        bench.configuration = 3
        bench.reload.set()
        await bench.next_cycle()

    assert bench.cycles == [1, 3]


async def test_the_lock_is_kept_through_a_reload() -> None:
    bench = Bench()
    async with bench.running():
        bench.configuration = 2
        bench.reload.set()
        await bench.next_cycle()

    assert (bench.told().count("started"), bench.told().count("stopped")) == (1, 1)


async def test_a_stop_during_a_reload_stops() -> None:
    bench = Bench()
    bench.may_end.clear()
    async with bench.running() as task:
        bench.configuration = 2
        await bench.ask_to_reload()
        bench.stop.set()
        await asyncio.wait({task})

    assert (bench.cycles, bench.open, task.exception()) == ([1], [], None)


async def test_a_stop_while_it_opens_ends_it_before_it_is_ready() -> None:
    bench = Bench()
    with notify_socket() as listening:
        bench.supervisor = Supervisor({"NOTIFY_SOCKET": listening.address})
        bench.stop.set()
        await Service(opening=bench.opening, supervisor=bench.supervisor).run(bench.stop, bench.reload)

        assert (bench.cycles, bench.open, listening.waiting()) == ([], [], [])


async def test_a_configuration_that_is_wrong_from_the_start_is_raised() -> None:
    bench = Bench()
    bench.configuration = StateError("it belongs to another program")

    with pytest.raises(StateError):
        await Service(opening=bench.opening, supervisor=bench.supervisor).run(bench.stop, bench.reload)


async def test_systemd_hears_of_start_reload_and_stop() -> None:
    bench = Bench()
    with notify_socket() as listening:
        bench.supervisor = Supervisor({"NOTIFY_SOCKET": listening.address})
        async with bench.running():
            bench.reload.set()
            await bench.next_cycle()
            await bench.clock.until_asleep()

        words = [message.partition("=")[0] for message in listening.waiting()]
    assert [word for word in words if word != "STATUS"] == ["READY", "RELOADING", "READY", "STOPPING"]


async def test_systemd_shows_how_the_last_cycle_went() -> None:
    bench = Bench()
    with notify_socket() as listening:
        bench.supervisor = Supervisor({"NOTIFY_SOCKET": listening.address})
        async with bench.running():
            assert await listening.hear_of("STATUS=") == "STATUS=last cycle: 2 changes done, 0 failures"


async def test_the_watchdog_hears_from_it_as_long_as_cycles_end() -> None:
    bench = Bench()
    with notify_socket() as listening:
        bench.supervisor = Supervisor({"NOTIFY_SOCKET": listening.address, "WATCHDOG_USEC": "30000000"})
        async with bench.running():
            for _ in range(2):
                await bench.clock.until_asleep(3)
                listening.waiting()
                bench.clock.advance(3600.0)
                await bench.next_cycle()

            assert "WATCHDOG=1" in listening.waiting()
