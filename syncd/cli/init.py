"""`syncd init`: write a configuration that loads, with a comment at every place that must be filled in."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from syncd.cli.exits import Exit
from syncd.cli.options import DEFAULT_CONFIG
from syncd.cli.output import line
from syncd.cli.templates import configuration, variables
from syncd.config.problems import suggestion
from syncd.config.registry import Registry
from syncd.config.scalars import NAME_PATTERN
from syncd.errors import UsageError

_SYSTEM_STATE = "/var/lib/syncd"
_EXAMPLE = "e.g. `syncd init --source http_json --shop tmall=http --shop jd=http`"


async def init(config: Path, *, source: str | None, shops: Sequence[str]) -> Exit:
    """Write a new configuration for a source and shops; asks for what is missing on a terminal only."""
    _refuse_existing(config)
    registry = Registry.installed()
    source = _known(source or _asked_source(registry), registry.source_types, "source types")
    chosen = dict(_shop(text, registry) for text in shops or _asked_shops())
    if len(chosen) < len(shops):
        raise UsageError("--shop names a shop twice; every account is a shop with a name of its own")
    # Where there is no system-wide installation, everything lies together in one folder.
    state = _SYSTEM_STATE if config == DEFAULT_CONFIG else "state"
    folder = Path(_SYSTEM_STATE) if config == DEFAULT_CONFIG else config.parent.absolute()
    _write(config, configuration(source, chosen, state=state, folder=folder))
    line(f"{config}: written. Fill in what it marks with FILL IN, then:")
    names = variables(source, chosen)
    if names:
        line(f"  set {', '.join(names)} in the environment of whoever runs syncd")
    line(f"  syncd --config {config} check --online")
    line(f"  syncd --config {config} plan")
    return Exit.DONE


def _refuse_existing(config: Path) -> None:
    if config.exists() or config.is_symlink():
        raise UsageError(f"{config} exists and is left as it is; move it away, or name another with --config")
    if not config.parent.is_dir():
        raise UsageError(f"{config.parent} is no folder; make it first: mkdir -p {config.parent}")


def _write(config: Path, text: str) -> None:
    try:
        # `x`: it may have come to be while a person answered questions.
        with config.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{config} cannot be written: {error.strerror}") from None


def _known(word: str, words: Sequence[str], what: str) -> str:
    if word not in words:
        raise UsageError(f"{word!r} is none of the {what}; {suggestion(word, words, what)}")
    return word


def _shop(text: str, registry: Registry) -> tuple[str, str]:
    name, _, word = text.partition("=")
    if not NAME_PATTERN.fullmatch(name) or not word:
        raise UsageError(f"--shop {text!r} is not NAME=TYPE with a name of a-z, 0-9 and _; {_EXAMPLE}")
    return name, _known(word, registry.channel_types, "channel types")


def _asked_source(registry: Registry) -> str:
    _need_terminal("--source")
    words = ", ".join(registry.source_types)
    return str(typer.prompt(f"Where does the stock come from? ({words})", err=True)).strip()


def _asked_shops() -> list[str]:
    _need_terminal("--shop")
    text = typer.prompt("Which shops? NAME=TYPE, several with blanks, e.g. tmall=http jd=http", err=True)
    return str(text).split()


def _need_terminal(option: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"{option} is missing, and there is no terminal to ask on; {_EXAMPLE}")
