"""The small words of the suite mean what they say."""

from datetime import UTC, datetime

import pytest

from syncd import conformance
from syncd.conformance import Ability, Fault
from syncd.conformance.meanings import MEANINGS, meaning
from syncd.conformance.order_times import clocks_go_back
from syncd.conformance.words import need, ranked, shown_of
from syncd.errors import Kind, PortError
from tests.contract.memory_rig import MemoryRig


@pytest.mark.parametrize(
    ("before", "change"),
    [
        (datetime(2026, 11, 1, 9, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC)),
        (datetime(2026, 11, 1, 8, 59, tzinfo=UTC), datetime(2025, 11, 2, 9, tzinfo=UTC)),
        (datetime(2028, 1, 5, tzinfo=UTC), datetime(2027, 11, 7, 9, tzinfo=UTC)),
    ],
)
def test_the_last_change_of_clocks_is_found(before: datetime, change: datetime) -> None:
    assert clocks_go_back(before) == change


async def test_a_rig_that_lacks_what_an_ability_needs_says_so() -> None:
    with pytest.raises(NotImplementedError, match="MemoryRig does not have what DOOR needs"):
        await MemoryRig().shut()


def test_a_skipped_test_names_the_ability() -> None:
    with pytest.raises(pytest.skip.Exception, match="without SKEW: the platform compares"):
        need(MemoryRig().bench(), Ability.SKEW)


def test_every_fault_has_a_meaning() -> None:
    assert MEANINGS.keys() == set(Fault)


def test_no_fault_of_a_write_passes_by_itself_unless_nothing_was_applied() -> None:
    assert {fault for fault in Fault if Kind.TRANSIENT in MEANINGS[fault].write} == {Fault.BUSY}


def test_a_platform_that_tells_revoked_tokens_must_be_heard() -> None:
    told, untold = MemoryRig().bench(), MemoryRig().bench(abilities=frozenset())
    assert meaning(told, Fault.TOKEN_REVOKED).read == {Kind.AUTH_REVOKED}
    assert meaning(untold, Fault.TOKEN_REVOKED).read == {Kind.AUTH_REVOKED, Kind.AUTH_EXPIRED}


def test_all_that_hangs_on_an_error_is_seen() -> None:
    error = PortError(Kind.UNKNOWN, "outside")
    error.__cause__ = ValueError("inside")
    assert "outside" in shown_of(error)
    assert "inside" in shown_of(error)


def test_ids_that_are_numbers_go_by_their_size() -> None:
    assert ranked(["10", "9", "100"]) == ["9", "10", "100"]


def test_the_package_offers_its_words_and_no_others() -> None:
    assert all(getattr(conformance, name) for name in conformance.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = conformance.nothing
