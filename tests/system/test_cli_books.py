"""Orders, claims and shares on the command line: the state of a split pool, as people ask for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from syncd.adapters.state import open_store
from syncd.domain.model import ListingId, PoolName, ShopName, Sku
from syncd.domain.ordering import line_of
from syncd.domain.orders import Stage
from syncd.domain.records import ClaimRow, FeedState, LedgerRow, MoveRow, OrderRow
from syncd.domain.virtual.history import MOVING, SHARE, Way, rule_of
from syncd.ports.store import Store, TakenOrders, Virtual
from tests.system.cli_rig import Bench, Done, bench

TMALL, JD, MAIN = ShopName("tmall"), ShopName("jd"), PoolName("main")
NOW = datetime.now(UTC).replace(microsecond=0)
SKU0 = Sku("SKU0")
ORDER_KEYS = {
    "shop", "order", "line", "listing", "code", "skus", "stage", "units", "released", "shipped", "open",
    "contained", "created", "paid", "modified", "doubt", "waits_for",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What every command said, by name."""

    said: dict[str, Done] = field(default_factory=dict)


def an_order(line: str, *, minutes: int, sku: str = "SKU0", **changed: object) -> OrderRow:
    made = NOW - timedelta(minutes=minutes)
    row = OrderRow(
        shop=TMALL,
        order=f"o{line}",
        line=line,
        listing=ListingId("1000"),
        code=f"1-{sku}",
        units=2,
        released=0,
        shipped=0,
        stage=Stage.PAID,
        created=made,
        paid=made,
        sent=None,
        ended=None,
        modified=made,
        replaces="",
        doubt="",
        warehouse="",
        parts=f'{{"{sku}":1}}',
        off_least=2,
        off_most=2,
        grown=made,
        settled=False,
    )
    return row._replace(**changed)  # type: ignore[arg-type]


@asynccontextmanager
async def written(tools: Bench) -> AsyncIterator[Store]:
    """Yield the state, to write into it what shops without orders cannot tell."""
    async with open_store(tools.state) as store:
        yield store


async def _sold(tools: Bench) -> None:
    rows = [an_order(str(number), minutes=number) for number in range(1, 4)]
    rows.append(an_order("9", minutes=99, sku="SKU1", stage=Stage.CLOSED, released=2, doubt="refund X"))
    claims = [ClaimRow(TMALL, line_of(rows[0], SKU0), SKU0, "", 2, rows[0].created)]
    claims.append(ClaimRow(JD, "drop:1:SKU0:t", SKU0, "", 1, NOW))
    async with written(tools) as store:
        await store.take_orders(
            TakenOrders(rows=rows, claims=claims, feeds=[FeedState(shop=TMALL, cursor=NOW)])
        )


async def _moved(tools: Bench) -> None:
    rule = rule_of(Way(MAIN, TMALL, JD))
    nothing = ListingId("")
    facts = (
        (timedelta(hours=30), MOVING, 2, 0, "landed"),
        (timedelta(hours=2), MOVING, 0, 3, "rebalance"),
        (timedelta(hours=1), MOVING, 3, 0, "landed"),
        (timedelta(hours=1), SHARE, 2, 5, "landed"),
    )
    ledger = [
        LedgerRow(NOW - ago, JD, nothing, SKU0, what, old, new, cause, rule, "syncd")
        for ago, what, old, new, cause in facts
    ]
    async with written(tools) as store:
        moves = [MoveRow(MAIN, SKU0, TMALL, JD, 1, NOW - timedelta(minutes=1))]
        await store.save_virtual(Virtual(moves=moves, ledger=ledger))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    async with bench(tmp_path_factory.mktemp("books")) as tools:
        told = Story()
        text = tools.config.read_text("utf-8").replace('mode = "shared"', 'mode = "split"')
        tools.config.write_text(text, "utf-8")
        told.said["orders before anything"] = await tools.run("orders", "--format", "json")
        for _ in range(2):
            await tools.run("sync")
        await _sold(tools)
        await _moved(tools)
        for name, words in _COMMANDS.items():
            told.said[name] = await tools.run(*words)
        await _left(tools, told)
        yield told


async def _left(tools: Bench, told: Story) -> None:
    whole = tools.config.read_text("utf-8")
    without = whole[: whole.index("[shops.jd]")].replace('["tmall", "jd"]', '["tmall"]')
    tools.config.write_text(without, "utf-8")
    for name in ("check", "run", "sync"):
        # What handles signals needs a program of its own.
        run = tools.run_alone if name == "run" else tools.run
        told.said[f"{name} without a shop that sells"] = await run(name)
    tools.config.write_text(whole, "utf-8")
    told.said["retire by mistake"] = await tools.run("shops", "retire", "jd")
    told.said["retire"] = await tools.run("shops", "retire", "jd", "--off-sale", *_JSON)
    for number in (1, 2):
        told.said[f"shops after {number - 1} syncs"] = await tools.run("shops", *_JSON)
        told.said[f"sync {number} while retiring"] = await tools.run("sync")
    told.said["shops once retired"] = await tools.run("shops", *_JSON)
    tools.config.write_text(without, "utf-8")
    told.said["check without a retired shop"] = await tools.run("check")
    told.said["sync without a retired shop"] = await tools.run("sync")
    tools.config.write_text(whole, "utf-8")
    told.said["resume"] = await tools.run("shops", "resume", "jd", *_JSON)


_JSON = ("--format", "json")
_COMMANDS = {
    "orders": ("orders", *_JSON),
    "orders for people": ("orders",),
    "open orders": ("orders", "--open", *_JSON),
    "orders of a SKU": ("orders", "--sku", "SKU1", *_JSON),
    "orders of a shop": ("orders", "--shop", "jd", *_JSON),
    "two orders": ("orders", "--limit", "2", *_JSON),
    "two orders for people": ("orders", "--limit", "2"),
    "no orders": ("orders", "--limit", "0"),
    "orders of an unknown SKU": ("orders", "--sku", "sku1"),
    "orders of an unknown shop": ("orders", "--shop", "tmal"),
    "explain": ("explain", "SKU0", *_JSON),
    "explain for people": ("explain", "SKU0"),
    "transfers": ("transfer", "list", *_JSON),
    "transfers for people": ("transfer", "list"),
    "transfers of a day": ("transfer", "list", "--since", "24h", *_JSON),
    "transfers of a day for people": ("transfer", "list", "--since", "24h"),
    "transfers of two days": ("transfer", "list", "--since", "2d", "--limit", "1", *_JSON),
    "transfers of no time": ("transfer", "list", "--since", "24"),
}


def lines(done: Done) -> list[str]:
    return [row["line"] for row in done.json["orders"]]


# --- orders ------------------------------------------------------------------------------------------------


def test_before_the_first_cycle_there_are_no_orders(story: Story) -> None:
    done = story.said["orders before anything"]
    assert (done.code, done.json) == (0, {"orders": [], "left_out": 0, "feeds": {}})


def test_orders_come_newest_first(story: Story) -> None:
    assert lines(story.said["orders"]) == ["1", "2", "3", "9"]


def test_an_order_has_exactly_these_keys(story: Story) -> None:
    assert set(story.said["orders"].json["orders"][0]) == ORDER_KEYS


def test_only_open_orders_are_printed_where_asked(story: Story) -> None:
    assert lines(story.said["open orders"]) == ["1"]


def test_only_orders_of_a_sku_are_printed_where_asked(story: Story) -> None:
    assert lines(story.said["orders of a SKU"]) == ["9"]


def test_only_orders_of_a_shop_are_printed_where_asked(story: Story) -> None:
    assert lines(story.said["orders of a shop"]) == []


def test_orders_are_bounded_and_the_rest_is_counted(story: Story) -> None:
    done = story.said["two orders"]
    assert (lines(done), done.json["left_out"]) == (["1", "2"], 2)


def test_people_are_told_how_many_orders_were_left_out(story: Story) -> None:
    assert "Older lines left out: 2; --limit shows more." in story.said["two orders for people"].out


def test_orders_for_people_say_what_an_open_one_waits_for(story: Story) -> None:
    text = "shop tmall: order line 1 waits for source erp: its figures were read, until "
    assert text in story.said["orders for people"].out


def test_orders_for_people_show_stage_and_doubt(story: Story) -> None:
    row = next(line for line in story.said["orders for people"].out.splitlines() if " o9 " in line)
    assert ("closed" in row, row.endswith("refund X")) == (True, True)


# --- transfers ---------------------------------------------------------------------------------------------


def test_a_transfer_has_exactly_these_keys(story: Story) -> None:
    (row,) = story.said["transfers"].json["moving"]
    assert set(row) == {"pool", "sku", "from", "to", "units", "since", "expires", "waits_for"}


def test_a_transfer_names_both_shops(story: Story) -> None:
    (row,) = story.said["transfers"].json["moving"]
    assert (row["from"], row["to"], row["units"]) == ("tmall", "jd", 1)


def test_transfers_for_people_are_a_table(story: Story) -> None:
    head, row = story.said["transfers for people"].out.splitlines()
    assert (head.split()[:5], row.split()[:5]) == (
        ["pool", "sku", "from", "to", "units"],
        ["main", "SKU0", "tmall", "jd", "1"],
    )


def test_finished_transfers_are_printed_only_where_asked(story: Story) -> None:
    assert story.said["transfers"].json["finished"] is None


def test_a_finished_transfer_has_exactly_these_keys(story: Story) -> None:
    (row,) = story.said["transfers of a day"].json["finished"]
    assert set(row) == {"pool", "sku", "from", "to", "units", "at", "cause", "because"}


def test_finished_transfers_say_for_people_how_they_ended(story: Story) -> None:
    assert "their taking from the other shop is proven" in story.said["transfers of a day for people"].out


def test_finished_transfers_are_bounded_and_the_rest_is_counted(story: Story) -> None:
    document = story.said["transfers of two days"].json
    assert ([row["units"] for row in document["finished"]], document["left_out"]) == ([3], 1)


# --- explain -----------------------------------------------------------------------------------------------


def test_an_explanation_has_claims_moves_and_shares(story: Story) -> None:
    content = story.said["explain"].json
    assert {"open_claims", "moving"} <= set(content)
    assert {"shares", "history"} <= set(content["shops"]["jd"])
    assert {"unassigned", "deficit"} <= set(content["pools"]["main"])
    assert content["shops"]["jd"]["listings"][0]["moved_by"] == []


def test_an_open_claim_has_exactly_these_keys(story: Story) -> None:
    keys = {"shop", "presumed", "order", "line", "listing", "units", "since", "warehouse", "waits_for"}
    assert {frozenset(claim) for claim in story.said["explain"].json["open_claims"]} == {frozenset(keys)}


def test_a_row_of_a_history_has_exactly_these_keys(story: Story) -> None:
    (row,) = story.said["explain"].json["shops"]["jd"]["history"]
    assert set(row) == {"at", "old", "new", "cause", "because", "rule"}


def test_people_read_claims_moves_and_history(story: Story) -> None:
    out = story.said["explain for people"].out
    parts = ("Open claims", "order line 1", "counter of 1 fell", "On their way between shares")
    assert [part for part in (*parts, "Its share of pool main is ", "share was") if part not in out] == []


# --- mistakes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no orders", "--limit"),
        ("orders of an unknown SKU", "the state knows no SKU 'sku1'; did you mean SKU1"),
        ("orders of an unknown shop", "did you mean `tmall`?"),
        ("transfers of no time", "--since 24: is a duration without a unit"),
    ],
)
def test_a_mistake_in_usage_ends_with_2_and_says_what_is_wrong(story: Story, name: str, message: str) -> None:
    done = story.said[name]
    assert (done.code, message in done.err) == (2, True)


# --- shops that leave --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["check", "run", "sync"])
def test_a_configuration_that_drops_a_shop_that_sells_is_refused(story: Story, name: str) -> None:
    done = story.said[f"{name} without a shop that sells"]
    said = done.out + done.err
    assert (done.code, "shops.jd" in said, "buyers can still take" in said) == (78, True, True)


def test_a_refused_configuration_says_what_to_do(story: Story) -> None:
    assert "syncd shops retire jd --off-sale" in story.said["sync without a shop that sells"].err


def test_a_shop_that_sells_is_not_retired_by_mistake(story: Story) -> None:
    done = story.said["retire by mistake"]
    assert (done.code, "shop jd can still sell" in done.err, "--off-sale" in done.err) == (2, True, True)


def test_a_shop_is_told_to_retire(story: Story) -> None:
    answer = story.said["retire"].json
    assert (answer["shop"], answer["answer"].split(":")[0]) == ("jd", "shop jd is retiring")


def statuses(done: Done) -> dict[str, str]:
    return {row["shop"]: row["status"] for row in done.json["shops"]}


def test_a_shop_retires_step_by_step(story: Story) -> None:
    names = ("shops after 0 syncs", "shops after 1 syncs", "shops once retired")
    assert [statuses(story.said[name])["jd"] for name in names] == ["retiring", "retiring", "retired"]


@pytest.mark.parametrize("name", ["check without a retired shop", "sync without a retired shop"])
def test_a_retired_shop_can_be_dropped(story: Story, name: str) -> None:
    assert story.said[name].code == 0


def test_a_retired_shop_can_come_back(story: Story) -> None:
    assert story.said["resume"].json["answer"] == "shop jd is active"
