"""What a refused or forgotten line owes: its own outcome, and nothing said of the lines beside it."""

import pytest

from syncd.conformance.rig import Ability, Bench, Fault, Stock
from syncd.conformance.words import kind_of_push, need, need_fault, pushed, raising, several
from syncd.errors import Kind, PortError

_OF_LINES = [Kind.REJECTED, Kind.NOT_FOUND, Kind.THROTTLED, Kind.PERMISSION, Kind.TRANSIENT]


class Refusals:
    """Calls of which a part fails."""

    @pytest.mark.parametrize("kind", _OF_LINES)
    async def test_a_refused_line_does_not_stop_the_batch(self, bench: Bench, kind: Kind) -> None:
        need(bench, Ability.LINE_REFUSALS)
        self._needs_kind(bench, kind)
        listings = several(bench)
        bench.rig.refuse(listings[1], kind)
        outcomes = await pushed(bench, *(raising(bench, listing) for listing in listings))
        assert [outcome.kind for outcome in outcomes] == [Kind.DONE, kind, Kind.DONE]
        assert [bench.rig.counter(listing) for listing in listings] == [7, 5, 7]
        assert outcomes[1].message

    @pytest.mark.parametrize("kind", [Kind.REJECTED, Kind.NOT_FOUND])
    async def test_a_call_that_is_refused_whole_has_done_nothing(self, bench: Bench, kind: Kind) -> None:
        if Ability.LINE_REFUSALS in bench.abilities:
            pytest.skip("the platform refuses lines, not calls (LINE_REFUSALS)")
        self._needs_kind(bench, kind)
        listings = several(bench)
        bench.rig.refuse(listings[1], kind)
        kinds = await kind_of_push(bench, *(raising(bench, listing) for listing in listings))
        assert set(kinds) == {kind}
        assert [bench.rig.counter(listing) for listing in listings] == [5, 5, 5]

    async def test_the_lines_of_a_refused_call_can_be_sent_again_one_by_one(self, bench: Bench) -> None:
        self._needs_kind(bench, Kind.REJECTED)
        listings = several(bench)
        bench.rig.refuse(listings[1], Kind.REJECTED)
        kinds = await kind_of_push(bench, *(raising(bench, listing) for listing in listings))
        for listing, kind in zip(listings, kinds, strict=True):
            if kind is not Kind.DONE:
                await kind_of_push(bench, raising(bench, listing, key=f"0c {listing}"))
        assert [bench.rig.counter(listing) for listing in listings[::2]] == [7, 7]

    async def test_a_line_that_the_answer_leaves_out_is_unknown(self, bench: Bench) -> None:
        need(bench, Ability.SILENT_LINES)
        listings = several(bench)
        bench.rig.silence(listings[1])
        outcomes = await pushed(bench, *(raising(bench, listing) for listing in listings))
        assert [outcome.kind for outcome in outcomes] == [Kind.DONE, Kind.UNKNOWN, Kind.DONE]

    async def test_a_call_whose_only_line_is_left_out_is_unknown(self, bench: Bench) -> None:
        need(bench, Ability.SILENT_LINES)
        listing = bench.rig.put(Stock(key="1", item="I"))
        bench.rig.silence(listing)
        assert await kind_of_push(bench, raising(bench, listing)) == [Kind.UNKNOWN]

    async def test_a_lost_reply_leaves_every_line_unknown(self, bench: Bench) -> None:
        need_fault(bench, Fault.LOST_REPLY)
        listings = several(bench)
        bench.rig.fail(Fault.LOST_REPLY)
        with pytest.raises(PortError) as caught:
            await pushed(bench, *(raising(bench, listing) for listing in listings))
        assert (caught.value.kind, caught.value.sent) == (Kind.UNKNOWN, True)
        assert [bench.rig.counter(listing) for listing in listings] == [7, 7, 7]

    @staticmethod
    def _needs_kind(bench: Bench, kind: Kind) -> None:
        if kind not in bench.line_kinds:
            pytest.skip(f"a line alone cannot be refused as {kind} (line_kinds)")
