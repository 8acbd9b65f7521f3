"""Which metrics and labels a PromQL expression names: a tokenizer, and as much grammar as that takes.

It does not evaluate or type anything. What it does not know it refuses, so that nothing passes unread.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

FUNCTIONS = frozenset(
    {
        "absent",
        "histogram_quantile",
        "increase",
        "label_values",
        "predict_linear",
        "rate",
        "time",
    }
)
AGGREGATIONS = frozenset({"avg", "count", "max", "min", "sum", "topk"})
OPERATORS = frozenset({"and", "or", "unless", "bool", "offset"})
GROUPINGS = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<range>\[[^\]]*\])
  | (?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![A-Za-z_]))
  | (?P<name>[A-Za-z_:][A-Za-z0-9_:]*)
  | (?P<sign>=~|!~|!=|==|>=|<=|[-+*/%^=<>(){},])
    """,
    re.VERBOSE,
)
_RANGE = re.compile(r"\[(?:\d+[smhdwy]|\$__rate_interval)\]")


class Token(NamedTuple):
    """A piece of an expression."""

    kind: str
    text: str


class Matcher(NamedTuple):
    """What a selector asks of a label."""

    label: str
    sign: str
    value: str


@dataclass(frozen=True, slots=True)
class Named:
    """What an expression names: each metric with what it asks of labels, and the labels it groups by."""

    selectors: list[tuple[str, list[Matcher]]] = field(default_factory=list)
    grouped: set[str] = field(default_factory=set)

    @property
    def metrics(self) -> set[str]:
        """Return the names of all metrics."""
        return {name for name, _ in self.selectors}


def tokens(expression: str) -> Iterator[Token]:
    """Yield the tokens of an expression.

    Raises:
        ValueError: something in it is none.
    """
    at = 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"what is {expression[at : at + 20]!r} in {expression!r}?")
        at = match.end()
        if match.lastgroup == "range" and not _RANGE.fullmatch(match[0]):
            raise ValueError(f"what range is {match[0]}?")
        if match.lastgroup != "space":
            yield Token(match.lastgroup, match[0])


def named(expression: str) -> Named:
    """Return what an expression names.

    Raises:
        ValueError: it is not understood.
    """
    found = Named()
    row = [*tokens(expression), Token("end", "")]
    depth = 0
    at = 0
    while row[at].kind != "end":
        token = row[at]
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth < 0:
            raise ValueError(f"one ) too many in {expression!r}")
        at = _take(row, at, found) if token.kind == "name" else _step(row, at)
    if depth:
        raise ValueError(f"one ( too many in {expression!r}")
    return found


def _step(row: Sequence[Token], at: int) -> int:
    if row[at].text in {"{", "}", "=~", "!~", "="}:
        raise ValueError(f"a {row[at].text} that belongs to no metric")
    return at + 1


def _take(row: Sequence[Token], at: int, found: Named) -> int:
    """Note a name, and return where what belongs to it ends."""
    name, follows = row[at].text, row[at + 1].text
    if name in GROUPINGS:
        labels, end = _labels(row, at + 1)
        found.grouped.update(labels)
        return end
    if name in OPERATORS:
        return at + 1
    if follows == "(" or (name in AGGREGATIONS and follows in GROUPINGS):
        if name not in FUNCTIONS | AGGREGATIONS:
            raise ValueError(f"what function is {name}?")
        return at + 1
    if follows == "{":
        matchers, end = _matchers(row, at + 2)
        found.selectors.append((name, matchers))
        return end
    found.selectors.append((name, []))
    return at + 1


def _labels(row: Sequence[Token], at: int) -> tuple[list[str], int]:
    if row[at].text != "(":
        raise ValueError("a grouping without its labels")
    end = next(i for i in range(at, len(row)) if row[i].text == ")" or row[i].kind == "end")
    return [token.text for token in row[at + 1 : end] if token.kind == "name"], end + 1


def _matchers(row: Sequence[Token], at: int) -> tuple[list[Matcher], int]:
    found = []
    while row[at].text != "}":
        label, sign, value = row[at : at + 3]
        if label.kind != "name" or sign.text not in {"=", "!=", "=~", "!~"} or value.kind != "text":
            raise ValueError(f"what is {label.text} {sign.text} {value.text}?")
        found.append(Matcher(label.text, sign.text, value.text[1:-1]))
        at += 3
        if row[at].text == ",":
            at += 1
    return found, at + 1
