"""Open the program for a command: for looking only, or for asking and pushing."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from syncd.bootstrap import App, Seams, open_app, open_vault, read_configuration, set_up_log
from syncd.cli.output import complain
from syncd.config.configuration import Configuration
from syncd.config.settings import LogLevel
from syncd.errors import UsageError

DATABASE = "state.db"


def configured(config: Path, *, calls: bool) -> Configuration:
    """Return the configuration, with a log that leaves the talking to the command.

    With `calls`, credentials that only the unit can read are refused: every call would be a failed login.
    """
    configuration = read_configuration(config, os.environ)
    set_up_log(_quiet(configuration), terminal=sys.stderr.isatty())
    if calls:
        _refuse_unresolved(configuration)
    return configuration


@asynccontextmanager
async def looking(configuration: Configuration) -> AsyncIterator[App]:
    """Yield the program for reading: no state is changed, and where there is none it begins empty."""
    async with AsyncExitStack() as stack:
        read_only = has_state(configuration)
        vault = open_vault(configuration)
        if not read_only:
            scratch = stack.enter_context(TemporaryDirectory(prefix="syncd-"))
            configuration = in_folder(configuration, Path(scratch))
            complain("Nothing is recorded yet: there was no `syncd sync` or `syncd run` so far.")
        yield await stack.enter_async_context(
            open_app(configuration, Seams(read_only=read_only, vault=vault))
        )


def in_folder(configuration: Configuration, folder: Path) -> Configuration:
    """Return the configuration with its state in another folder."""
    settings = configuration.settings
    state = settings.state.model_copy(update={"dir": folder})
    return replace(configuration, settings=settings.model_copy(update={"state": state}))


def has_state(configuration: Configuration) -> bool:
    """Return whether there is a state already, perhaps of somebody else."""
    folder = configuration.settings.state.dir
    try:
        # What is no folder is no state that has yet to begin, either; opening says what to do about it.
        return (folder / DATABASE).exists() or (folder.exists() and not folder.is_dir())
    except OSError:
        # It is somebody else's; opening says whose, and what to do.
        return True


def _quiet(configuration: Configuration) -> Configuration:
    """Return the configuration with a silent log: the command tells everything itself, unless one debugs."""
    settings = configuration.settings
    if settings.log.level is LogLevel.DEBUG:
        return configuration
    log = settings.log.model_copy(update={"level": LogLevel.ERROR})
    return replace(configuration, settings=settings.model_copy(update={"log": log}))


def _refuse_unresolved(configuration: Configuration) -> None:
    keys = [key for source in configuration.sources.values() for key in source.unresolved]
    keys += [key for shop in configuration.shops.values() for key in shop.unresolved]
    if keys:
        raise UsageError(
            f"{', '.join(keys)}: only the systemd unit can read this credential, so nothing can be called "
            "from here; ask the daemon, or run the command with `systemd-run --pipe --uid=syncd "
            "--property=LoadCredential=NAME:FILE`"
        )
