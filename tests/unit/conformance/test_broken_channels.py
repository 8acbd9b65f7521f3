"""Every promise is watched: a channel that breaks it does not pass, and one that keeps it does."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from syncd.conformance import Bench
from syncd.domain.model import Action, OffReason, Write
from syncd.errors import Kind, PortError
from syncd.ports.channel import Unlists
from tests.contract.memory_rig import MemoryRig
from tests.unit.conformance.breaking import Broken, Change, as_action, broken, each, told_as
from tests.unit.conformance.running import promises, results


def _without_its_key() -> Callable[[Write], Write]:
    """Return what gives every write a key of its own."""
    numbers = count()
    return lambda write: write._replace(key=f"{next(numbers)}")


def _with_a_talkative_cause(error: PortError) -> PortError:
    told = PortError(error.kind, str(error), retry_after=error.retry_after)
    told.__cause__ = ValueError("the header was hush-hush-token")
    return told


def _after_the_first(change: Change) -> Change:
    """Return what leaves the first reading as it is and changes the others."""
    numbers = count()
    return lambda pages: change(pages) if next(numbers) else pages


def _relisting() -> Bench:
    """Return a bench whose channel puts on sale whatever it writes."""
    rig = MemoryRig()

    def relist(write: Write) -> Write:
        rig.shop.put(replace(rig.shop.shown(write.listing), on_sale=True))
        return write

    return replace(rig.bench(), channel=Broken(rig, written=relist))


READING: dict[str, tuple[str, Callable[[], Bench]]] = {
    "the last page is lost": (
        "test_all_listings_are_read_over_all_pages",
        lambda: broken(pages=lambda pages: pages[:-1]),
    ),
    "a page comes twice": ("test_a_listing_is_shown_once", lambda: broken(pages=lambda pages: pages * 2)),
    "ids lose their blanks": (
        "test_odd_ids_are_read_exactly",
        lambda: broken(pages=each(id=lambda row: row.id.strip())),
    ),
    "ids pass through a float": (
        "test_odd_ids_are_read_exactly",
        lambda: broken(
            pages=each(
                id=lambda row: str(int(float(row.id))) if row.id.isascii() and row.id.isdigit() else row.id
            )
        ),
    ),
    "codes lose their blanks": (
        "test_odd_codes_are_read_exactly",
        lambda: broken(pages=each(code=lambda row: row.code.strip())),
    ),
    "codes must be unique": (
        "test_listings_with_the_same_code_are_all_shown",
        lambda: broken(
            pages=lambda pages: [list({row.code: row for row in page}.values()) for page in pages]
        ),
    ),
    "an empty counter is unknown": (
        "test_an_empty_counter_is_0_and_not_unknown",
        lambda: broken(pages=each(quantity=lambda row: row.quantity or None)),
    ),
    "all is on sale": (
        "test_what_is_off_sale_is_shown_as_such",
        lambda: broken(pages=each(on_sale=lambda _: True)),
    ),
    "each SKU is an item": (
        "test_the_skus_of_an_item_are_listings_of_the_same_item",
        lambda: broken(pages=each(item=lambda row: row.id)),
    ),
    "withheld units are not told": (
        "test_the_units_of_unpaid_orders_are_told",
        lambda: broken(pages=each(withheld=lambda _: 0)),
    ),
    "withheld units are told of the whole shop only": (
        "test_a_listing_that_is_read_alone_is_shown_as_in_the_whole_shop",
        lambda: broken(pages=_after_the_first(each(withheld=lambda _: 0))),
    ),
    "a reason is invented": (
        "test_a_listing_is_shown_as_it_is",
        lambda: broken(pages=each(off_reason=lambda _: OffReason.PERSON)),
    ),
    "nothing asked for is all": (
        "test_no_listings_need_no_call",
        lambda: broken(asked=lambda listings: listings or None),
    ),
    "only the first few are asked for": (
        "test_some_listings_are_read_however_many",
        lambda: broken(asked=lambda listings: listings and listings[:5]),
    ),
}

WRITING: dict[str, tuple[str, Callable[[], Bench]]] = {
    "a difference is set": (
        "test_a_write_is_applied",
        lambda: broken(written=as_action(Action.SET, Action.DELTA)),
    ),
    "nothing is compared": (
        "test_compare_and_set_leaves_a_counter_that_moved",
        lambda: broken(written=as_action(Action.SET, Action.COMPARE_AND_SET)),
    ),
    "keys are not sent": (
        "test_a_repeated_key_is_applied_once",
        lambda: broken(written=_without_its_key()),
    ),
    "one key for all": (
        "test_another_key_is_another_write",
        lambda: broken(written=lambda write: write._replace(key="same")),
    ),
    "a relist with every write": (
        "test_a_write_puts_nothing_on_sale",
        _relisting,
    ),
    "silence is consent": (
        "test_a_line_that_the_answer_leaves_out_is_unknown",
        lambda: broken(outcomes=lambda rows: [row._replace(kind=Kind.DONE) for row in rows]),
    ),
    "a refused line is done": (
        "test_a_line_that_is_refused_alone_says_why",
        lambda: broken(outcomes=lambda rows: [row._replace(kind=Kind.DONE) for row in rows]),
    ),
    "a refusal without a reason": (
        "test_a_line_that_is_refused_alone_says_why",
        lambda: broken(outcomes=lambda rows: [row._replace(message="") for row in rows]),
    ),
    "one refused line is the call's": (
        "test_a_refused_line_does_not_stop_the_batch",
        lambda: broken(
            outcomes=lambda rows: [max(rows, key=lambda row: row.kind is not Kind.DONE)] * len(rows)
        ),
    ),
    "answers in another order": (
        "test_a_call_is_answered_in_the_order_of_its_lines",
        lambda: broken(outcomes=lambda rows: rows[::-1]),
    ),
    "fewer answers than lines": (
        "test_every_line_of_every_call_is_applied",
        lambda: broken(outcomes=lambda rows: rows[:1]),
    ),
    "half a batch": (
        "test_the_fewest_calls_are_made",
        lambda: broken(traits=lambda traits: replace(traits, max_batch=25)),
    ),
    "a difference is clipped": (
        "test_a_delta_below_zero_is_refused_or_clipped_as_told",
        lambda: broken(
            written=lambda write: (
                write._replace(value=max(write.value, -5)) if write.action is Action.DELTA else write
            )
        ),
    ),
    "zero delists unsaid": (
        "test_zero_takes_off_sale_exactly_where_the_traits_say_so",
        lambda: broken(traits=lambda traits: replace(traits, auto_delists_at_zero=True)),
    ),
    "a largest counter that is none": (
        "test_the_largest_counter_is_written",
        lambda: broken(traits=lambda traits: replace(traits, max_quantity=10**12)),
    ),
    "delisting takes the item": (
        "test_only_what_is_named_goes_off_sale",
        lambda: broken(traits=lambda traits: replace(traits, unlists=Unlists.ITEM)),
    ),
    "delisting empties the counter": (
        "test_a_listing_goes_off_sale_and_comes_back",
        lambda: broken(
            written=lambda write: (
                write._replace(action=Action.SET) if write.action is Action.DELIST else write
            )
        ),
    ),
    "withheld units are sold again": (
        "test_a_counter_is_not_written_below_what_is_withheld",
        lambda: broken(written=lambda write: write._replace(value=9) if write.value == 3 else write),
    ),
}

FAILURES: dict[str, tuple[str, Callable[[], Bench]]] = {
    "all failures pass by themselves": (
        "test_a_failed_write_has_a_kind",
        lambda: broken(error=told_as(Kind.TRANSIENT)),
    ),
    "all failures are unknown": (
        "test_a_failed_reading_has_a_kind",
        lambda: broken(error=told_as(Kind.UNKNOWN)),
    ),
    "a lost reply was not applied": (
        "test_a_lost_reply_is_unknown_though_it_was_applied",
        lambda: broken(error=told_as(Kind.TRANSIENT)),
    ),
    "a lost reply leaves lines rejected": (
        "test_a_lost_reply_leaves_every_line_unknown",
        lambda: broken(error=told_as(Kind.REJECTED)),
    ),
    "a token that is over is a permission": (
        "test_a_token_that_is_over_stops_a_write_before_it_is_applied",
        lambda: broken(error=told_as(Kind.PERMISSION)),
    ),
    "trouble of the platform passes by itself": (
        "test_trouble_of_the_platform_is_unknown_though_it_was_applied",
        lambda: broken(error=told_as(Kind.TRANSIENT)),
    ),
    "the wait is forgotten": (
        "test_a_failed_reading_has_a_kind",
        lambda: broken(error=lambda error: PortError(error.kind, str(error))),
    ),
    "it says that nothing was sent": (
        "test_a_failed_write_has_a_kind",
        lambda: broken(
            error=lambda error: PortError(error.kind, str(error), retry_after=error.retry_after, sent=False)
        ),
    ),
    "a broken page is the last": (
        "test_a_later_page_that_fails_ends_the_reading",
        lambda: broken(error=lambda _: None),
    ),
    "a failed write is done": ("test_a_failed_write_has_a_kind", lambda: broken(error=lambda _: None)),
    "a failed delisting is rejected": (
        "test_a_failed_delisting_is_told_as_a_failed_write",
        lambda: broken(error=told_as(Kind.REJECTED)),
    ),
    "an error quotes the token": (
        "test_no_failed_reading_shows_a_secret",
        lambda: broken(error=lambda error: PortError(error.kind, f"{error} (hush-hush-token)")),
    ),
    "the cause of an error quotes the token": (
        "test_no_failed_write_shows_a_secret",
        lambda: broken(error=_with_a_talkative_cause),
    ),
}

BREAKS = {**READING, **WRITING, **FAILURES}


@pytest.mark.parametrize("name", BREAKS, ids=lambda name: name.replace(" ", "-"))
async def test_a_broken_promise_is_caught(name: str) -> None:
    promise, make = BREAKS[name]
    assert set(await results(make, promise)) - {"passed", "skipped"}


async def test_a_channel_that_changes_nothing_keeps_every_promise() -> None:
    found = {promise: await results(broken, promise) for promise in promises()}
    assert {promise for promise, each_ in found.items() if set(each_) - {"passed", "skipped"}} == set()


async def test_the_promises_that_are_broken_here_are_not_skipped() -> None:
    kept = {promise: await results(lambda: MemoryRig().bench(), promise) for promise, _ in BREAKS.values()}
    assert {promise for promise, each_ in kept.items() if "passed" not in each_} == set()


def test_no_promise_is_named_that_there_is_not() -> None:
    assert {promise for promise, _ in BREAKS.values()} <= set(promises())
