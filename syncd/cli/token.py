"""`syncd token`: a fresh token for the console and the API, and the lines of configuration to go with it."""

from syncd.cli.exits import Exit
from syncd.cli.options import Format
from syncd.cli.output import complain, document, line
from syncd.config.http import TokenRole
from syncd.config.scalars import NAME_PATTERN
from syncd.console.security.tokens import new_hash, new_token
from syncd.errors import UsageError


async def token(output: Format, *, name: str, role: TokenRole) -> Exit:
    """Print a new token and its hash; neither is kept.

    Raises:
        UsageError: `name` is no name.
    """
    if not NAME_PATTERN.fullmatch(name):
        raise UsageError("a name has 1 to 64 of the characters a-z, 0-9 and _")
    fresh = new_token(name)
    hash_ = new_hash(fresh)
    complain("The token is shown now and never again; only its hash goes into the configuration.")
    if output is Format.JSON:
        document({"name": name, "role": role.value, "token": fresh, "hash": hash_})
        return Exit.DONE
    for text in (fresh, "", f"[http.tokens.{name}]", f'role = "{role.value}"', f'hash = "{hash_}"'):
        line(text)
    return Exit.DONE
