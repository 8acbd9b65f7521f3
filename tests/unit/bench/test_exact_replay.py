"""A user's own orders: what is read, and what is said of a file that cannot be."""

from pathlib import Path

import pytest

from tests.bench.exact.demand import Buyer, Demand
from tests.bench.exact.replay import ReplayError, read_demand

ORDERS = "time_s,sku,shop,units\n"
STOCK = "sku,units\n"


def replayed(folder: Path, orders: str, stock: str = STOCK + "A,5\n") -> Demand:
    (folder / "orders.csv").write_text(orders, encoding="utf-8")
    (folder / "stock.csv").write_text(stock, encoding="utf-8")
    return read_demand(folder / "orders.csv", folder / "stock.csv")


def test_orders_are_replayed_in_the_order_of_their_times(tmp_path: Path) -> None:
    found = replayed(tmp_path, ORDERS + "20.5,A,tmall,2\n3,A,jd,1\n")
    assert found.buyers == (Buyer(3.0, "A", "jd", 1), Buyer(20.5, "A", "tmall", 2))


def test_the_shops_are_those_of_the_orders(tmp_path: Path) -> None:
    assert replayed(tmp_path, ORDERS + "1,A,tmall,2\n3,A,jd,1\n").shops == ("jd", "tmall")


def test_stock_without_orders_is_there_all_the_same(tmp_path: Path) -> None:
    found = replayed(tmp_path, ORDERS + "1,A,jd,1\n", STOCK + "A,5\nB,7\n")
    assert found.stock == {"A": 5, "B": 7}


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert len(replayed(tmp_path, "\ufeff" + ORDERS + "1,A,jd,1\n").buyers) == 1


@pytest.mark.parametrize(
    ("orders", "stock", "said"),
    [
        ("time,sku,shop,units\n1,A,jd,1\n", STOCK + "A,5\n", "orders.csv:1: must be the heading time_s,sku"),
        ("", STOCK + "A,5\n", "orders.csv:1: must be the heading"),
        (ORDERS, STOCK + "A,5\n", "orders.csv: has no orders"),
        (ORDERS + "1,A,jd\n", STOCK + "A,5\n", "orders.csv:2: has 3 cells, not 4"),
        (ORDERS + "1,A,jd,1\nx,A,jd,1\n", STOCK + "A,5\n", "orders.csv:3: time_s must be the seconds"),
        (ORDERS + "-1,A,jd,1\n", STOCK + "A,5\n", "orders.csv:2: time_s must be the seconds"),
        (ORDERS + "nan,A,jd,1\n", STOCK + "A,5\n", "orders.csv:2: time_s must be the seconds"),
        (ORDERS + "1,,jd,1\n", STOCK + "A,5\n", "orders.csv:2: sku is empty"),
        (ORDERS + "1,B,jd,1\n", STOCK + "A,5\n", "orders.csv:2: B has no stock"),
        (ORDERS + "1,A,My Shop,1\n", STOCK + "A,5\n", "orders.csv:2: the shop 'My Shop' is no name"),
        (ORDERS + "1,A,jd,0\n", STOCK + "A,5\n", "orders.csv:2: units must be from 1"),
        (ORDERS + "1,A,jd,1.5\n", STOCK + "A,5\n", "orders.csv:2: units must be a whole number"),
        (ORDERS + '1,"A,jd,1\n', STOCK + "A,5\n", "orders.csv: is no CSV"),
        (ORDERS + "1,A,jd,1\n", "sku;units\nA;5\n", "stock.csv:1: must be the heading sku,units"),
        (ORDERS + "1,A,jd,1\n", STOCK + "A,5\nA,6\n", "stock.csv:3: A is there twice"),
        (ORDERS + "1,A,jd,1\n", STOCK + "A,-5\n", "stock.csv:2: units must be a whole number from 0"),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(tmp_path: Path, orders: str, stock: str, said: str) -> None:
    with pytest.raises(ReplayError) as caught:
        replayed(tmp_path, orders, stock)
    assert said in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"nowhere\.csv: cannot be read"):
        read_demand(tmp_path / "orders.csv", tmp_path / "nowhere.csv")


def test_a_file_of_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "stock.csv").write_bytes(STOCK.encode() + "上衣,5\n".encode("gb18030"))
    with pytest.raises(ReplayError, match=r"stock\.csv: is not UTF-8"):
        read_demand(tmp_path / "orders.csv", tmp_path / "stock.csv")
