"""Turn the names that people type into those the program knows, or say what they may have meant."""

import getpass
import os
from collections.abc import Collection
from difflib import get_close_matches

from syncd.config.configuration import Configuration
from syncd.config.problems import suggestion
from syncd.domain.model import ShopName, Sku
from syncd.errors import UsageError
from syncd.services.cycle import View


def known_shop(name: str | None, configuration: Configuration) -> ShopName | None:
    """Return the shop of that name, None where no name was given.

    Raises:
        UsageError: no such shop is configured.
    """
    if name is None:
        return None
    if name not in configuration.shops:
        hint = suggestion(name, configuration.shops, "shops")
        raise UsageError(f"there is no shop {name!r}; {hint}")
    return ShopName(name)


def known_sku(code: str | None, view: View) -> Sku | None:
    """Return the SKU or bundle of that code, None where no code was given.

    Raises:
        UsageError: no source or bundle has it, as far as the sources could be read.
    """
    if code is None:
        return None
    book = view.decision.plan.book
    if code in book.sku_index or code in book.bundles.index:
        return Sku(code)
    near = near_codes(code, [*book.skus, *book.bundles.index])
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    unread = [report.source for report in view.sources if report.error]
    reason = f" (but {', '.join(unread)} could not be read)" if unread else ""
    raise UsageError(f"no source knows the SKU {code!r}{reason}{hint}")


def person() -> str:
    """Return who asks; where sudo was used the person behind it."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def near_codes(code: str, known: Collection[str]) -> list[str]:
    """Return up to three codes that somebody may have meant."""
    alike = [each for each in known if code and code.lower() in each.lower()]
    return sorted(alike, key=len)[:3] or get_close_matches(code, known, n=3)
