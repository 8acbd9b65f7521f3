"""The promises about credentials, clocks, tokens and calls in flight are watched, too."""

from collections.abc import Callable

import pytest

from syncd.conformance import Bench
from syncd.errors import Kind
from tests.unit.conformance.gated import gated
from tests.unit.conformance.running import promises, results

BREAKS: dict[str, tuple[str, Callable[[], Bench]]] = {
    "a bad signature is a token that is over": (
        "test_a_bad_signature_is_told_as_one",
        lambda: gated(signature=Kind.AUTH_EXPIRED),
    ),
    "a missing permission stops the shop": (
        "test_a_write_that_is_not_permitted_leaves_reading_alone",
        lambda: gated(permission=Kind.AUTH_REVOKED),
    ),
    "a delisting that is not permitted is rejected": (
        "test_delisting_that_is_not_permitted_is_told_as_such",
        lambda: gated(permission=Kind.REJECTED),
    ),
    "a clock that is off is a listing that is gone": (
        "test_a_clock_that_is_far_off_is_no_matter_of_the_listing",
        lambda: gated(wrong_time=Kind.NOT_FOUND),
    ),
    "every call renews for itself": (
        "test_a_token_that_is_over_is_renewed_once_however_many_calls_meet_it",
        lambda: gated("renews by itself"),
    ),
    "new tokens are not used": (
        "test_a_renewed_token_is_used_until_it_is_over_too",
        lambda: gated("keeps its tokens"),
    ),
    "renewing uses what it bought": (
        "test_renewing_alone_uses_nothing",
        lambda: gated("uses what it bought"),
    ),
    "a refused renewal passes by itself": (
        "test_a_refused_renewal_is_revoked_and_shows_no_secret",
        lambda: gated(revoked=Kind.UNKNOWN),
    ),
    "a revoked token is only over": (
        "test_a_token_that_cannot_be_renewed_is_revoked",
        lambda: gated(revoked=Kind.AUTH_EXPIRED),
    ),
    "a refused renewal quotes what it sent": (
        "test_a_refused_renewal_is_revoked_and_shows_no_secret",
        lambda: gated("quotes what it spent"),
    ),
    "what an answer leaves out is gone": (
        "test_a_listing_that_an_answer_leaves_out_is_not_gone",
        lambda: gated("leaves out"),
    ),
    "a failed write is repeated": ("test_a_failed_call_is_not_repeated", lambda: gated("calls twice")),
    "a cancelled write goes on": (
        "test_a_cancelled_write_ends_at_once",
        lambda: gated("goes on when cancelled"),
    ),
}


@pytest.mark.parametrize("name", BREAKS, ids=lambda name: name.replace(" ", "-"))
async def test_a_broken_promise_is_caught(name: str) -> None:
    promise, make = BREAKS[name]
    assert set(await results(make, promise)) & {"AssertionError", "Failed", "PortError"}


async def test_a_gate_that_keeps_its_promises_is_let_through() -> None:
    found = {promise: await results(gated, promise) for promise in promises()}
    assert {promise: each for promise, each in found.items() if set(each) - {"passed", "skipped"}} == {}
    assert {promise for promise, _ in BREAKS.values() if "passed" not in found[promise]} == set()
