"""The tokens that sellers grant, as the answers to renewals tell them."""

from syncd.errors import Kind

_MOST_SECONDS = 100 * 366 * 86_400
_REFUSED = frozenset({Kind.AUTH_EXPIRED, Kind.REJECTED, Kind.NOT_FOUND})


def token_text(value: object) -> str:
    """Return a token of an answer.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(value, str) or not value:
        raise ValueError("is no token")
    return value


def span(value: object) -> int:
    """Return a span of time in seconds, 0 where none is told."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:12])
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _MOST_SECONDS:
        return 0
    return value


def refusal_kind(kind: Kind) -> Kind:
    """Return what a refused renewal means: it has one argument of its own, the refresh token."""
    return Kind.AUTH_REVOKED if kind in _REFUSED else kind
