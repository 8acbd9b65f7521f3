"""Channels that break one promise each; every one of them works in all other ways."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from syncd.conformance import Bench
from syncd.domain.model import Action, ListingId, ObservedListing, Outcome, Write
from syncd.domain.orders import OrderLine
from syncd.errors import Kind, PortError
from syncd.ports.channel import ChannelTraits
from tests.contract.memory_rig import ALL_MODES, MemoryRig, Wired

Change = Callable[[Any], Any]


def _same(value: Any) -> Any:  # noqa: ANN401 - of any kind
    return value


class Broken(Wired):
    """The shop in memory whose channel changes what goes in and what comes out.

    `pages` are all pages of a reading, `error` any failure of a call, `written` the writes and `outcomes`
    what is said of them, `lines` all lines of orders that are told.
    """

    def __init__(
        self,
        rig: MemoryRig,
        *,
        traits: Change = _same,
        pages: Change = _same,
        error: Change = _same,
        asked: Change = _same,
        written: Change = _same,
        outcomes: Change = _same,
        lines: Change = _same,
        named: Change = _same,
        since: Change = _same,
    ) -> None:
        super().__init__(rig.shop, rig)
        self._change = {
            "traits": traits,
            "pages": pages,
            "error": error,
            "asked": asked,
            "written": written,
            "outcomes": outcomes,
            "lines": lines,
            "named": named,
            "since": since,
        }

    @property
    def traits(self) -> ChannelTraits:
        changed: ChannelTraits = self._change["traits"](super().traits)
        return changed

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        pages: list[Sequence[ObservedListing]] = []
        try:
            pages += [page async for page in super().observe(self._change["asked"](listings))]
        except PortError as error:
            self._raise(error)
        for page in self._change["pages"](pages):
            yield page

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        try:
            outcomes = await super().push([self._change["written"](write) for write in writes])
        except PortError as error:
            self._raise(error)
            return [Outcome(kind=Kind.DONE)] * len(writes)
        changed: Sequence[Outcome] = self._change["outcomes"](list(outcomes))
        return changed

    async def orders(self, *, since: datetime, until: datetime) -> AsyncIterator[Sequence[OrderLine]]:
        lines: list[OrderLine] = []
        try:
            async for page in super().orders(since=self._change["since"](since), until=until):
                lines += page
        except PortError as error:
            self._raise(error)
        yield self._change["lines"](lines)

    async def these_orders(self, orders: Sequence[str]) -> Sequence[OrderLine]:
        lines = await super().these_orders(orders)
        changed: Sequence[OrderLine] = self._change["named"](list(lines))
        return changed

    def _raise(self, error: PortError) -> None:
        """Raise the changed error, or let the call seem to have gone well."""
        changed = self._change["error"](error)
        if changed is not None:
            raise changed


def broken(**changes: Change) -> Bench:
    """Return a bench whose channel breaks what `changes` say."""
    rig = MemoryRig(ALL_MODES)
    bench = rig.bench()
    return replace(bench, channel=Broken(rig, **changes))


# --- changes -----------------------------------------------------------------------------------------------


def each(**fields: Callable[[Any], Any]) -> Change:
    """Return what changes fields of every listing, by what the whole listing is."""

    def change(pages: list[Sequence[ObservedListing]]) -> list[list[ObservedListing]]:
        return [
            [replace(row, **{name: value(row) for name, value in fields.items()}) for row in page]
            for page in pages
        ]

    return change


def told_as(kind: Kind) -> Change:
    """Return what tells every failure as this kind."""
    return lambda error: PortError(kind, str(error), retry_after=error.retry_after, sent=error.sent)


def lines_with(**fields: Callable[[OrderLine], Any]) -> Change:
    """Return what changes fields of every line, by what the whole line is."""

    def change(lines: list[OrderLine]) -> list[OrderLine]:
        return [line._replace(**{name: value(line) for name, value in fields.items()}) for line in lines]

    return change


def as_action(wrong: Action, right: Action) -> Change:
    """Return what sends writes of one action as another."""
    return lambda write: write._replace(action=wrong) if write.action is right else write
