"""`syncd init`: write a configuration that loads, with a comment at every place that must be filled in."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from syncd.cli.exits import Exit
from syncd.cli.options import DEFAULT_CONFIG
from syncd.cli.output import line
from syncd.cli.templates import Part, configuration, variables
from syncd.config.problems import suggestion
from syncd.config.registry import Registry
from syncd.config.scalars import NAME_PATTERN
from syncd.errors import UsageError

_SYSTEM_STATE = "/var/lib/syncd"
_EXAMPLE = "e.g. `syncd init --source http_json --shop tmall=http --shop jd=http`"


async def init(config: Path, *, sources: Sequence[str], shops: Sequence[str]) -> Exit:
    """Write a new configuration for sources and shops; asks for what is missing on a terminal only."""
    _refuse_existing(config)
    registry = Registry.installed()
    words = sources or _asked_sources(registry)
    from_where = _distinct([_source(text, registry, alone=len(words) == 1) for text in words], "--source")
    chosen = _distinct([_shop(text, registry) for text in shops or _asked_shops(registry)], "--shop")
    # Where there is no system-wide installation, everything lies together in one folder.
    state = _SYSTEM_STATE if config == DEFAULT_CONFIG else "state"
    folder = Path(_SYSTEM_STATE) if config == DEFAULT_CONFIG else config.parent.absolute()
    _write(config, configuration(from_where, chosen, registry=registry, state=state, folder=folder))
    line(f"{config}: written. Fill in what it marks with FILL IN, then:")
    names = variables(from_where, chosen, registry=registry)
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


def _source(text: str, registry: Registry, *, alone: bool) -> Part:
    name, equals, word = text.rpartition("=")
    if not equals and alone:
        name = "erp"
    if not NAME_PATTERN.fullmatch(name):
        what = "TYPE, or NAME=TYPE" if alone else "NAME=TYPE, as several need names,"
        raise UsageError(f"--source {text!r} is not {what} with a name of a-z, 0-9 and _; {_EXAMPLE}")
    return Part(name, _known(word, registry.source_types, "source types"))


def _shop(text: str, registry: Registry) -> Part:
    name, _, word = text.partition("=")
    if not NAME_PATTERN.fullmatch(name) or not word:
        raise UsageError(f"--shop {text!r} is not NAME=TYPE with a name of a-z, 0-9 and _; {_EXAMPLE}")
    return Part(name, _known(word, registry.channel_types, "channel types"))


def _distinct(parts: Sequence[Part], option: str) -> Sequence[Part]:
    if len({part.name for part in parts}) < len(parts):
        what = (
            "a shop twice; every account is a shop" if option == "--shop" else "a source twice; each is one"
        )
        raise UsageError(f"{option} names {what} with a name of its own")
    return parts


def _asked_sources(registry: Registry) -> list[str]:
    _need_terminal("--source")
    words = ", ".join(registry.source_types)
    text = f"Where does the stock come from? ({words}; NAME=TYPE for each, with blanks, if there are several)"
    return str(typer.prompt(text, err=True)).split()


def _asked_shops(registry: Registry) -> list[str]:
    _need_terminal("--shop")
    words = ", ".join(registry.channel_types)
    text = f"Which shops? NAME=TYPE, several with blanks, e.g. tmall=http jd=http ({words})"
    return str(typer.prompt(text, err=True)).split()


def _need_terminal(option: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"{option} is missing, and there is no terminal to ask on; {_EXAMPLE}")
