"""`syncd sync`: one cycle, by us or by the daemon beside us."""

import re
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from syncd.bootstrap import App, Seams, open_app
from syncd.cli.exits import Exit, code_of_work
from syncd.cli.naming import known_shop, known_sku
from syncd.cli.opening import configured
from syncd.cli.options import Format
from syncd.cli.output import Json, complain, document, line
from syncd.cli.plan import held_changes, holds, print_left_alone, print_row_problems
from syncd.cli.progress import push_progress
from syncd.cli.tables import table
from syncd.config.configuration import Configuration
from syncd.domain.model import Sku
from syncd.errors import UsageError
from syncd.services.cycle import CycleReport, Selection, View
from syncd.services.push import PushReport
from syncd.services.queries import plan_document
from syncd.services.requests import Outcome

_DIGEST = re.compile(r"[0-9a-f]{8,16}")
_COLUMNS = ("shop", "done", "refused", "unknown", "not tried", "calls")


async def sync(
    config: Path, output: Format, *, digest: str | None, shop: str | None, sku: str | None
) -> Exit:
    """Run one cycle and report it; with a digest nothing is sent unless the plan is still that one."""
    configuration = configured(config, calls=True)
    selection = _selection(configuration, digest=digest, shop=shop, sku=sku)
    with push_progress() as on_push:
        async with open_app(configuration, Seams(on_push=on_push)) as app:
            report = await _cycle(app, selection)
    if isinstance(report, Outcome):
        return _tell_daemon(report, output)
    if output is Format.JSON:
        document(_document(report, configuration))
    else:
        _print(report, selection)
    if report.outdated:
        complain(f"The plan is no longer {selection.digest}, so nothing was sent; see `syncd plan`.")
    for failure in report.failures:
        complain(failure)
    held = bool(held_changes(report.view, selection))
    return code_of_work(failed=bool(report.failures), held=held or report.outdated)


def _selection(
    configuration: Configuration, *, digest: str | None, shop: str | None, sku: str | None
) -> Selection:
    # An empty text is what a script passes whose variable is not set; it must not mean everything.
    if digest is not None and not _DIGEST.fullmatch(digest):
        raise UsageError(
            f"{digest!r} is no digest; write at least 8 characters of the one that `syncd plan` prints"
        )
    return Selection(
        shop=known_shop(shop, configuration),
        sku=None if sku is None else Sku(sku),
        digest=digest or "",
    )


async def _cycle(app: App, selection: Selection) -> CycleReport | Outcome:
    if selection.is_partial or selection.digest:
        await _refuse_beside_another(app)

    def planned(view: View) -> None:
        # Before the first call: a misspelt SKU must not look like one that needs nothing.
        known_sku(selection.sku, view)

    return await app.sync(selection, planned=planned)


async def _refuse_beside_another(app: App) -> None:
    async with app.lock.held() as mine:
        if not mine:
            raise UsageError(
                "another syncd pushes with this state, and --plan, --shop and --sku cannot be passed on to "
                "it; stop it first, or run `syncd sync` without them"
            )


def _tell_daemon(outcome: Outcome, output: Format) -> Exit:
    if output is Format.JSON:
        document({"daemon": asdict(outcome)})
    else:
        line(f"The daemon ran a cycle: {outcome.done} changes done.")
        if outcome.held:
            line(f"Held by the guard: {outcome.held}; see `syncd plan`.")
    for failure in outcome.failures:
        complain(failure)
    return code_of_work(failed=bool(outcome.failures), held=bool(outcome.held))


def _document(report: CycleReport, configuration: Configuration) -> Json:
    shops = plan_document(report.view, ())["shops"]
    return {
        "digest": report.view.decision.digest,
        "outdated": report.outdated,
        "held": {name: entry["held"] for name, entry in shops.items() if entry["held"]},
        "shops": {name: _counts(report.pushed.get(name)) for name in configuration.shops},
        "failures": report.failures,
    }


def _counts(pushed: PushReport | None) -> Json:
    if pushed is None:
        return {"done": 0, "refused": 0, "unknown": 0, "not_tried": 0, "calls": 0}
    return {
        "done": len(pushed.done),
        "refused": len(pushed.refused),
        "unknown": len(pushed.unknown),
        "not_tried": len(pushed.not_tried),
        "calls": pushed.calls,
    }


def _print(report: CycleReport, selection: Selection) -> None:
    view = report.view
    if report.pushed:
        table(_COLUMNS, [(name, *_counts(pushed).values()) for name, pushed in report.pushed.items()])
    elif not report.outdated:
        line("Nothing was sent.")
    for name, pushed in report.pushed.items():
        for remark in pushed.notes:
            line(f"shop {name}: listing {remark.change.listing}: {remark.message}")
    stopped = [stop for change, stop in view.decision.stopped() if selection.takes(change)]
    for stop, count in Counter(stopped).items():
        line(f"Stay behind: {count}, because: {stop.words}")
    for hold in holds(view, selection):
        line(f"Held: {hold.message(view.decision.digest)}")
    print_left_alone(view, selection)
    print_row_problems(view)
