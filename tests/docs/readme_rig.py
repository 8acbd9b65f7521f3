"""README.md as blocks and tables; `python -m tests.docs.readme_rig` writes its tables anew.

The tables between `<!-- settings: NAME -->` and the next `<!-- end -->` come from the program's own
description of its settings, so that the manual cannot name what is not there; so does that of the metrics.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from syncd.config.registry import CHANNELS_GROUP, SOURCES_GROUP, Refusal, Registry
from syncd.config.schema import Described, describe, describe_adapter
from syncd.config.settings import GuardTable, RuleValues, ShopTable, SourceTable
from syncd.console.metrics.families import FAMILIES

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_TABLE = re.compile(r"(?:^\|.*\n)+", re.MULTILINE)
_METRICS = re.compile(r"(<!-- metrics -->\n).*?(<!-- end -->)", re.DOTALL)
_MARKED = re.compile(r"(<!-- settings: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_RULES = ("pools.NAME.", "shops.NAME.", "overrides[].")
_OWN_GUARD = "shops.NAME.guard."
_HEAD = "| key | kind | default | what it does |\n| --- | --- | --- | --- |\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of code: its language, its text, and the heading it stands under."""

    language: str
    text: str
    section: str


def blocks(text: str, language: str = "", section: str = "") -> list[Block]:
    """Return the blocks of code, of one language and under one heading where these are named."""
    plain = _FENCE.sub(lambda match: re.sub(r"[^\n]", "~", match[0]), text)
    headings = [(match.start(), match[1]) for match in _HEADING.finditer(plain)]
    found = [
        Block(
            language=match[1],
            text=match[2],
            section=[name for start, name in headings if start < match.start()][-1],
        )
        for match in _FENCE.finditer(text)
    ]
    return [each for each in found if language in {"", each.language} and section in {"", each.section}]


def prose(text: str) -> str:
    """Return the text without its blocks of code."""
    return _FENCE.sub("", text)


def rows(text: str, after: str) -> list[list[str]]:
    """Return the cells of the first table after some words, without its head; their code marks are kept."""
    table = _TABLE.search(text.split(after, 1)[1])
    assert table, f"there is no table after {after}"
    lines = table[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


# --- settings ----------------------------------------------------------------------------------------------


def settings_tables() -> dict[str, str]:
    """Return every table of settings by the name that marks its place."""
    core = describe()
    shown = [row for row in core if not _is_rule(row) and not row.key.startswith(_OWN_GUARD)]
    tables = {
        "core": [
            row
            for row in shown
            if row.key.split(".")[0]
            in {"include", "state", "cycle", "guard", "log", "mqtt", "http", "alerts", "hooks"}
        ],
        "rules": [row._replace(key=row.key.removeprefix(_RULES[0])) for row in core if _is_rule(row)][
            : len(RuleValues.model_fields)
        ],
    }
    for name, prefix in (("sources", "sources."), ("pools", "pools."), ("shops", "shops.")):
        tables[name] = [row for row in shown if row.key.startswith(prefix)]
    tables["lists"] = [
        row for row in shown if "[]." in row.key and not row.key.startswith(("shops.", "alerts."))
    ]
    tables |= {f"source_{word}": found for word, found in _adapters("source").items()}
    tables |= {f"channel_{word}": found for word, found in _adapters("channel").items()}
    return {name: _HEAD + "".join(_lines(found)) for name, found in tables.items()}


def built_in(what: str) -> list[str]:
    """Return the types of sources or channels that this checkout brings, whatever else is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sorted(project["entry-points"][SOURCES_GROUP if what == "source" else CHANNELS_GROUP])


def keys_left_out() -> list[str]:
    """Return the keys that stand in no table because another table already says the same of them."""
    core = describe()
    guard = {row.key.removeprefix("guard.") for row in core if row.key.startswith("guard.")}
    own = {row.key.removeprefix(_OWN_GUARD) for row in core if row.key.startswith(_OWN_GUARD)}
    assert own == guard == set(GuardTable.model_fields)
    return [row.key for row in core if row.key.startswith(_OWN_GUARD) or _is_rule(row)]


def rewritten(text: str) -> str:
    """Return README's text with the tables of settings and metrics as they should be."""
    tables = settings_tables()
    text = _MARKED.sub(lambda match: match[1] + tables[match[2]] + match[3], text)
    return _METRICS.sub(lambda match: match[1] + metrics_table() + match[2], text)


def metrics_table() -> str:
    """Return the table of all metrics."""
    lines = ["| metric | kind | labels | says |\n", "| --- | --- | --- | --- |\n"]
    for family in FAMILIES.values():
        labels = ", ".join(f"`{label}`" for label in family.labels)
        lines.append(f"| `{family.name}` | {family.kind.value} | {labels} | {family.help_} |\n")
    return "".join(lines)


def marked(text: str) -> list[str]:
    """Return the names of the places for tables, in order."""
    return [match[2] for match in _MARKED.finditer(text)]


def _is_rule(row: Described) -> bool:
    prefix = next((prefix for prefix in _RULES if row.key.startswith(prefix)), None)
    return prefix is not None and row.key.removeprefix(prefix) in RuleValues.model_fields


def _adapters(what: str) -> dict[str, list[Described]]:
    registry = Registry.installed()
    find = registry.source if what == "source" else registry.channel
    found = {word: find(word) for word in built_in(what)}
    core = SourceTable if what == "source" else ShopTable
    return {
        word: describe_adapter(adapter, core=core)
        for word, adapter in found.items()
        if not isinstance(adapter, Refusal)
    }


def _lines(found: Sequence[Described]) -> Iterator[str]:
    """Yield a line for each setting; tables with the same keys (`set`, `delta`) share theirs."""
    for same, group in groupby(_alike(found), key=lambda row: row[1:]):
        keys = ", ".join(f"`{row.key}`" for row in group)
        kind, default, description = (text.replace("|", "/").replace(" / ", ", ") for text in same)
        yield f"| {keys} | {kind} | {_default(default)} | {description} |\n"


def _alike(found: Sequence[Described]) -> list[Described]:
    """Return the settings with those beside each other that differ only in the name of their table."""
    order: dict[tuple[str, ...], int] = {}
    for at, row in enumerate(found):
        order.setdefault((row.key.rpartition(".")[2], *row[1:]), at)
    return sorted(found, key=lambda row: order[row.key.rpartition(".")[2], *row[1:]])


def _default(text: str) -> str:
    in_words = text in {"required", "empty", "none"} or (" " in text and text[0] not in "[{")
    return text if in_words else f"`{text}`"


def main() -> None:
    """Write README.md anew where its tables are not as they should be."""
    README.write_text(rewritten(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
