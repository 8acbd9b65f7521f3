"""`syncd audit`: every figure worked out once more, and what disagrees."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from syncd.bootstrap import App, open_app
from syncd.cli.asking import ask
from syncd.cli.exits import Exit, code_of_work
from syncd.cli.opening import configured, has_state, looking
from syncd.cli.options import Format
from syncd.cli.output import Json, complain, document, line
from syncd.cli.tables import table
from syncd.errors import UsageError
from syncd.services.audit import REPAIR, Audited, Finding, Part, stays
from syncd.services.cycle import Selection
from syncd.services.requests import Outcome

_FEW = 20
"""So many figures of which nothing can be told are named in a table."""

_COLUMNS = ("part", "shop", "listing", "sku", "about", "found", "should be", "oversold", "hidden", "why")


async def audit(config: Path, output: Format, *, offline: bool, repair: bool) -> Exit:
    """Print what disagrees; with `repair` have it put right, and what follows pushed as any other plan."""
    configuration = configured(config, calls=not offline or repair)
    if repair and not has_state(configuration):
        raise UsageError("there is no state yet, so there is nothing to repair")
    async with open_app(configuration) if repair else looking(configuration) as app:
        found = await app.audit.run(online=not offline, twice=not await _is_alone(app))
        done = await _repaired(app, found) if repair and found.findings else {}
    content = _document(found) | ({"repair": done} if repair else {})
    if output is Format.JSON:
        document(content)
    else:
        _print(found, done)
    for shop, error in found.unread.items():
        complain(f"shop {shop}: could not be read: {error}")
    if done:
        failed = bool(done["failures"]) or bool(found.unread) or any(map(stays, found.findings))
        return code_of_work(failed=failed, held=bool(done["held"]))
    return Exit.FAILED if found.findings or found.unread else Exit.DONE


async def _is_alone(app: App) -> bool:
    """Return whether nobody else writes the state."""
    async with app.lock.held() as mine:
        return mine


async def _repaired(app: App, found: Audited) -> Json:
    drifted = sorted({one.shop for one in found.findings if one.part is Part.SHOPS})
    answer = await ask(app, REPAIR, ",".join(drifted))
    report = await app.sync(Selection())
    outcome = report if isinstance(report, Outcome) else Outcome.of(report)
    return {
        "answer": answer.text,
        "done": outcome.done,
        "held": outcome.held,
        "failures": list(outcome.failures),
    }


def _document(found: Audited) -> Json:
    return {
        "findings": [one.document() for one in found.findings],
        "unsure": [one.document() for one in found.unsure],
        "skus": found.skus,
        "listings": found.listings,
        "read": list(found.read),
        "unread": dict(found.unread),
    }


def _print(found: Audited, done: Json) -> None:
    if found.findings:
        table(_COLUMNS, [_cells(one) for one in found.findings])
        line()
    if found.unsure:
        table(_COLUMNS, [_cells(one) for one in found.unsure[:_FEW]])
        line()
        line(f"Nothing that is kept tells whether {_counted(found.unsure)} are right.{_left_out(found)}")
    shops = f", and what {', '.join(found.read)} show" if found.read else ""
    line(f"Looked at {found.skus} SKUs and {found.listings} listings{shops}: {_words(found)}.")
    if not done:
        return
    line(f"{done['answer'][:1].upper()}{done['answer'][1:]}; the cycle after it did {done['done']} changes.")
    if done["held"]:
        line(f"Held by the guard: {done['held']}; see `syncd plan`.")
    for failure in done["failures"]:
        complain(failure)


def _counted(unsure: Sequence[Finding]) -> str:
    by_shop = Counter(one.shop for one in unsure)
    shops = ", ".join(f"{shop} {count}" for shop, count in sorted(by_shop.items()))
    return f"{len(unsure)} expected counters ({shops})"


def _left_out(found: Audited) -> str:
    more = len(found.unsure) - _FEW
    return f" Left out above: {more}; --format json has all." if more > 0 else ""


def _words(found: Audited) -> str:
    if not found.findings:
        return "nothing disagrees"
    over, under = (sum(getattr(one, name) for one in found.findings) for name in ("oversold", "hidden"))
    count = len(found.findings)
    return f"{count} figures disagree, by which {over} units may be oversold and {under} are hidden"


def _cells(one: Finding) -> tuple[object, ...]:
    place = (one.part.value, one.shop, one.listing, one.sku, one.thing)
    return *place, one.found, one.should, one.oversold, one.hidden, one.why
