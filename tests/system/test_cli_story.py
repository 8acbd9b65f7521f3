"""One merchant's day on the command line, told once; every test looks at one thing that was said."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from tests.system.cli_rig import CHINESE_SKU, ODD_SKU, SECRETS, Bench, Done, bench, make_stock


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What every command of the day said, by name, and what lay on disk or showed in the shops."""

    said: dict[str, Done] = field(default_factory=dict)
    seen: dict[str, object] = field(default_factory=dict)
    printed: list[str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    async with bench(tmp_path_factory.mktemp("day")) as tools:
        told = Story(printed=tools.printed)
        await _first_morning(tools, told)
        await _quiet_hours(tools, told)
        await _empty_shelves(tools, told)
        await _broken_shop(tools, told)
        await _mistakes(tools, told)
        yield told


async def _first_morning(tools: Bench, told: Story) -> None:
    told.said["first plan"] = await tools.run("plan")
    told.seen["state after the first plan"] = tools.state.exists()
    told.said["first plan as json"] = await tools.run("plan", "--format", "json")
    told.said["sync of another plan"] = await tools.run("sync", "--plan", "0123456789abcdef")
    told.seen["tmall after the sync of another plan"] = tools.counters("tmall")
    digest = told.said["first plan as json"].json["digest"]
    told.said["sync of the plan"] = await tools.run("sync", "--plan", digest[:8], "--format", "json")
    told.seen["tmall after the sync"] = tools.counters("tmall")


async def _quiet_hours(tools: Bench, told: Story) -> None:
    told.said["pause"] = await tools.run("shops", "pause", "jd", "--format", "json")
    before = _content(tools.state)
    told.said["plan with nothing to do"] = await tools.run("plan")
    told.seen["state was left alone"] = before == _content(tools.state)
    told.said["resume"] = await tools.run("shops", "resume", "jd")
    told.said["shops"] = await tools.run("shops", "--format", "json")
    told.said["listings"] = await tools.run("listings", "--format", "json")
    told.said["unbound"] = await tools.run("listings", "--unbound", "--shop", "tmall")
    told.said["explain"] = await tools.run("explain", "SKU3", "--shop", "tmall", "--format", "json")
    told.said["explain an odd one"] = await tools.run("explain", ODD_SKU)


async def _empty_shelves(tools: Bench, told: Story) -> None:
    tools.write_stock(make_stock() | {f"SKU{number}": 0 for number in range(3, 9)})
    told.said["held plan"] = await tools.run("plan", "--format", "json")
    told.said["held plan of another shop"] = await tools.run("plan", "--shop", "jd", "--format", "json")
    told.said["held plan of one SKU"] = await tools.run("plan", "--sku", "SKU3")
    told.said["held sync"] = await tools.run("sync", "--format", "json")
    told.seen["tmall while held"] = tools.counters("tmall")
    digest = told.said["held sync"].json["digest"]
    told.said["explain what is held"] = await tools.run("explain", "SKU3")
    told.said["approve"] = await tools.run("approve", digest, "--format", "json")
    told.said["sync of what was approved"] = await tools.run("sync")
    told.seen["tmall once approved"] = tools.counters("tmall")


async def _broken_shop(tools: Bench, told: Story) -> None:
    tools.write_stock(make_stock() | {f"SKU{number}": 0 for number in range(12)})
    wrong = {"JD_AUTHORIZATION": "Bearer another-planted-secret"}
    told.said["plan with a broken shop"] = await tools.run("plan", env=wrong)
    told.said["explain with a broken shop"] = await tools.run(
        "explain", "SKU0", "--format", "json", env=wrong
    )
    told.said["check with a broken shop"] = await tools.run(
        "check", "--online", "--format", "json", env=wrong
    )


async def _mistakes(tools: Bench, told: Story) -> None:
    for name, words in {
        "approve of nothing": ("approve", "0123456789abcdef"),
        "plan of an unknown SKU": ("plan", "--sku", "sku3"),
        "plan of no SKU": ("plan", "--sku", ""),
        "sync of an unknown SKU": ("sync", "--sku", "SKU99"),
        "sync of no plan": ("sync", "--plan", ""),
        "sync of no shop": ("sync", "--shop", ""),
        "explain of an unknown SKU": ("explain", "SKU33", "--format", "json"),
        "pause of an unknown shop": ("shops", "pause", "jdd"),
    }.items():
        told.said[name] = await tools.run(*words)
    told.seen["tmall after the mistakes"] = tools.counters("tmall")
    with closing(sqlite3.connect(tools.state / "state.db")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    told.said["shops of a newer state"] = await tools.run("shops", "--format", "json")


def _content(state: Path) -> dict[str, bytes]:
    # SQLite's shared memory is an index of locks, not content.
    return {
        file.name: file.read_bytes()
        for file in state.iterdir()
        if not file.name.endswith("-shm") and file.stat().st_size
    }


# --- the first morning -------------------------------------------------------------------------------------


def test_a_plan_needs_no_state(story: Story) -> None:
    assert (story.said["first plan"].code, story.seen["state after the first plan"]) == (0, False)


def test_a_plan_says_that_nothing_is_recorded_yet_on_stderr(story: Story) -> None:
    assert "Nothing is recorded yet" in story.said["first plan"].err


def test_a_plan_shows_old_and_new_figures(story: Story) -> None:
    row = next(line for line in story.said["first plan"].out.splitlines() if " SKU3 " in line)
    assert row.split()[:6] == ["tmall", "1003", "SKU3", "raise", "5", "13"]


def test_markup_in_a_sku_is_printed_as_it_is(story: Story) -> None:
    assert f" {ODD_SKU} " in story.said["first plan"].out


def test_chinese_codes_are_printed_as_they_are(story: Story) -> None:
    assert CHINESE_SKU in story.said["first plan as json"].out


def test_a_row_that_cannot_be_believed_is_named_with_its_line(story: Story) -> None:
    assert "line 16  BAD" in story.said["first plan"].out


def test_the_document_of_a_plan_has_the_keys_of_the_contract(story: Story) -> None:
    keys = {"schema", "digest", "as_of", "shops", "changes", "stopped", "problems"}
    assert set(story.said["first plan as json"].json) == keys


def test_a_change_has_the_keys_of_the_contract(story: Story) -> None:
    change = story.said["first plan as json"].json["changes"][0]
    assert set(change) == {"shop", "listing", "sku", "kind", "old", "new", "rule", "cause"}


def test_a_plan_counts_shop_by_shop(story: Story) -> None:
    shops = story.said["first plan as json"].json["shops"]
    assert shops["jd"] == {"changes": 2, "to_zero": 0, "raised_units": 9, "held": None}


def test_another_plan_is_not_synced(story: Story) -> None:
    assert story.said["sync of another plan"].code == 3


def test_nothing_is_sent_for_another_plan(story: Story) -> None:
    counters = story.seen["tmall after the sync of another plan"]
    assert isinstance(counters, dict)
    assert set(counters.values()) == {5}


def test_a_plan_is_synced_by_the_beginning_of_its_digest(story: Story) -> None:
    assert story.said["sync of the plan"].json == {
        "digest": story.said["first plan as json"].json["digest"],
        "outdated": False,
        "held": {},
        "shops": {
            "tmall": {"done": 13, "refused": 0, "unknown": 0, "not_tried": 0, "calls": 1},
            "jd": {"done": 2, "refused": 0, "unknown": 0, "not_tried": 0, "calls": 1},
        },
        "failures": [],
    }


def test_a_sync_writes_what_the_plan_said(story: Story) -> None:
    counters = story.seen["tmall after the sync"]
    assert isinstance(counters, dict)
    assert (counters["1-SKU3"], counters[f"1-{ODD_SKU}"], counters["1-NONE\x1b[31m"]) == (13, 7, 5)


# --- quiet hours -------------------------------------------------------------------------------------------


def test_a_plan_leaves_the_files_of_the_state_as_they_were(story: Story) -> None:
    assert story.seen["state was left alone"] is True


def test_a_plan_says_which_shop_is_paused(story: Story) -> None:
    assert "Shop jd is paused" in story.said["plan with nothing to do"].out


def test_a_pause_is_answered(story: Story) -> None:
    assert story.said["pause"].json == {"shop": "jd", "answer": "shop jd is paused"}


def test_a_resumed_shop_is_active(story: Story) -> None:
    assert [row["status"] for row in story.said["shops"].json["shops"]] == ["active", "active"]


def test_shops_have_exactly_these_keys(story: Story) -> None:
    keys = {"shop", "type", "status", "listings", "unbound", "observed_at", "error", "since"}
    keys |= {
        "delays",
        "calls",
        "throttled",
        "written",
        "spared",
        "throttled_share",
        "spared_share",
        "decreases",
        "advice",
    }
    assert set(story.said["shops"].json["shops"][0]) == keys


def test_shops_tell_of_each_shared_pool_which_level_its_risk_asks_for(story: Story) -> None:
    pools = story.said["shops"].json["pools"]
    assert [set(one) for one in pools] == [{"pool", "risk", "warning_level", "most", "sku"}]


def test_listings_show_what_was_proven(story: Story) -> None:
    rows = {row["listing"]: row for row in story.said["listings"].json["listings"] if row["shop"] == "tmall"}
    row = rows["1003"]
    assert (row["sku"], row["desired"], row["expected"]) == ("SKU3", 13, [13, 13])


def test_an_unbound_listing_is_told_in_one_whole_line(story: Story) -> None:
    _, row, _, count = story.said["unbound"].out.splitlines()
    assert (row.count("NONE") >= 2, "[31m" in row, "\x1b" in row, count[-2:]) == (True, True, False, "1.")


def test_the_document_of_an_explanation_has_the_keys_of_the_contract(story: Story) -> None:
    content = story.said["explain"].json
    assert {"sku", "warehouses", "claims", "available", "shops"} <= set(content)


def test_an_explanation_is_only_of_the_shop_that_was_asked_for(story: Story) -> None:
    assert list(story.said["explain"].json["shops"]) == ["tmall"]


def test_an_explained_shop_has_the_keys_of_the_contract(story: Story) -> None:
    shop = story.said["explain"].json["shops"]["tmall"]
    assert {"steps", "desired", "expected", "as_of", "held_because"} <= set(shop)


def test_an_explained_step_has_a_value_and_a_rule(story: Story) -> None:
    step = story.said["explain"].json["shops"]["tmall"]["steps"][0]
    assert step == {"name": "main.available", "value": 13, "rule": "pools.main shared"}


def test_an_explanation_for_people_names_its_deciding_rule(story: Story) -> None:
    assert "pools.main available" in story.said["explain an odd one"].out


# --- empty shelves -----------------------------------------------------------------------------------------


def test_a_plan_that_the_guard_holds_ends_with_3(story: Story) -> None:
    assert story.said["held plan"].code == 3


def test_what_is_held_is_named_with_limit_value_and_override(story: Story) -> None:
    document = story.said["held plan"].json
    assert document["shops"]["tmall"]["held"] == {
        "setting": "guard.max_off_percent",
        "limit": 30,
        "value": 47,
        "override": f"syncd approve {document['digest']}",
    }


def test_what_is_held_elsewhere_does_not_hold_this_shop(story: Story) -> None:
    done = story.said["held plan of another shop"]
    assert (done.code, done.json["stopped"]) == (0, [])


def test_a_held_change_says_why_it_stays_behind(story: Story) -> None:
    assert "held by the guard" in story.said["held plan of one SKU"].out


def test_a_plan_of_one_sku_has_no_other(story: Story) -> None:
    assert "SKU4" not in story.said["held plan of one SKU"].out


def test_a_held_sync_ends_with_3(story: Story) -> None:
    done = story.said["held sync"]
    assert (done.code, set(done.json["held"])) == (3, {"tmall"})


def test_held_listings_keep_their_counters(story: Story) -> None:
    assert story.seen["tmall while held"] == story.seen["tmall after the sync"]


def test_an_explanation_says_how_to_release_what_is_held(story: Story) -> None:
    digest = story.said["held sync"].json["digest"]
    assert f"syncd approve {digest}" in story.said["explain what is held"].out


def test_an_approval_without_a_daemon_waits_for_the_next_sync(story: Story) -> None:
    answer = story.said["approve"].json
    assert (answer["answer"].split(" until ")[0], answer["pushed_by"]) == ("approved 6 changes", "sync")


def test_what_was_approved_is_pushed(story: Story) -> None:
    counters = story.seen["tmall once approved"]
    assert isinstance(counters, dict)
    assert (story.said["sync of what was approved"].code, counters["1-SKU3"], counters["1-SKU2"]) == (
        0,
        0,
        12,
    )


# --- a broken shop -----------------------------------------------------------------------------------------


def test_a_failure_beats_what_is_held(story: Story) -> None:
    done = story.said["plan with a broken shop"]
    assert ("Held: " in done.out, done.code) == (True, 1)


def test_a_failing_shop_is_named_on_stderr(story: Story) -> None:
    assert "shop jd: " in story.said["plan with a broken shop"].err


def test_an_explanation_of_last_good_figures_says_so(story: Story) -> None:
    done = story.said["explain with a broken shop"]
    assert (done.code, len(done.json["problems"]), "last good figures" in done.err) == (0, 1, True)


def test_an_online_check_fails_with_its_shop(story: Story) -> None:
    done = story.said["check with a broken shop"]
    online = done.json["online"]
    tmall, jd = online["shops"]["tmall"], online["shops"]["jd"]
    found = (online["sources"]["erp"]["rows"], tmall["listings"], tmall["error"], jd["listings"])
    assert (done.code, found, jd["read_listings"]) == (1, (14, 14, "", None), "no")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("approve of nothing", "nothing is held under '0123456789abcdef'"),
        ("plan of an unknown SKU", "did you mean SKU3?"),
        ("plan of no SKU", "no source knows the SKU ''"),
        ("sync of an unknown SKU", "no source knows the SKU 'SKU99'"),
        ("sync of no plan", "'' is no digest"),
        ("sync of no shop", "there is no shop ''"),
        ("explain of an unknown SKU", "no source knows the SKU 'SKU33'"),
        ("pause of an unknown shop", "did you mean `jd`?"),
    ],
)
def test_a_mistake_in_usage_ends_with_2_and_says_what_is_wrong(story: Story, name: str, message: str) -> None:
    done = story.said[name]
    assert (done.code, message in done.err) == (2, True)


def test_a_mistake_writes_nothing(story: Story) -> None:
    assert story.seen["tmall after the mistakes"] == story.seen["tmall once approved"]


def test_an_error_is_one_document_too(story: Story) -> None:
    done = story.said["explain of an unknown SKU"]
    assert done.err == f"syncd: {done.json['error']}\n"


def test_a_state_of_a_newer_program_ends_with_78(story: Story) -> None:
    done = story.said["shops of a newer state"]
    assert (done.code, "newer syncd" in done.json["error"]) == (78, True)


def test_no_secret_is_ever_printed(story: Story) -> None:
    planted = [*SECRETS.values(), "another-planted-secret"]
    assert [secret for secret in planted for text in story.printed if secret in text] == []
