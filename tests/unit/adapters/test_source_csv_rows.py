"""Rows of a file: what is read, and what is refused by its line."""

from pathlib import Path

import pytest

from syncd.errors import Kind, PortError
from tests.unit.adapters.source_csv_rig import HEAD, on_hand, problems, read


async def test_columns_are_found_by_their_words(tmp_path: Path) -> None:
    names = "sku,warehouse,on_hand,allocated,unsellable,locked,virtual,transfer_out,in_air"
    snapshot = await read(tmp_path, f"{names}\nA,main,9,8,7,6,5,4,3\n")
    assert (snapshot.parts.tolist(), snapshot.complete) == ([[9, 8, 7, 6, 5, 4, 3]], True)


async def test_columns_are_found_by_the_names_that_the_settings_give_them(tmp_path: Path) -> None:
    text = "名称,商品编码,仓库,库存,占用\n红,A,main,5,2\n"
    columns = {"sku": "商品编码", "warehouse": "仓库", "on_hand": "库存", "allocated": "占用"}
    snapshot = await read(tmp_path, text, columns=columns)
    assert (snapshot.skus, snapshot.parts[0].tolist()) == (("A",), [5, 2, 0, 0, 0, 0, 0])


async def test_a_column_is_found_whatever_its_case_and_gaps(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, "SKU,Warehouse,On Hand,ALLOCATED,Transfer-Out\nA,main,5,2,1\n")
    assert snapshot.parts[0].tolist() == [5, 2, 0, 0, 0, 1, 0]


async def test_a_column_may_be_left_out(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, "sku,warehouse,on_hand,virtual\nA,main,5,9\n", columns={"virtual": ""})
    assert snapshot.parts[0].tolist() == [5, 0, 0, 0, 0, 0, 0]


async def test_a_file_without_names_is_read_by_numbers(tmp_path: Path) -> None:
    columns = {"sku": 2, "on_hand": 3}
    snapshot = await read(tmp_path, "x,A,5\nx,B,6\n", header=False, columns=columns, warehouse="main")
    assert on_hand(snapshot) == {"A": 5, "B": 6}


async def test_one_warehouse_can_be_given_for_all_rows(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, "sku,on_hand\nA,5\n", warehouse="east")
    assert snapshot.warehouses == ("east",)


async def test_a_files_own_warehouse_goes_before_the_given_one(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, "sku,warehouse,on_hand\nA,main,5\n", warehouse="east")
    assert snapshot.warehouses == ("main",)


async def test_lines_before_the_names_are_left_out_and_counted(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, f"Stock list\nof today\n{HEAD}A,main,x\n", skip_lines=2)
    assert problems(snapshot)[0][0] == "stock.csv line 4"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
async def test_every_kind_of_line_end_is_read(tmp_path: Path, end: str) -> None:
    text = end.join(["sku,warehouse,on_hand", "A,main,5", "B,main,6", ""])
    snapshot = await read(tmp_path, text)
    assert (on_hand(snapshot), snapshot.complete) == ({"A": 5, "B": 6}, True)


async def test_blank_lines_and_empty_rows_are_no_rows(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, f"{HEAD}\nA,main,5\n,,\n  \n")
    assert (on_hand(snapshot), snapshot.problems) == ({"A": 5}, ())


async def test_blank_cells_beyond_the_last_column_do_no_harm(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, f"{HEAD}A,main,5,,\n")
    assert (on_hand(snapshot), snapshot.problems) == ({"A": 5}, ())


@pytest.mark.parametrize(("delimiter", "quote"), [(";", '"'), ("\t", "'"), ("|", "")])
async def test_delimiter_and_quote_can_be_set(tmp_path: Path, delimiter: str, quote: str) -> None:
    text = f"{HEAD}{quote}A{quote},main,5\n".replace(",", delimiter)
    snapshot = await read(tmp_path, text, delimiter=delimiter, quote=quote)
    assert on_hand(snapshot) == {"A": 5}


async def test_a_quoted_cell_may_hold_delimiters_and_lines(tmp_path: Path) -> None:
    text = 'sku,title,warehouse,on_hand\nA,"red, and\n""big""",main,5\nB,x,main,y\n'
    snapshot = await read(tmp_path, text)
    assert (on_hand(snapshot), problems(snapshot)[0][0], snapshot.complete) == (
        {"A": 5},
        "stock.csv line 4",
        True,
    )


async def test_without_a_quote_a_quote_is_a_letter(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, f'{HEAD}"A,main,5\nB,main,6\n', quote="")
    assert on_hand(snapshot) == {'"A': 5, "B": 6}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("A,main", "the line has 2 cells instead of 3"),
        ("A,main,5,6", "the line has 4 cells instead of 3; is `delimiter` right?"),
        ("A,main,5\0", "the line holds NUL bytes: the file is damaged, export it again"),
        ("A,main,", "on_hand is empty, write 0 where there are none"),
        ("A,main,x", "on_hand is 'x', not a number"),
        ("A,main,-5", "on_hand is '-5', below 0"),
        ('A,main,"1,000"', "on_hand is '1,000', which can be read in several ways: write it like 1000.5"),
        ("A,main,NaN", "on_hand is 'NaN', not a number"),
        (" ,main,5", "sku is empty"),
        ("A,,5", "warehouse is empty"),
        ("A,west,5", "warehouse 'west' is none of the source's (main, east); rows left out: 1"),
        ('A,main,"5"6', "the line cannot be taken apart: ',' expected after '\"'"),
    ],
)
async def test_a_bad_line_is_told_by_its_number_and_the_others_count(
    tmp_path: Path, line: str, message: str
) -> None:
    snapshot = await read(tmp_path, f"{HEAD}B,main,1\n{line}\nC,main,2\n")
    assert (problems(snapshot), on_hand(snapshot), snapshot.complete) == (
        [("stock.csv line 3", message)],
        {"B": 1, "C": 2},
        True,
    )


async def test_a_short_line_spoils_the_cell_that_it_names(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, "sku,warehouse,on_hand,allocated\nA,main,5,1\nA,main,5\nB,main,1,0\n")
    assert (snapshot.skus, snapshot.problems[0].sku) == (("B",), "A")


async def test_a_quote_that_hides_lines_makes_the_snapshot_incomplete(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, f'{HEAD}"A,main,5\nB,main,6\nC",main,7\nD,main,8\n')
    reason = "stock.csv: a quote in line 2 hides the lines up to 4; check `quote`"
    assert (snapshot.incomplete_because, on_hand(snapshot)) == (reason, {"D": 8})


async def test_a_quote_that_is_never_closed_makes_the_snapshot_incomplete(tmp_path: Path) -> None:
    snapshot = await read(tmp_path, f'{HEAD}A,main,5\nB,"main,6\nC,main,7\n')
    reason = "stock.csv: a quote in line 3 hides the lines up to 4; check `quote`"
    assert (snapshot.incomplete_because, on_hand(snapshot)) == (reason, {"A": 5})


async def test_a_blank_part_is_a_problem_where_blank_is_not_zero(tmp_path: Path) -> None:
    text = "sku,warehouse,on_hand,locked\nA,main,5,\n"
    snapshot = await read(tmp_path, text, blank_is_zero=False)
    assert problems(snapshot) == [("stock.csv line 2", "locked is empty, write 0 or set blank_is_zero")]


async def test_in_air_beyond_transfer_out_is_a_problem_until_received(tmp_path: Path) -> None:
    text = "sku,warehouse,on_hand,transfer_out,in_air\nA,main,5,1,2\n"
    snapshot = await read(tmp_path, text, transfer_convention="until_received")
    assert snapshot.problems[0].column == "in_air"


# --- the columns are wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            "code,warehouse,qty\n",
            {},
            (
                "has no column 'sku' for sku and has no column 'on_hand' for on_hand; correct `columns` "
                "(its columns: 'code', 'warehouse', 'qty'; read as UTF-8)"
            ),
        ),
        (
            "sku,on_hand\n",
            {},
            (
                "has no column 'warehouse' for warehouse; correct `columns` (its columns: 'sku', 'on_hand'; "
                "read as UTF-8)"
            ),
        ),
        (
            HEAD,
            {"columns": {"locked": "冻结"}},
            (
                "has no column '冻结' for locked; correct `columns` "
                "(its columns: 'sku', 'warehouse', 'on_hand'; read as UTF-8)"
            ),
        ),
        (
            "sku,SKU,warehouse,on_hand\n",
            {},
            (
                "names the column for sku more than once; correct `columns` "
                "(its columns: 'sku', 'SKU', 'warehouse', 'on_hand'; read as UTF-8)"
            ),
        ),
        (
            "A,5\n",
            {"header": False, "columns": {"sku": 1, "on_hand": 3}, "warehouse": "main"},
            "has no column 3 for on_hand; correct `columns` (it has 2 columns; read as UTF-8)",
        ),
    ],
)
async def test_a_missing_column_is_an_error_that_names_it_and_those_that_are_there(
    tmp_path: Path, text: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(PortError) as caught:
        await read(tmp_path, text, **options)
    assert (caught.value.kind, str(caught.value)) == (Kind.REJECTED, f"erp: stock.csv {message}")


async def test_names_that_cannot_be_taken_apart_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(PortError, match=r"^erp: stock.csv line 1 cannot be taken apart"):
        await read(tmp_path, '"sku"x,warehouse,on_hand\nA,main,5\n')
