"""`syncd transfer list`: units on their way between the shares of a split pool."""

from datetime import timedelta
from pathlib import Path

from syncd.cli.exits import Exit
from syncd.cli.opening import configured, looking
from syncd.cli.options import Format
from syncd.cli.output import Json, document, line
from syncd.cli.tables import moment, table
from syncd.config.scalars import seconds
from syncd.domain.virtual.history import MOVING
from syncd.errors import UsageError
from syncd.services.transfers import Ended, stored_state, transfers_document

_NAMES = ("pool", "sku", "from", "to", "units")

_READ = 100_000
"""How many of the newest rows of the ledger are looked through."""


async def transfer_list(config: Path, output: Format, *, since: str | None, limit: int) -> Exit:
    """Print what is on its way, and with `since` what has arrived or came back in that time."""
    configuration = configured(config, calls=False)
    back = None if since is None else _duration(since)
    async with looking(configuration) as app:
        now = app.clock.now()
        state = await stored_state(app.store, configuration.topology, now)
        ended = None
        if back is not None:
            rows = await app.store.ledger(what=MOVING, limit=_READ)
            ended = Ended(ledger=rows, since=now - back, limit=limit)
    content = transfers_document(state, ended)
    if output is Format.JSON:
        document(content)
    else:
        _print(content)
    return Exit.DONE


def _duration(text: str) -> timedelta:
    try:
        return timedelta(seconds=seconds(text))
    except ValueError as error:
        raise UsageError(f"--since {text}: {error}") from None


def _print(content: Json) -> None:
    if content["moving"]:
        table((*_NAMES, "since", "waits for"), [_moving(row) for row in content["moving"]])
    else:
        line("No units are on their way between shares.")
    if content["finished"] is None:
        return
    line()
    table((*_NAMES, "at", "because"), [_finished(row) for row in content["finished"]])
    if content["left_out"]:
        line(f"Older ones left out: {content['left_out']}; --limit shows more.")


def _moving(row: Json) -> tuple[object, ...]:
    return *(row[name] for name in _NAMES), moment(row["since"]), "; ".join(row["waits_for"])


def _finished(row: Json) -> tuple[object, ...]:
    return *(row[name] for name in _NAMES), moment(row["at"]), row["because"]
