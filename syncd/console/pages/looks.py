"""Signing in and what went wrong, as pages of the console."""

from aiohttp import web

from syncd.console.pages.frame import Page, shown
from syncd.console.parts import SignIn

_SIGN_IN = Page(template="login.html")
_PROBLEM = Page(template="error.html")


class ConsoleLooks:
    """How answers look that are no data, in the language and look of the browser."""

    async def sign_in(self, request: web.Request, form: SignIn) -> web.Response:
        """Return the page with the form that asks for a token."""
        return await shown(request, _SIGN_IN, {"form": form})

    async def problem(self, request: web.Request, status: int, detail: str) -> web.Response:
        """Return the page that tells what went wrong and where to go from there."""
        return await shown(request, _PROBLEM, {"status": status, "detail": detail}, status=status)
