"""The parameters of one TOP call."""

from datetime import datetime

from aiohttp import web

from syncd.mock.forms import Form, FormError, is_id, read_form, read_local
from syncd.mock.taobao.refusal import Refusal, invalid, missing


class Params(Form):
    """The parameters of one call of this platform."""

    missing, invalid = staticmethod(missing), staticmethod(invalid)

    def ids(self, name: str, most: int) -> tuple[str, ...]:
        """Return up to `most` ids that stand between commas; an id written twice counts once."""
        found = tuple(dict.fromkeys(self.text(name).split(",")))
        if not all(is_id(one) for one in found):
            raise invalid(name, "numbers between commas")
        if len(found) > most:
            raise invalid(name, f"at most {most} numbers")
        return found

    def names(self, name: str, most: int | None = None) -> tuple[str, ...]:
        """Return the texts that stand between commas, without the spaces around them."""
        found = tuple(one.strip() for one in self.text(name).split(","))
        if most is not None and len(found) > most:
            raise invalid(name, f"at most {most} texts")
        return found

    def word(self, name: str, default: str, known: tuple[str, ...]) -> str:
        """Return one of the known words."""
        value = self.text(name, default)
        if value not in known:
            raise invalid(name, f"one of {', '.join(known)}")
        return value

    def time(self, name: str) -> datetime | None:
        """Return a time, None where it is missing."""
        text = self.text(name, "")
        if not text:
            return None
        when = read_local(text)
        if when is None:
            raise invalid(name, "a time such as 2026-01-01 00:00:00")
        return when


async def read_params(request: web.Request) -> Params:
    """Return the parameters of the URL and of the form; a name that stands twice spoils the call."""
    if request.method not in ("GET", "POST"):
        raise Refusal(9)
    try:
        return Params(await read_form(request))
    except FormError as error:
        raise invalid("parameters", str(error)) from None
