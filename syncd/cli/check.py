"""`syncd check`: whether the configuration is right, and whether every source and shop answers."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from syncd.bootstrap import Seams, open_app
from syncd.cli.exits import Exit, code_of_work
from syncd.cli.online import ask_all
from syncd.cli.opening import configured, has_state
from syncd.cli.options import Format
from syncd.cli.output import Json, complain, document, line
from syncd.cli.running import as_json
from syncd.cli.tables import moment, table
from syncd.config.configuration import Configuration
from syncd.config.registry import Registry
from syncd.config.schema import schema
from syncd.errors import ConfigError, Problem, StateError

_NOT_COMPARED = "the state cannot be read, so that dropped shops would not be noticed: {error}"
_SHOP_COLUMNS = (
    "shop",
    "listings",
    "read listings",
    "read orders",
    "write stock",
    "renews",
    "session ends",
    "authorized until",
    "days left",
    "error",
)


async def print_schema() -> Exit:
    """Print the JSON schema of a configuration, for editors; no configuration is read."""
    document(schema(Registry.installed()))
    return Exit.DONE


async def check(config: Path, output: Format, *, online: bool) -> Exit:
    """Print every problem of the configuration; with `online` also what each source and shop answered."""
    try:
        configuration = configured(config, calls=False)
        configuration = await _beside_the_state(configuration)
    except ConfigError as error:
        _print_problems(error.problems, output)
        return Exit.CONFIG
    found = await ask_all(configuration) if online else None
    if output is Format.JSON:
        notes = [as_json(note) for note in configuration.notes]
        document({"problems": [], "notes": notes} | ({"online": found} if found else {}))
    else:
        _print(configuration, found)
    errors = _told(found, "error") if found else []
    for warning in _told(found, "warning") if found else []:
        complain(warning)
    for error_text in errors:
        complain(error_text)
    return code_of_work(failed=bool(errors), held=False)


async def _beside_the_state(configuration: Configuration) -> Configuration:
    """Return the configuration if it goes with what the state knows; a note says where it cannot be read.

    Raises:
        ConfigError: a shop was dropped that has something on sale.
    """
    if not has_state(configuration):
        return configuration
    try:
        async with open_app(configuration, Seams(read_only=True)) as app:
            await app.refuse_dropped_shops()
    except StateError as error:
        note = Problem(
            file=str(configuration.file), key="state.dir", message=_NOT_COMPARED.format(error=error)
        )
        return replace(configuration, notes=(*configuration.notes, note))
    return configuration


# --- what was found ----------------------------------------------------------------------------------------


def _print_problems(problems: Sequence[Problem], output: Format) -> None:
    complain(f"syncd: {len(problems)} problem(s) in the configuration")
    if output is Format.JSON:
        document({"problems": [as_json(problem) for problem in problems], "notes": []})
    else:
        _print_table(problems)


def _print_table(problems: Sequence[Problem]) -> None:
    rows = [(_place(p), p.key, p.message, p.hint) for p in problems]
    table(("place", "key", "problem", "what to do"), rows)


def _place(problem: Problem) -> str:
    return f"{problem.file}:{problem.line}" if problem.line else problem.file


def _print(configuration: Configuration, found: Json | None) -> None:
    if configuration.notes:
        _print_table(configuration.notes)
        line()
    if found:
        table(
            ("source", "rows", "bad rows", "error"), [(n, *e.values()) for n, e in found["sources"].items()]
        )
        line()
        table(_SHOP_COLUMNS, [_shop_row(n, e) for n, e in found["shops"].items()])
        line()
    count = f"sources: {len(configuration.sources)}, shops: {len(configuration.shops)}"
    line(f"{configuration.file}: no problem in the configuration ({count}).")


def _shop_row(name: str, entry: Json) -> tuple[object, ...]:
    return (
        name,
        entry["listings"],
        entry["read_listings"],
        entry["read_orders"],
        entry["write_stock"],
        entry["renews"],
        moment(entry["session_ends"]),
        moment(entry["authorized_until"]),
        entry["days_left"],
        entry["error"],
    )


def _told(found: Json, what: str) -> list[str]:
    return [
        f"{word} {name}: {entry[what]}"
        for word, part in (("source", "sources"), ("shop", "shops"))
        for name, entry in found[part].items()
        if entry.get(what)
    ]
