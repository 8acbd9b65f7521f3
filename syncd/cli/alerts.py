"""`syncd alerts`: what is the matter, or was; and whether messages about it arrive."""

from collections.abc import Iterable
from pathlib import Path

from syncd.bootstrap import open_app
from syncd.cli.asking import ask
from syncd.cli.exits import Exit
from syncd.cli.opening import configured, looking
from syncd.cli.options import Format
from syncd.cli.output import Json, complain, document, line
from syncd.cli.tables import moment, table
from syncd.domain.alerts.document import alert_document
from syncd.domain.alerts.messages import worst_first
from syncd.domain.alerts.records import AlertRow
from syncd.errors import UsageError
from syncd.services.requests import ACK_ALERT

_COLUMNS = ("alert", "level", "what", "times", "since", "until", "known to", "facts")


async def alerts(config: Path, output: Format, *, past: bool, limit: int) -> Exit:
    """Print the alerts that go on, the worst first; with `past` the newest of all."""
    configuration = configured(config, calls=False)
    async with looking(configuration) as app:
        if past:
            rows: list[AlertRow] = list(await app.store.alerts(limit=limit + 1))
        else:
            rows = list(worst_first(row for row in await app.store.live_alerts() if row.is_open))
    language = configuration.settings.alerts.language
    shown = [alert_document(row, language) for row in rows[:limit]]
    # Of past ones nobody counts how many there are; null says that there are more.
    left_out = len(rows) - len(shown) if not past else None if len(rows) > limit else 0
    if output is Format.JSON:
        document({"alerts": shown, "left_out": left_out})
    else:
        _print(shown, left_out, past=past)
    return Exit.DONE


async def acknowledge(config: Path, output: Format, *, alert: int) -> Exit:
    """Have it noted down that the person who asks knows of an alert."""
    async with open_app(configured(config, calls=False)) as app:
        answer = await ask(app, ACK_ALERT, str(alert))
    if output is Format.JSON:
        document({"alert": alert, "answer": answer.text})
    else:
        line(f"{answer.text[:1].upper()}{answer.text[1:]}.")
    return Exit.DONE


async def send_test(config: Path, output: Format) -> Exit:
    """Send a message to every target; return a failure if one did not arrive.

    Raises:
        UsageError: nobody is to be told, or an address can be read by the unit alone.
    """
    configuration = configured(config, calls=False)
    targets = configuration.settings.alerts.to
    if not targets:
        raise UsageError("there is no [[alerts.to]] in the configuration, so nobody would be told")
    hidden = [target.name for target in targets if not target.is_readable]
    if hidden:
        raise UsageError(
            f"alerts.to {', '.join(hidden)}: only the systemd unit can read this credential, so nothing can "
            "be sent from here"
        )
    async with looking(configuration) as app:
        answers = await app.alerting.test()
    if output is Format.JSON:
        document({"targets": answers})
    else:
        for name, why in answers.items():
            line(f"{name}: {why or 'arrived'}")
    failed = [name for name, why in answers.items() if why]
    if failed:
        complain(f"Nothing arrived at {', '.join(failed)}.")
    return Exit.FAILED if failed else Exit.DONE


def _print(shown: list[Json], left_out: int | None, *, past: bool) -> None:
    if not shown:
        line("There was no alert yet." if past else "Nothing is the matter.")
        return
    table(_COLUMNS, map(_cells, shown))
    if left_out is None:
        line("Older ones left out; --limit shows more.")
    elif left_out:
        line(f"Others left out: {left_out}; --limit shows more.")
    if not past:
        for advice in _advice(shown):
            line(advice)


def _advice(shown: Iterable[Json]) -> list[str]:
    """Return what there is to do, each kind once."""
    return [f"{kind}: {advice}" for kind, advice in {one["kind"]: one["advice"] for one in shown}.items()]


def _cells(alert: Json) -> tuple[object, ...]:
    known = alert["acknowledged"]
    what = f"{alert['title']} (comes and goes)" if alert["flapping"] else alert["title"]
    until = moment(alert["until"]) or ""
    by = known["by"] if known else ""
    return alert["id"], alert["level"], what, alert["times"], moment(alert["since"]), until, by, alert["text"]
