"""What refused credentials owe: the kind that says who must act, the setting to look at, and no secret."""

import pytest

from syncd.conformance.rig import Ability, Bench, Fault, Stock, Task
from syncd.conformance.words import (
    QUICK_FAULTS,
    gate_of,
    kind_of_push,
    named,
    need_fault,
    need_switch,
    observed,
    pushed,
    quantities,
    raising,
    shown_of,
    write,
)
from syncd.domain.model import Action
from syncd.errors import Kind, PortError

_OFF_BY = 3600.0
"""No platform lets in a call that is an hour off."""

_WRONG_TIME = frozenset({Kind.SIGNATURE, Kind.REJECTED})


class Credentials:
    """Tokens, signatures, permissions and clocks."""

    @pytest.mark.parametrize("fault", [Fault.TOKEN_EXPIRED, Fault.TOKEN_REVOKED, Fault.FORBIDDEN], ids=named)
    async def test_refused_credentials_name_what_to_look_at(self, bench: Bench, fault: Fault) -> None:
        need_fault(bench, fault)
        bench.rig.put(Stock(key="1"))
        bench.rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await observed(bench.channel)
        assert bench.advice.get(caught.value.kind, "") in str(caught.value)

    async def test_a_token_that_is_over_stops_a_write_before_it_is_applied(self, bench: Bench) -> None:
        need_fault(bench, Fault.TOKEN_EXPIRED)
        listing = bench.rig.put(Stock(key="1"))
        bench.rig.fail(Fault.TOKEN_EXPIRED)
        with pytest.raises(PortError) as caught:
            await pushed(bench, raising(bench, listing))
        assert (caught.value.kind, bench.rig.counter(listing)) == (Kind.AUTH_EXPIRED, 5)

    # --- signatures ----------------------------------------------------------------------------------------

    async def test_a_bad_signature_is_told_as_one(self, bench: Bench) -> None:
        gate = gate_of(bench, Ability.SIGNATURES)
        listing = bench.rig.put(Stock(key="1"))
        gate.change_secret()
        with pytest.raises(PortError) as caught:
            await observed(bench.channel)
        assert caught.value.kind is Kind.SIGNATURE
        assert bench.advice.get(Kind.SIGNATURE, "") in str(caught.value)
        assert await kind_of_push(bench, raising(bench, listing)) == [Kind.SIGNATURE]
        assert bench.rig.counter(listing) == 5

    # --- permissions ---------------------------------------------------------------------------------------

    async def test_a_write_that_is_not_permitted_leaves_reading_alone(self, bench: Bench) -> None:
        gate = gate_of(bench, Ability.PERMISSIONS)
        listing = bench.rig.put(Stock(key="1"))
        gate.forbid(Task.WRITE)
        assert await kind_of_push(bench, raising(bench, listing)) == [Kind.PERMISSION]
        assert await quantities(bench.channel) == {listing: 5}

    async def test_reading_that_is_not_permitted_leaves_writing_alone(self, bench: Bench) -> None:
        gate = gate_of(bench, Ability.PERMISSIONS)
        listing = bench.rig.put(Stock(key="1"))
        gate.forbid(Task.READ)
        with pytest.raises(PortError) as caught:
            await observed(bench.channel)
        assert caught.value.kind is Kind.PERMISSION
        assert await kind_of_push(bench, raising(bench, listing)) == [Kind.DONE]

    async def test_delisting_that_is_not_permitted_is_told_as_such(self, bench: Bench) -> None:
        need_switch(bench)
        gate = gate_of(bench, Ability.PERMISSIONS)
        listing = bench.rig.put(Stock(key="1"))
        gate.forbid(Task.SWITCH)
        assert await kind_of_push(bench, write(bench, listing, 0, Action.DELIST)) == [Kind.PERMISSION]
        assert bench.rig.is_on_sale(listing)

    # --- clocks --------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("seconds", [-120.0, 120.0])
    async def test_a_clock_that_is_a_little_off_does_no_harm(self, bench: Bench, seconds: float) -> None:
        gate = gate_of(bench, Ability.SKEW)
        listing = bench.rig.put(Stock(key="1"))
        gate.skew(seconds)
        assert await quantities(bench.channel) == {listing: 5}
        assert await kind_of_push(bench, raising(bench, listing)) == [Kind.DONE]

    @pytest.mark.parametrize("seconds", [-_OFF_BY, _OFF_BY])
    async def test_a_clock_that_is_far_off_is_no_matter_of_the_listing(
        self, bench: Bench, seconds: float
    ) -> None:
        gate = gate_of(bench, Ability.SKEW)
        bench.rig.put(Stock(key="1"))
        gate.skew(seconds)
        with pytest.raises(PortError) as caught:
            await observed(bench.channel)
        assert caught.value.kind in _WRONG_TIME

    # --- secrets -------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("fault", Fault, ids=named)
    async def test_no_failed_reading_shows_a_secret(self, bench: Bench, fault: Fault) -> None:
        need_fault(bench, fault)
        bench.rig.put(Stock(key="1"))
        bench.rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await observed(bench.channel)
        self._see_no_secret(bench, shown_of(caught.value))

    @pytest.mark.parametrize("fault", QUICK_FAULTS, ids=named)
    async def test_no_failed_write_shows_a_secret(self, bench: Bench, fault: Fault) -> None:
        need_fault(bench, fault)
        listing = bench.rig.put(Stock(key="1"))
        bench.rig.fail(fault)
        with pytest.raises(PortError) as caught:
            await pushed(bench, raising(bench, listing))
        self._see_no_secret(bench, shown_of(caught.value))

    async def test_no_refused_signature_shows_a_secret(self, bench: Bench) -> None:
        gate_of(bench, Ability.SIGNATURES).change_secret()
        with pytest.raises(PortError) as caught:
            await observed(bench.channel)
        self._see_no_secret(bench, shown_of(caught.value))

    async def test_the_channel_itself_shows_no_secret(self, bench: Bench) -> None:
        assert bench.secrets, "name what must never be shown; a channel without secrets names a planted text"
        self._see_no_secret(bench, f"{bench.channel!r} {bench.channel!s} {bench.channel.traits!r}")

    @staticmethod
    def _see_no_secret(bench: Bench, text: str) -> None:
        # The place of the secret and not the text: a failed test is printed.
        assert [number for number, secret in enumerate(bench.secrets) if secret in text] == []
