"""Which files are read, what proves them whole, and when they were made."""

import os
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from syncd.adapters.sources.csv.files import Found, _meaning, content
from syncd.adapters.sources.csv.table import Stopped, TableReader
from syncd.adapters.sources.csv.text import text
from syncd.domain.model import SourceName
from syncd.domain.snapshot import SnapshotBuilder
from syncd.errors import Kind, PortError
from tests.unit.adapters.source_csv_rig import (
    HEAD,
    NOW,
    collected,
    on_hand,
    problems,
    read,
    settings,
    written,
)

_ROWS = f"{HEAD}A,main,5\nB,main,6\n"


# --- proofs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["#END", "#END\n", "#END 2 rows\n", "#END,,\n", "#END\n\n\r\n"])
async def test_an_end_marker_proves_a_file_whole(tmp_path: Path, end: str) -> None:
    snapshot = await read(tmp_path, f"{_ROWS}{end}", proof="end_marker", end_marker="#END")
    assert (on_hand(snapshot), snapshot.complete, snapshot.problems) == ({"A": 5, "B": 6}, True, ())


@pytest.mark.parametrize(
    ("marker", "last"),
    [("#END", ""), ("E", "E100,main,5\n"), ("E", "E100,ma"), ("E", "E 1,main,5\n"), ("#END", "#EN")],
)
async def test_without_its_end_marker_a_file_is_incomplete(tmp_path: Path, marker: str, last: str) -> None:
    snapshot = await read(tmp_path, f"{_ROWS}{last}", proof="end_marker", end_marker=marker)
    reason = "stock.csv: its last line is not the end marker: it was cut, or is still being written"
    assert snapshot.incomplete_because == reason


async def test_an_end_marker_proves_that_there_is_nothing(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, f"{HEAD}#END\n", proof="end_marker", end_marker="#END")
    assert (snapshot.skus, snapshot.complete) == ((), True)


@pytest.mark.parametrize("last", ["rows: 2", "2\n", "TOTAL,2,\n"])
async def test_a_row_count_in_the_last_line_proves_a_file_whole(tmp_path: Path, last: str) -> None:
    assert (await read(tmp_path, f"{_ROWS}{last}", proof="row_count")).complete


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ("rows: 3\n", "it has 2 rows, but 3 by its last line"),
        ("rows: ?\n", "its last line has no row count that fits `row_count`"),
        (
            "S2,main,2\n",
            "its last line is a row, not the row count: it was cut, or is still being written",
        ),
    ],
)
async def test_a_wrong_row_count_makes_a_file_incomplete(tmp_path: Path, last: str, reason: str) -> None:
    snapshot = await read(tmp_path, f"{_ROWS}{last}", proof="row_count")
    assert snapshot.incomplete_because == f"stock.csv: {reason}"


async def test_a_bad_row_counts_as_a_row(tmp_path: Path) -> None:
    assert (await read(tmp_path, f"{_ROWS}C,main,x\nD\n4\n", proof="row_count")).complete


@pytest.mark.parametrize(("count", "complete"), [(2, True), (1, False)])
async def test_the_row_count_may_stand_in_the_first_line(
    tmp_path: Path,
    count: int,
    complete: bool,  # noqa: FBT001
) -> None:
    options = {"proof": "row_count", "row_count_in": "first_line", "row_count": r"rows=(\d+)"}
    snapshot = await read(tmp_path, f"2026 rows={count}\n{_ROWS}", **options)
    assert (on_hand(snapshot), snapshot.complete) == ({"A": 5, "B": 6}, complete)


async def test_a_row_count_ahead_does_not_vouch_for_a_torn_last_line(tmp_path: Path) -> None:
    snapshot = await read(
        tmp_path, f"2\n{HEAD}A,main,5\nB,main,6", proof="row_count", row_count_in="first_line"
    )
    assert not snapshot.complete


@pytest.mark.parametrize(("name", "rule"), [("stock.csv.count", "{name}.count"), ("stock.ok", "{stem}.ok")])
async def test_the_row_count_may_stand_in_a_file_of_its_own(tmp_path: Path, name: str, rule: str) -> None:
    (tmp_path / name).write_text("2\n", encoding="utf-8")
    options = {"proof": "row_count", "row_count_in": "file", "row_count_file": rule}
    assert (await read(tmp_path, _ROWS, **options)).complete


async def test_a_file_whose_row_count_is_not_there_yet_is_incomplete(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, _ROWS, proof="row_count", row_count_in="file")
    reason = "stock.csv: stock.csv.count, which has its row count, is not there"
    assert snapshot.incomplete_because == reason


async def test_a_row_count_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "stock.csv.count").mkdir()
    with pytest.raises(PortError, match=r"stock.csv.count is no plain file"):
        await read(tmp_path, _ROWS, proof="row_count", row_count_in="file")


# --- as_of -------------------------------------------------------------------------------------------------


async def test_a_file_is_as_old_as_its_beginning(tmp_path: Path) -> None:
    path = written(tmp_path / "stock.csv", _ROWS, minutes_ago=10)
    assert (await collected(path, export_takes="2m")).as_of == NOW - timedelta(minutes=12)


async def test_the_time_may_stand_in_the_name(tmp_path: Path) -> None:
    written(tmp_path / "stock_20260302173000.csv", _ROWS)
    snapshot = await collected(tmp_path, as_of_from="name", timezone="+08:00")
    assert snapshot.as_of == NOW - timedelta(minutes=30)


async def test_a_name_without_a_time_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path / "stock.csv", _ROWS)
    with pytest.raises(PortError) as caught:
        await collected(path, as_of_from="name")
    message = "the time in the name of stock.csv is empty; correct `as_of_pattern` or `as_of_format`"
    assert str(caught.value) == f"erp: {message}"


async def test_the_earliest_time_in_the_column_counts(tmp_path: Path) -> None:
    rows = "A,main,5,2026-03-02 17:30\nB,main,6,2026-03-02 17:20\n"
    text = f"sku,warehouse,on_hand,as_of\n{rows}"
    snapshot = await read(tmp_path, text, as_of_from="column", timezone="Asia/Shanghai")
    assert snapshot.as_of == NOW - timedelta(minutes=40)


async def test_a_row_whose_time_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    text = "sku,warehouse,on_hand,as_of\nA,main,5,soon\nB,main,6,2026-03-02 09:00\n"
    snapshot = await read(tmp_path, text, as_of_from="column")
    assert (problems(snapshot), on_hand(snapshot)) == (
        [("stock.csv line 2", "as_of is 'soon', not a time")],
        {"B": 6},
    )


async def test_a_time_a_little_ahead_is_now(tmp_path: Path) -> None:
    path = written(tmp_path / "stock.csv", _ROWS, minutes_ago=-3)
    assert (await collected(path)).as_of == NOW


async def test_a_time_hours_ahead_is_an_error(tmp_path: Path) -> None:
    written(tmp_path / "stock_20260302173000.csv", _ROWS)
    with pytest.raises(PortError, match=r"as_of is 450 minutes ahead .* check `timezone`"):
        await collected(tmp_path, as_of_from="name")


# --- which file --------------------------------------------------------------------------------------------


async def test_of_a_folder_the_newest_file_counts(tmp_path: Path) -> None:
    written(tmp_path / "b.csv", f"{HEAD}A,main,1\n", minutes_ago=20)
    written(tmp_path / "a.csv", f"{HEAD}A,main,2\n", minutes_ago=10)
    written(tmp_path / "c.txt", f"{HEAD}A,main,3\n", minutes_ago=5)
    written(tmp_path / ".d.csv", f"{HEAD}A,main,4\n", minutes_ago=5)
    assert on_hand(await collected(tmp_path)) == {"A": 2}


async def test_while_the_newest_file_is_not_whole_the_one_before_counts(tmp_path: Path) -> None:
    written(tmp_path / "old.csv", f"{HEAD}A,main,1\n", minutes_ago=20)
    written(tmp_path / "new.csv", f"{HEAD}A,main,2\nB,ma", minutes_ago=10)
    snapshot = await collected(tmp_path)
    reason = "new.csv: its last line has no end, so it may be cut short"
    assert (on_hand(snapshot), snapshot.complete, problems(snapshot)) == (
        {"A": 1},
        True,
        [("new.csv", f"the file is left out until it is whole: {reason}")],
    )


async def test_where_no_file_is_whole_the_newest_is_told(tmp_path: Path) -> None:
    for minute in range(1, 6):
        written(tmp_path / f"{minute}.csv", f"{HEAD}A,main,{minute}\nB", minutes_ago=minute)
    snapshot = await collected(tmp_path)
    reason = "1.csv: its last line has no end, so it may be cut short"
    assert (on_hand(snapshot), snapshot.incomplete_because) == ({"A": 1}, reason)


async def test_the_files_of_one_export_are_joined(tmp_path: Path) -> None:
    written(tmp_path / "1.csv", f"{HEAD}A,main,1\n", minutes_ago=20)
    written(tmp_path / "2.csv", f"{HEAD}B,main,2\n", minutes_ago=10)
    snapshot = await collected(tmp_path, files="all", file_count=2)
    assert (on_hand(snapshot), snapshot.complete, snapshot.as_of) == (
        {"A": 1, "B": 2},
        True,
        NOW - timedelta(minutes=21),
    )


async def test_an_export_that_lacks_a_file_is_incomplete(tmp_path: Path) -> None:
    written(tmp_path / "1.csv", f"{HEAD}A,main,1\n")
    snapshot = await collected(tmp_path, files="all", file_count=2)
    assert snapshot.incomplete_because == "the export of 1.csv has 1 of 2 files"


_PARTS = r"(?P<export>\d+)-\d+of(?P<count>\d+)"


async def test_the_names_of_parts_tell_the_exports_apart(tmp_path: Path) -> None:
    written(tmp_path / "7-1of1.csv", f"{HEAD}A,main,7\n", minutes_ago=30)
    written(tmp_path / "8-1of2.csv", f"{HEAD}A,main,8\n", minutes_ago=20)
    written(tmp_path / "8-2of2.csv", f"{HEAD}B,main,8\n", minutes_ago=10)
    written(tmp_path / "other.csv", "nothing", minutes_ago=5)
    assert on_hand(await collected(tmp_path, files="all", parts=_PARTS)) == {"A": 8, "B": 8}


async def test_while_a_part_is_not_there_the_export_before_counts(tmp_path: Path) -> None:
    written(tmp_path / "7-1of1.csv", f"{HEAD}A,main,7\n", minutes_ago=30)
    written(tmp_path / "8-1of2.csv", f"{HEAD}A,main,8\n", minutes_ago=20)
    assert on_hand(await collected(tmp_path, files="all", parts=_PARTS)) == {"A": 7}


async def test_no_name_that_fits_the_parts_is_an_error(tmp_path: Path) -> None:
    written(tmp_path / "other.csv", _ROWS)
    with pytest.raises(PortError, match=r"has a name that fits `parts`; check both$"):
        await collected(tmp_path, files="all", parts=_PARTS)


async def test_a_count_of_parts_that_is_no_number_is_an_error(tmp_path: Path) -> None:
    written(tmp_path / "7-1ofN.csv", _ROWS)
    with pytest.raises(PortError, match=r"finds 'N', which is no number$"):
        await collected(tmp_path, files="all", parts=r"(?P<export>\d+)-\d+of(?P<count>\w+)\.")


# --- what the system says ----------------------------------------------------------------------------------


async def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(PortError) as caught:
        await collected(tmp_path / "none.csv")
    message = f"erp: {tmp_path / 'none.csv'} is not there; check `path`, or wait for the export"
    assert (caught.value.kind, str(caught.value)) == (Kind.NOT_FOUND, message)


async def test_a_folder_without_a_fitting_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(PortError) as caught:
        await collected(tmp_path)
    message = f"no file in {tmp_path} fits the pattern '*.csv'; check `path` and `pattern`"
    assert (caught.value.kind, str(caught.value)) == (Kind.NOT_FOUND, f"erp: {message}")


async def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(PortError, match=r"^erp: pipe.csv is no plain file; check `path`$"):
        await collected(tmp_path / "pipe.csv")


async def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(PortError) as caught:
        await read(tmp_path, _ROWS, max_bytes=10)
    assert str(caught.value) == "erp: stock.csv has 40 bytes, more than `max_bytes` (10) allows"


@pytest.mark.parametrize(
    ("error", "kind", "advice"),
    [
        (PermissionError(), Kind.PERMISSION, "may not be read by the user that syncd runs as"),
        (NotADirectoryError(), Kind.NOT_FOUND, "is not there"),
        (OSError(5, "Input/output error"), Kind.TRANSIENT, "could not be read: Input/output error"),
        (OSError(), Kind.TRANSIENT, "could not be read: OSError"),
    ],
)
def test_every_error_of_the_system_becomes_a_kind(error: OSError, kind: Kind, advice: str) -> None:
    meaning = _meaning("erp", Path("stock.csv"), error)
    assert (meaning.kind, advice in str(meaning)) == (kind, True)


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    target = written(tmp_path / "1.csv", _ROWS)

    class Growing(type(target)):  # type: ignore[misc]
        def open(self, *_args: object, **_options: object) -> object:
            stream = Path(self).open("rb")  # noqa: SIM115
            written(Path(self), f"{_ROWS}C,main,7\n")
            return stream

    assert content(Growing(target), max_bytes=100, name="erp").changed


def test_a_reader_that_nobody_waits_for_stops(tmp_path: Path) -> None:
    options = settings(tmp_path)
    reader = TableReader(options, SnapshotBuilder(SourceName("erp")), name="erp", file="stock.csv")
    stop = Event()
    stop.set()
    with pytest.raises(Stopped):
        reader.read(text(_ROWS.encode(), options, place="erp: stock.csv"), stop)


# --- deltas ------------------------------------------------------------------------------------------------


def _deltas(folder: Path) -> None:
    written(folder / "1.csv", f"{HEAD}A,main,1\nB,main,1\n", minutes_ago=30)
    written(folder / "2.csv", f"{HEAD}A,main,2\nC,main,x\n", minutes_ago=20)
    written(folder / "3.csv", f"{HEAD}B,main,x\nC,main,3\n", minutes_ago=10)


async def test_deltas_are_joined_and_the_newest_row_counts(tmp_path: Path) -> None:
    _deltas(tmp_path)
    snapshot = await collected(tmp_path, kind="delta")
    assert (on_hand(snapshot), problems(snapshot), snapshot.kind, snapshot.as_of) == (
        {"A": 2, "C": 3},
        [("3.csv line 2", "on_hand is 'x', not a number")],
        "delta",
        NOW - timedelta(minutes=11),
    )


async def test_only_deltas_after_the_cursor_are_read(tmp_path: Path) -> None:
    _deltas(tmp_path)
    cursor = (await collected(tmp_path, kind="delta", pattern="[12].csv")).cursor
    snapshot = await collected(tmp_path, kind="delta", cursor=cursor)
    assert (on_hand(snapshot), snapshot.cursor > cursor) == ({"C": 3}, True)


async def test_without_a_new_delta_nothing_is_said_and_no_time_passes(tmp_path: Path) -> None:
    _deltas(tmp_path)
    first = await collected(tmp_path, kind="delta")
    again = await collected(tmp_path, kind="delta", cursor=first.cursor)
    assert (again.skus, again.complete, again.as_of, again.cursor) == ((), True, first.as_of, first.cursor)


async def test_a_newest_delta_that_is_not_whole_waits(tmp_path: Path) -> None:
    _deltas(tmp_path)
    written(tmp_path / "4.csv", f"{HEAD}A,main,4\nB", minutes_ago=5)
    snapshot = await collected(tmp_path, kind="delta")
    assert (on_hand(snapshot), snapshot.complete, snapshot.problems[-1].row) == (
        {"A": 2, "C": 3},
        True,
        "4.csv",
    )


async def test_an_older_delta_that_is_not_whole_is_lost_news(tmp_path: Path) -> None:
    _deltas(tmp_path)
    written(tmp_path / "2.csv", f"{HEAD}A,main,2\nC", minutes_ago=20)
    reason = "2.csv: its last line has no end, so it may be cut short"
    assert (await collected(tmp_path, kind="delta")).incomplete_because == reason


async def test_the_only_delta_that_is_not_whole_is_incomplete(tmp_path: Path) -> None:
    written(tmp_path / "1.csv", f"{HEAD}A,main,4\nB", minutes_ago=5)
    assert not (await collected(tmp_path, kind="delta")).complete


async def test_a_full_export_among_deltas_begins_anew(tmp_path: Path) -> None:
    _deltas(tmp_path)
    written(tmp_path / "full.csv", f"{HEAD}A,main,9\nD,main,9\n", minutes_ago=15)
    snapshot = await collected(tmp_path, kind="delta", pattern="[0-9].csv", full_pattern="full*.csv")
    assert (on_hand(snapshot), snapshot.kind) == ({"A": 9, "D": 9, "C": 3}, "full")


def test_files_of_the_same_time_are_in_the_order_of_their_names() -> None:
    files = [Found(path=Path(name), mtime_ns=1) for name in ("b", "a")]
    assert sorted(file.mark for file in files) == [f"{1:020d} a", f"{1:020d} b"]
