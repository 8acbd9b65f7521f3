"""What every source owes, as one suite: subclass `SourceContract` and override its two fixtures."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

import pytest

from syncd.domain.model import LARGEST, Part, Snapshot, SnapshotKind
from syncd.errors import PortError
from syncd.ports.source import Source

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
WAREHOUSES = ("main", "east")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row as the source writes it; texts stand for figures that are none."""

    sku: str
    warehouse: str = "main"
    on_hand: int | str = 5
    allocated: int | str = 0


class Fault(StrEnum):
    """How the next reading goes wrong."""

    GONE = "what is read is not there"
    CUT = "the answer ends inside a row"
    FOREIGN = "the answer is of another kind altogether"


class Rig(Protocol):
    """The ERP behind the source, as a test moves it."""

    arrived: asyncio.Event
    """Set when a reading that hangs has begun."""

    def put(self, *lines: Line) -> None:
        """Let a full reading say exactly this, from a minute before `NOW` on."""
        ...

    def put_delta(self, *lines: Line) -> None:
        """Let the next delta say this."""
        ...

    def fail(self, fault: Fault) -> None:
        """Let the next reading go wrong."""
        ...

    def hang(self) -> None:
        """Let the next reading never end of its own accord."""
        ...


def figures(snapshot: Snapshot) -> Mapping[tuple[str, str], Sequence[int]]:
    """Return on hand and allocated of every cell."""
    cells = zip(snapshot.skus, snapshot.warehouses, strict=True)
    parts = snapshot.parts[:, [Part.ON_HAND, Part.ALLOCATED]].tolist()
    return dict(zip(cells, parts, strict=True))


BAD_FIGURES = ("", "x", "-1", "NaN", "1,000", str(LARGEST + 1))


class SourceContract:
    """The suite; a subclass gives the source and the ERP behind it."""

    @pytest.fixture
    def rig(self) -> Rig:
        """Return the ERP, stocked with nothing."""
        raise NotImplementedError

    @pytest.fixture
    def source(self, rig: Rig) -> Source:
        """Return a source named erp that reads the ERP and counts `WAREHOUSES`."""
        raise NotImplementedError

    async def test_every_row_is_read(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A", allocated=2), Line(sku="A", warehouse="east", on_hand=0), Line(sku="B"))
        snapshot = await source.collect(now=NOW, cursor="")
        assert figures(snapshot) == {("A", "main"): [5, 2], ("A", "east"): [0, 0], ("B", "main"): [5, 0]}

    async def test_a_whole_answer_is_full_complete_and_named(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A"))
        snapshot = await source.collect(now=NOW, cursor="")
        assert (snapshot.source, snapshot.kind, snapshot.complete, snapshot.incomplete_because) == (
            "erp",
            SnapshotKind.FULL,
            True,
            "",
        )

    async def test_the_parts_are_a_table_of_whole_numbers(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A"), Line(sku="B"))
        parts = (await source.collect(now=NOW, cursor="")).parts
        assert (parts.shape, parts.dtype.name) == ((2, len(Part)), "int64")

    async def test_as_of_is_before_the_reading_and_in_utc(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A"))
        as_of = (await source.collect(now=NOW, cursor="")).as_of
        assert (as_of <= NOW - timedelta(minutes=1), as_of.utcoffset()) == (True, timedelta())

    async def test_codes_are_kept_as_they_are(self, rig: Rig, source: Source) -> None:
        codes = ("0012", "aB", "Ab", "商品 1", "9007199254740993", "a/b,c;'d", "=SUM(A1)")
        rig.put(*(Line(sku=code) for code in codes))
        assert set((await source.collect(now=NOW, cursor="")).skus) == set(codes)

    async def test_nothing_is_remembered_between_two_readings(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A"), Line(sku="B"))
        await source.collect(now=NOW, cursor="")
        rig.put(Line(sku="B", on_hand=7))
        assert figures(await source.collect(now=NOW, cursor="")) == {("B", "main"): [7, 0]}

    @pytest.mark.parametrize("bad", BAD_FIGURES)
    async def test_a_bad_figure_is_told_and_never_0(self, rig: Rig, source: Source, bad: str) -> None:
        rig.put(Line(sku="A", on_hand=bad), Line(sku="B"))
        snapshot = await source.collect(now=NOW, cursor="")
        told = [(problem.sku, problem.warehouse, problem.column) for problem in snapshot.problems]
        assert (told, snapshot.skus) == ([("A", "main", "on_hand")], ("B",))

    async def test_a_bad_row_does_not_make_the_rest_incomplete(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A", on_hand="x"), Line(sku="B"))
        assert (await source.collect(now=NOW, cursor="")).complete

    async def test_a_problem_says_where_it_is(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A", on_hand="x"))
        problem = (await source.collect(now=NOW, cursor="")).problems[0]
        assert (bool(problem.row), problem.message) == (True, "on_hand is 'x', not a number")

    async def test_decimals_never_make_more_to_sell(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A", on_hand="5.9", allocated="1.1"))
        snapshot = await source.collect(now=NOW, cursor="")
        assert (figures(snapshot), snapshot.floored) == ({("A", "main"): [5, 2]}, 2)

    async def test_two_rows_of_one_cell_that_differ_are_both_unbelievable(
        self, rig: Rig, source: Source
    ) -> None:
        rig.put(Line(sku="A"), Line(sku="A", on_hand=6), Line(sku="B"))
        snapshot = await source.collect(now=NOW, cursor="")
        assert (snapshot.skus, [problem.sku for problem in snapshot.problems]) == (("B",), ["A"])

    async def test_an_unknown_warehouse_is_told_with_the_known_ones(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A", warehouse="west"), Line(sku="B"))
        snapshot = await source.collect(now=NOW, cursor="")
        assert (snapshot.skus, "main, east" in snapshot.problems[0].message) == (("B",), True)

    async def test_an_empty_answer_has_no_figures_at_all(self, rig: Rig, source: Source) -> None:
        rig.put()
        snapshot = await source.collect(now=NOW, cursor="")
        assert (snapshot.skus, snapshot.parts.shape) == ((), (0, len(Part)))

    async def test_a_delta_says_only_what_changed(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A"), Line(sku="B"))
        first = await source.collect(now=NOW, cursor="")
        rig.put_delta(Line(sku="B", on_hand=9))
        snapshot = await source.collect(now=NOW, cursor=first.cursor or "1")
        assert (snapshot.kind, figures(snapshot)) == (SnapshotKind.DELTA, {("B", "main"): [9, 0]})

    async def test_what_is_gone_is_an_error_that_names_the_source(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A"))
        rig.fail(Fault.GONE)
        with pytest.raises(PortError, match=r"^erp: "):
            await source.collect(now=NOW, cursor="")

    async def test_what_is_foreign_is_an_error_that_names_the_source(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A"))
        rig.fail(Fault.FOREIGN)
        with pytest.raises(PortError, match=r"^erp: "):
            await source.collect(now=NOW, cursor="")

    async def test_a_cut_answer_never_passes_for_whole(self, rig: Rig, source: Source) -> None:
        rig.put(*(Line(sku=f"S{number}", on_hand=12345) for number in range(20)))
        rig.fail(Fault.CUT)
        try:
            snapshot = await source.collect(now=NOW, cursor="")
        except PortError:
            return
        assert not snapshot.complete
        # Half a figure looks like a figure.
        assert {on_hand for on_hand, _ in figures(snapshot).values()} <= {12345}

    async def test_it_works_again_after_an_error(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A"))
        rig.fail(Fault.FOREIGN)
        with pytest.raises(PortError):
            await source.collect(now=NOW, cursor="")
        rig.put(Line(sku="A"))
        assert figures(await source.collect(now=NOW, cursor="")) == {("A", "main"): [5, 0]}

    async def test_a_reading_can_be_cancelled(self, rig: Rig, source: Source) -> None:
        rig.put(Line(sku="A"))
        rig.hang()
        reading = asyncio.create_task(source.collect(now=NOW, cursor=""))
        await rig.arrived.wait()
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    async def test_many_readings_at_once_agree(self, rig: Rig, source: Source) -> None:
        rig.put(*(Line(sku=f"S{number}", on_hand=number) for number in range(50)))
        readings = await asyncio.gather(*(source.collect(now=NOW, cursor="") for _ in range(4)))
        assert [figures(reading) for reading in readings] == [figures(readings[0])] * 4
