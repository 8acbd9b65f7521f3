"""`syncd check`: whether the configuration is right, and whether every source and shop answers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from syncd.bootstrap import App, Seams, open_app
from syncd.cli.exits import Exit, code_of_work
from syncd.cli.opening import configured, has_state, in_folder
from syncd.cli.options import Format
from syncd.cli.output import Json, complain, document, line
from syncd.cli.running import as_json
from syncd.cli.tables import table
from syncd.config.configuration import Configuration, ShopConfig, SourceConfig
from syncd.config.registry import Registry
from syncd.config.schema import schema
from syncd.domain.model import ObservedListing, Snapshot
from syncd.errors import ConfigError, PortError, Problem, StateError
from syncd.services.gate import Gate, within

ResultT = TypeVar("ResultT")

WHOLE_READING = 10
"""How many single calls' time-outs a reading of a whole source or shop may take."""

_NOT_COMPARED = "the state cannot be read, so that dropped shops would not be noticed: {error}"
_UNREADABLE = "its credential can only be read inside the systemd unit, so it was not called"


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
    found = await _ask_all(configuration) if online else None
    if output is Format.JSON:
        notes = [as_json(note) for note in configuration.notes]
        document({"problems": [], "notes": notes} | ({"online": found} if found else {}))
    else:
        _print(configuration, found)
    errors = _errors(found) if found else []
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
        table(("shop", "listings", "error"), [(n, *e.values()) for n, e in found["shops"].items()])
        line()
    count = f"sources: {len(configuration.sources)}, shops: {len(configuration.shops)}"
    line(f"{configuration.file}: no problem in the configuration ({count}).")


# --- what the sources and shops answer ---------------------------------------------------------------------


async def _ask_all(configuration: Configuration) -> Json:
    # The state belongs to the daemon, and nothing of this is to be remembered.
    with TemporaryDirectory(prefix="syncd-") as folder:
        async with open_app(in_folder(configuration, Path(folder))) as app:
            sources = [_ask_source(app, each) for each in configuration.sources.values()]
            shops = [_ask_shop(app, each) for each in configuration.shops.values()]
            of_sources, of_shops = await asyncio.gather(asyncio.gather(*sources), asyncio.gather(*shops))
    return {
        "sources": dict(zip(configuration.sources, of_sources, strict=True)),
        "shops": dict(zip(configuration.shops, of_shops, strict=True)),
    }


async def _ask_source(app: App, source: SourceConfig) -> Json:
    async def collect() -> Snapshot:
        return await app.sources[source.name].collect(now=app.clock.now(), cursor="")

    snapshot, error = await _answer(source, collect)
    if snapshot is None:
        return {"rows": None, "problems": None, "error": error}
    if not snapshot.complete:
        error = f"its answer is not whole: {snapshot.incomplete_because}"
    return {"rows": len(snapshot.skus), "problems": len(snapshot.problems), "error": error}


async def _ask_shop(app: App, shop: ShopConfig) -> Json:
    async def observe() -> list[ObservedListing]:
        return [row async for page in app.channels[shop.name].observe() for row in page]

    rows, error = await _answer(shop, observe, app.gates[shop.name])
    return {"listings": None if rows is None else len(rows), "error": error}


async def _answer(
    part: SourceConfig | ShopConfig, call: Callable[[], Awaitable[ResultT]], gate: Gate | None = None
) -> tuple[ResultT | None, str]:
    """Return what a source or shop answered, or None and why there is no answer."""
    if part.unresolved:
        return None, _UNREADABLE
    limit = part.core.timeout * WHOLE_READING
    try:
        async with within(gate, limit):
            return await call(), ""
    except PortError as error:
        return None, str(error)
    except TimeoutError:
        return None, f"no whole answer within {limit:g} s"


def _errors(found: Json) -> list[str]:
    return [
        f"{word} {name}: {entry['error']}"
        for word, part in (("source", "sources"), ("shop", "shops"))
        for name, entry in found[part].items()
        if entry["error"]
    ]
