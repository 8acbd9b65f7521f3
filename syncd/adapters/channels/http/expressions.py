"""Expressions that find something in JSON, and readers that believe only what is plain."""

import math
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError, LexerError, ParseError
from pydantic import AfterValidator, Strict
from pydantic_core import PydanticCustomError

from syncd.domain.model import LARGEST

_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_INTEGRAL_TEXT = re.compile(r"[0-9]{1,19}(\.0{1,9})?")

Finder = Callable[[Any], Any]
"""Finds something in JSON; None where it is not there."""


def _checked(expression: str) -> str:
    """Return `expression` if it can be used; its text is never quoted."""
    hint = "see jmespath.org; a key with odd characters stands in double quotes"
    try:
        jmespath.compile(expression).search(None)
    except JMESPathTypeError:
        # Only the empty example has the wrong type.
        return expression
    except (ParseError, LexerError) as error:
        column = getattr(error, "lex_position", getattr(error, "lexer_position", 0)) + 1
        raise PydanticCustomError(
            "jmespath", "is not a JMESPath expression (column {column})", {"column": column, "hint": hint}
        ) from None
    except (JMESPathError, ValueError):
        raise PydanticCustomError(
            "jmespath", "is not a JMESPath expression: an unknown function or wrong arguments", {"hint": hint}
        ) from None
    return expression


def _checked_unless_empty(expression: str) -> str:
    return _checked(expression) if expression else expression


def _needed(expression: str) -> str:
    if not expression:
        raise PydanticCustomError("jmespath", "must not be empty", {"hint": "write where the answer has it"})
    return _checked(expression)


Expression = Annotated[str, Strict(), AfterValidator(_needed)]
"""Where something stands in an answer, as JMESPath."""

OptionalExpression = Annotated[str, Strict(), AfterValidator(_checked_unless_empty)]
"""Likewise; empty where the shop does not say it."""


def finder(expression: str) -> Finder:
    """Return what finds `expression`; an empty one finds None, and so does one that fits no such value."""
    if not expression:
        return lambda _body: None
    if _PATH.fullmatch(expression):
        return _walker(expression.split("."))
    compiled = jmespath.compile(expression)

    def find(body: Any) -> Any:  # noqa: ANN401 - JSON is anything
        try:
            return compiled.search(body)
        except JMESPathError:
            return None

    return find


def _walker(keys: Sequence[str]) -> Finder:
    """Return what finds a path of plain keys, as nearly all are; an interpreter takes ten times longer."""
    if len(keys) == 1:
        (key,) = keys
        return lambda body: body.get(key) if isinstance(body, dict) else None

    def find(body: Any) -> Any:  # noqa: ANN401 - JSON is anything
        for key in keys:
            if not isinstance(body, dict):
                return None
            body = body.get(key)
        return body

    return find


def whole(value: object) -> int | None:
    """Return a quantity in 0..LARGEST, None for all that is not plainly one; never 0 for what is unknown."""
    found = _integral(value)
    return found if found is not None and 0 <= found <= LARGEST else None


def _integral(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else None
    if isinstance(value, str) and _INTEGRAL_TEXT.fullmatch(value.strip()):
        return int(value.strip().partition(".")[0])
    return None


def key_text(value: object) -> str | None:
    """Return an id as text, exactly as it is; None for a float, which may have lost digits."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    result = str(value)
    return result if result and _is_clean(result) else None


def plain_text(value: object) -> str:
    """Return text for people or for codes; empty where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def truth(value: object) -> bool | None:
    """Return true or false only where the shop said exactly that."""
    return value if isinstance(value, bool) else None


def _is_clean(text: str) -> bool:
    """Tell whether `text` can be written again; half a surrogate pair cannot."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
