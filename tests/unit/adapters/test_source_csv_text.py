"""Encodings, and files that were cut."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.adapters.sources.csv.text import text
from syncd.errors import Kind, PortError
from tests.unit.adapters.source_csv_rig import HEAD, on_hand, problems, read, settings

_TEXT = f"{HEAD}商品,main,5\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_the_encoding_is_found_out(tmp_path: Path, encoding: str) -> None:
    assert on_hand(await read(tmp_path, _TEXT.encode(encoding))) == {"商品": 5}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
async def test_the_encoding_can_be_set(tmp_path: Path, encoding: str) -> None:
    assert on_hand(await read(tmp_path, _TEXT.encode(encoding), encoding=encoding)) == {"商品": 5}


async def test_another_encoding_than_the_one_set_is_an_error_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(PortError) as caught:
        await read(tmp_path, _TEXT.encode("gb18030"), encoding="utf-8")
    message = "erp: stock.csv line 2 is not UTF-8; set `encoding` or export it again"
    assert (caught.value.kind, str(caught.value)) == (Kind.REJECTED, message)


async def test_what_is_neither_encoding_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PortError) as caught:
        await read(tmp_path, HEAD.encode() + b"\xff\xff,main,5\n")
    assert str(caught.value) == "erp: stock.csv line 2 is neither UTF-8 nor GB18030; export it again"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
async def test_utf_16_is_named(tmp_path: Path, encoding: str) -> None:
    data = ("\ufeff" if encoding == "utf-16-be" else "") + _TEXT
    with pytest.raises(PortError, match=r"^erp: stock.csv is UTF-16; let it be written as UTF-8 or GB18030$"):
        await read(tmp_path, data.encode(encoding))


async def test_the_encoding_is_named_where_columns_are_missing(tmp_path: Path) -> None:
    with pytest.raises(PortError, match="read as GB18030"):
        await read(tmp_path, "商品,main\n".encode("gb18030"))


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
async def test_a_file_cut_inside_a_character_is_incomplete_and_not_of_another_encoding(
    tmp_path: Path, encoding: str
) -> None:
    snapshot = await read(tmp_path, f"{HEAD}商品,main,5\n商品二".encode(encoding)[:-1])
    assert (on_hand(snapshot), snapshot.complete) == ({"商品": 5}, False)


async def test_a_last_line_without_an_end_is_a_problem_and_not_read(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, f"{HEAD}A,main,5\nB,main,12")
    reason = "its last line has no end, so it may be cut short"
    assert (on_hand(snapshot), problems(snapshot), snapshot.incomplete_because) == (
        {"A": 5},
        [("stock.csv", reason)],
        f"stock.csv: {reason}",
    )


async def test_a_file_cut_in_its_names_is_incomplete(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, "sku,warehou")
    assert (snapshot.skus, snapshot.complete) == ((), False)


async def test_an_empty_file_is_incomplete(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, "")
    assert (snapshot.skus, snapshot.incomplete_because) == ((), "stock.csv: it is empty")


async def test_names_without_rows_are_incomplete_without_a_proof(tmp_path: Path) -> None:
    reason = "stock.csv: it has no rows, and nothing proves that it should have none; set `proof`"
    assert (await read(tmp_path, HEAD)).incomplete_because == reason


async def test_blank_lines_alone_are_incomplete(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, "\n\n")
    assert snapshot.incomplete_because == "stock.csv: it has no rows and no names of columns"


def test_a_character_that_lies_across_two_steps_is_no_error(tmp_path: Path) -> None:
    data = b"x" * (1024 * 1024 - 1) + "商\n".encode()
    assert text(data, settings(tmp_path), place="erp: stock.csv").encoding == "utf-8"


_skus = st.text(st.characters(codec="gb18030", exclude_categories=("C", "Z")), min_size=1, max_size=8)


@given(
    st.dictionaries(_skus, st.integers(0, 10**9), min_size=1, max_size=8),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
async def test_what_was_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, stock: dict[str, int], encoding: str
) -> None:
    rows = [f'"{sku.replace(chr(34), chr(34) * 2)}",main,{count}\n' for sku, count in stock.items()]
    chosen = "gb18030" if encoding == "gb18030" else "utf-8"
    data = (HEAD + "".join(rows)).encode(encoding)
    snapshot = await read(tmp_path_factory.mktemp("export"), data, encoding=chosen)
    assert (on_hand(snapshot), snapshot.complete) == (stock, True)


@given(st.integers(0, 60), st.sampled_from(["end_marker", "row_count"]))
async def test_a_file_cut_anywhere_never_passes_for_whole(
    tmp_path_factory: pytest.TempPathFactory, cut: int, proof: str
) -> None:
    end = "#END\n" if proof == "end_marker" else "rows: 3\n"
    whole = f"{HEAD}A,main,11\nB,main,12\nC,main,13\n{end}".encode()
    data = whole[:cut]
    snapshot = await read(
        tmp_path_factory.mktemp("export"),
        data,
        proof=proof,
        end_marker="#END" if proof == "end_marker" else "",
    )
    # The end of the last line itself adds nothing to the proof.
    assert snapshot.complete == (len(data) >= len(whole) - 1)


@given(st.integers(0, 50))
async def test_without_a_proof_only_a_cut_between_lines_goes_unseen(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    data = f"{HEAD}A,main,11\nB,main,12\nC,main,13\n".encode()[:cut]
    snapshot = await read(tmp_path_factory.mktemp("export"), data)
    assert snapshot.complete == (data.endswith(b"\n") and data.count(b"\n") > 1)
