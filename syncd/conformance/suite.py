"""The whole suite as a class: everything that a channel owes, against the platform of one factory."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, ClassVar

import pytest
import pytest_asyncio

from syncd.conformance.batches import Batches
from syncd.conformance.credentials import Credentials
from syncd.conformance.failures import Failures
from syncd.conformance.ledger import Ledger, RecordedTokens, recorded
from syncd.conformance.order_counters import OrderCounters
from syncd.conformance.order_failures import OrderFailures
from syncd.conformance.order_times import OrderTimes
from syncd.conformance.orders import Orders
from syncd.conformance.reading import Reading
from syncd.conformance.refusals import Refusals
from syncd.conformance.renewals import Renewals
from syncd.conformance.rig import Bench
from syncd.conformance.sale import Sale
from syncd.conformance.writing import Writing
from syncd.errors import Kind
from syncd.ports.tokens import Renewing

SUITE = "syncd-suite"
"""The property of a test's report that names the suite which it belongs to."""

KINDS = "syncd-kinds"
"""The property that says for people which kinds of errors were reached."""


class ChannelConformance(
    Reading,
    Writing,
    Batches,
    Refusals,
    Failures,
    Credentials,
    Renewals,
    Sale,
    Orders,
    OrderCounters,
    OrderTimes,
    OrderFailures,
):
    """Subclass it, name the subclass `Test...` and set `factory`."""

    pytestmark: ClassVar[list[pytest.MarkDecorator]] = [pytest.mark.asyncio(loop_scope="function")]
    ledger: ClassVar[Ledger] = Ledger()

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401 - as the class above it has them
        super().__init_subclass__(**kwargs)
        cls.ledger = Ledger()

    @staticmethod
    def factory() -> AbstractAsyncContextManager[Bench]:
        """Return a platform of its own with its opened channel."""
        raise NotImplementedError("set factory to what opens a bench")

    def opened(self, config: pytest.Config) -> AbstractAsyncContextManager[Bench]:  # noqa: ARG002 - the command's
        """Return the bench of one test."""
        return self.factory()

    @pytest_asyncio.fixture(loop_scope="function")
    async def bench(self, request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
        """Yield a platform without a fault, and its channel with every told kind noted."""
        request.node.user_properties.append((SUITE, type(self).__name__))
        async with self.opened(request.config) as bench:
            raw = bench.channel
            renewing = RecordedTokens(raw, self.ledger) if isinstance(raw, Renewing) else None
            yield replace(bench, channel=recorded(raw, self.ledger), renewing=renewing)
        self.ledger.finished.add(request.node.name)

    async def test_every_kind_of_error_was_reached(
        self, bench: Bench, request: pytest.FixtureRequest
    ) -> None:
        mine = [item for item in request.session.items if getattr(item, "cls", None) is type(self)]
        names = {item.name for item in mine} - {request.node.name}
        functions = {getattr(item, "originalname", "") for item in mine}
        wanted = {name for name in dir(self) if name.startswith("test_")}
        if wanted - functions or names - self.ledger.finished:
            pytest.skip("looks back on the whole suite: it must run last, in one process, after all of it")
        missing = set(Kind) - self.ledger.reached - bench.never.keys()
        text = f"reached {_listed(self.ledger.reached)}"
        if bench.never:
            text += "; cannot say " + ", ".join(
                f"{kind} ({why})" for kind, why in sorted(bench.never.items())
            )
        request.node.user_properties.append((KINDS, text))
        assert not missing, (
            f"never told: {_listed(missing)}; name in Bench.never what the platform cannot say"
        )


def _listed(kinds: set[Kind]) -> str:
    return ", ".join(kind.value for kind in Kind if kind in kinds)
