"""A session that runs out: it is renewed once, kept, told of ahead, and never printed."""

import asyncio
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncd.mock import Fault, FaultKind
from tests.system.session_rig import WITH_REFRESH, Desk, opened


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as found:
        yield found


def day(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"


async def test_a_session_that_is_over_is_renewed_and_the_cycle_goes_on(desk: Desk) -> None:
    desk.end_session()
    done = await desk.run("sync")
    assert (done.code, desk.counter, desk.renewals) == (0, 9, 1)
    assert stat.S_IMODE((desk.folder / "state/tokens.json").stat().st_mode) == 0o600


async def test_the_next_run_goes_on_with_the_session_that_was_kept(desk: Desk) -> None:
    desk.end_session()
    await desk.run("sync")
    assert (await desk.run("sync")).code == 0
    assert (await desk.run("check", "--online")).code == 0
    assert desk.renewals == 1


async def test_a_check_that_renews_keeps_what_it_bought_in_the_true_state(desk: Desk) -> None:
    await desk.run("sync")
    desk.end_session()
    assert (await desk.run("check", "--online")).code == 0
    assert (await desk.run("sync")).code == 0
    assert (desk.renewals, desk.kept()["access"]) == (1, "mock-token-1")


async def test_nothing_is_bought_where_there_is_no_state_to_keep_it_in(desk: Desk) -> None:
    desk.end_session()
    done = await desk.run("check", "--online")
    assert (done.code, desk.renewals) == (1, 0)
    assert "there is no state yet" in done.err


async def test_programs_that_run_at_once_renew_it_once(desk: Desk) -> None:
    await desk.run("sync")
    desk.end_session()
    ends = await asyncio.gather(*(desk.run("check", "--online") for _ in range(3)), desk.run("plan"))
    assert ([done.code for done in ends], desk.renewals) == ([0, 0, 0, 0], 1)


async def test_a_refused_refresh_token_fails_the_shop_and_names_the_settings(desk: Desk) -> None:
    desk.top(refresh_token="another")
    desk.end_session()
    done = await desk.run("sync")
    assert (done.code, desk.counter) == (1, 5)
    assert "shops.tb.session and shops.tb.refresh_token" in done.err


async def test_a_session_that_was_pasted_in_counts_from_then_on(desk: Desk) -> None:
    desk.end_session()
    await desk.run("sync")
    desk.top(refresh_token="another")
    desk.end_session()
    assert (await desk.run("sync")).code == 1
    desk.shop.merge({"settings": {"token": "planted-session-2"}, "top": {"session_until": None}})
    done = await desk.run("sync", env={"SESSION": "planted-session-2", "REFRESH": "planted-refresh-2"})
    assert done.code == 0


async def test_a_file_of_tokens_that_others_can_read_stops_the_program(desk: Desk) -> None:
    desk.end_session()
    await desk.run("sync")
    (desk.folder / "state/tokens.json").chmod(0o644)
    done = await desk.run("sync")
    assert (done.code, "chmod 600" in done.err) == (78, True)


# --- check --online ----------------------------------------------------------------------------------------


async def test_a_check_tells_what_the_credentials_allow(desk: Desk) -> None:
    done = await desk.run("check", "--online", "--format", "json")
    assert done.json["online"]["shops"]["tb"] == {
        "listings": 1,
        "read_listings": "yes",
        "read_orders": "yes",
        "write_stock": "not tried",
        "renews": True,
        "session_ends": None,
        "authorized_until": None,
        "days_left": None,
        "warning": "",
        "error": "",
    }


async def test_a_check_names_the_package_that_is_missing(desk: Desk) -> None:
    desk.top(order_package=False)
    done = await desk.run("check", "--online", "--format", "json")
    shop = done.json["online"]["shops"]["tb"]
    assert (done.code, shop["read_listings"], shop["read_orders"]) == (1, "yes", "no")
    assert "apply for its API package" in shop["error"]


async def test_a_shop_without_orders_is_not_asked_for_them(desk: Desk) -> None:
    desk.configure("orders = false\n")
    done = await desk.run("check", "--online", "--format", "json")
    assert done.json["online"]["shops"]["tb"]["read_orders"] == "not offered"


async def test_credentials_that_are_refused_can_do_nothing(desk: Desk) -> None:
    desk.configure("")
    desk.end_session()
    done = await desk.run("check", "--online", "--format", "json")
    shop = done.json["online"]["shops"]["tb"]
    assert (done.code, shop["read_listings"], shop["read_orders"], shop["listings"]) == (1, "no", "no", None)
    assert "for a new `session`" in shop["error"]


async def test_a_platform_that_does_not_answer_proves_nothing(desk: Desk) -> None:
    desk.shop.faults.replace([Fault(kind=FaultKind.SERVER_ERROR, status=502)])
    done = await desk.run("check", "--online", "--format", "json")
    assert done.json["online"]["shops"]["tb"]["read_listings"] == "?"


@pytest.mark.parametrize(("days", "warns"), [(3, True), (20, False)])
async def test_a_check_warns_a_week_before_a_session_ends(desk: Desk, days: int, *, warns: bool) -> None:
    desk.configure(f"session_expires = {day(days)}\n")
    done = await desk.run("check", "--online")
    columns, row = done.out.splitlines()[3:5]
    assert (done.code, "correct shops.tb.session" in done.err) == (0, warns)
    assert columns.split("  ")[0] == "shop"
    assert f" {days} " in row


async def test_a_session_that_renews_itself_is_not_warned_of(desk: Desk) -> None:
    desk.configure(f"{WITH_REFRESH}session_expires = {day(3)}\n")
    done = await desk.run("check", "--online", "--format", "json")
    shop = done.json["online"]["shops"]["tb"]
    assert (shop["renews"], shop["warning"], shop["authorized_until"]) == (True, "", None)
    assert shop["session_ends"].startswith(day(4))
