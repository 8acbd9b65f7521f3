"""What every vault of tokens owes; the thin test files give it one."""

from datetime import UTC, datetime, timedelta

import pytest

from syncd.domain.model import ShopName
from syncd.ports.tokens import Kept, Tokens, TokenVault

TMALL = ShopName("tmall")
JD = ShopName("jd")
NOW = datetime(2026, 11, 23, 10, 0, 0, 250, tzinfo=UTC)


def kept(name: str = "one", **changes: datetime) -> Kept:
    tokens = Tokens(
        access=f"access-{name}",
        refresh=f"refresh-{name}",
        access_expires=NOW + timedelta(days=1),
        refresh_expires=NOW + timedelta(days=30),
    )
    return Kept(tokens=tokens, seed=f"seed-{name}", saved=NOW, **changes)


class VaultContract:
    async def test_it_begins_empty(self, vault: TokenVault) -> None:
        assert await vault.load(TMALL) is None

    @pytest.mark.parametrize(
        "one",
        [
            kept(),
            kept(begun=NOW),
            Kept(tokens=Tokens(access=""), seed="", saved=NOW),
            Kept(tokens=Tokens(access='a "quoted" 茶 \\ token', refresh="\n"), seed="s", saved=NOW),
        ],
        ids=["whole", "begun", "bare", "odd"],
    )
    async def test_what_is_saved_is_loaded(self, vault: TokenVault, one: Kept) -> None:
        await vault.save(TMALL, one)
        assert await vault.load(TMALL) == one

    async def test_what_is_saved_last_counts(self, vault: TokenVault) -> None:
        await vault.save(TMALL, kept("one", begun=NOW))
        await vault.save(TMALL, kept("two"))
        assert await vault.load(TMALL) == kept("two")

    async def test_shops_are_kept_apart(self, vault: TokenVault) -> None:
        await vault.save(TMALL, kept("one"))
        await vault.save(JD, kept("two"))
        assert (await vault.load(TMALL), await vault.load(JD)) == (kept("one"), kept("two"))

    async def test_a_shop_is_held_by_one_at_a_time(self, vault: TokenVault) -> None:
        async with vault.held(TMALL) as first, vault.held(TMALL) as second:
            assert (first, second) == (True, False)
        async with vault.held(TMALL) as again:
            assert again is True

    async def test_whoever_was_refused_does_not_free_it(self, vault: TokenVault) -> None:
        async with vault.held(TMALL):
            async with vault.held(TMALL):
                pass
            async with vault.held(TMALL) as mine:
                assert mine is False

    async def test_a_shop_is_free_after_a_failure(self, vault: TokenVault) -> None:
        with pytest.raises(ZeroDivisionError):
            async with vault.held(TMALL):
                raise ZeroDivisionError
        async with vault.held(TMALL) as mine:
            assert mine is True

    async def test_another_shop_is_not_held(self, vault: TokenVault) -> None:
        async with vault.held(TMALL), vault.held(JD) as mine:
            assert mine is True

    async def test_who_holds_a_shop_saves_it(self, vault: TokenVault) -> None:
        async with vault.held(TMALL):
            await vault.save(TMALL, kept())
        assert await vault.load(TMALL) == kept()
