"""`syncd plan`: what would change now, and what of it would stay behind."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from syncd.cli.exits import Exit, code_of_work
from syncd.cli.naming import known_shop, known_sku
from syncd.cli.opening import configured, looking
from syncd.cli.options import Format
from syncd.cli.output import Json, complain, document, line
from syncd.cli.tables import table
from syncd.domain.book import NOTHING
from syncd.domain.guard import Hold
from syncd.domain.model import Change, ListingId, ShopName
from syncd.domain.policy import Stop
from syncd.domain.records import ShopStatus
from syncd.services.cycle import CycleReport, Selection, View
from syncd.services.queries import plan_document

_COLUMNS = ("shop", "listing", "sku", "kind", "old", "new", "cause", "rule", "stays behind because")
_SUMMARY = ("shop", "changes", "stay behind", "to zero", "raised units", "held")


async def plan(config: Path, output: Format, *, shop: str | None, sku: str | None) -> Exit:
    """Print the plan, restricted to a shop and SKU; neither a shop nor the state is written."""
    configuration = configured(config, calls=True)
    shop_name = known_shop(shop, configuration)
    async with looking(configuration) as app:
        view = await app.cycle.look(save=False)
        selection = Selection(shop=shop_name, sku=known_sku(sku, view))
        recorded = bool(await app.store.held(view.decision.digest))
    changes = [change for change in view.decision.plan.changes() if selection.takes(change)]
    if output is Format.JSON:
        document(_document(view, changes))
    else:
        _print(view, changes, selection, recorded=recorded)
    failures = CycleReport(view=view).failures
    for failure in failures:
        complain(failure)
    return code_of_work(failed=bool(failures), held=bool(held_changes(view, selection)))


def held_changes(view: View, selection: Selection) -> list[Change]:
    """Return the changes in scope that the guard holds."""
    stopped = view.decision.stopped()
    return [change for change, stop in stopped if stop is Stop.HELD and selection.takes(change)]


def holds(view: View, selection: Selection) -> list[Hold]:
    """Return why changes in scope are held, shop by shop."""
    shops = {change.shop for change in held_changes(view, selection)}
    return [hold for hold in view.decision.verdict.holds if hold.shop in shops]


def print_row_problems(view: View) -> None:
    """Print the rows of sources that could not be believed; their cells keep their last good figures."""
    rows = [
        (report.source, problem.row, problem.sku, problem.warehouse, problem.column, problem.message)
        for report in view.sources
        for problem in report.problems
    ]
    if rows:
        line()
        line("Rows that could not be believed; what they count keeps its last good figures:")
        table(("source", "row", "sku", "warehouse", "column", "message"), rows)


def _document(view: View, changes: Sequence[Change]) -> Json:
    content = plan_document(view, changes)
    scope = {(change.shop, change.listing) for change in changes}
    stopped = [row for row in content["stopped"] if (row["shop"], row["listing"]) in scope]
    return content | {"stopped": stopped}


def _print(view: View, changes: Sequence[Change], selection: Selection, *, recorded: bool) -> None:
    stops = {(change.shop, change.listing): stop for change, stop in view.decision.stopped()}
    if changes:
        line(f"plan {view.decision.digest} as of {view.at:%Y-%m-%d %H:%M:%S} UTC")
        line()
        table(
            _COLUMNS, [_row(change, stops.get((change.shop, change.listing), Stop.GO)) for change in changes]
        )
        line()
        table(_SUMMARY, _summary(view, changes, stops))
    else:
        line("Nothing to change.")
    _print_holds(view, selection, recorded=recorded)
    line()
    print_left_alone(view, selection)
    print_row_problems(view)


def _row(change: Change, stop: Stop) -> tuple[object, ...]:
    because = "" if stop is Stop.GO else stop.words
    new: object = "off sale" if change.unlist else change.new
    kind, cause = change.kind.value, change.cause.value
    return change.shop, change.listing, change.sku, kind, change.old, new, cause, change.rule, because


def _summary(
    view: View, changes: Sequence[Change], stops: Mapping[tuple[ShopName, ListingId], Stop]
) -> list[tuple[object, ...]]:
    shops = plan_document(view, changes)["shops"]
    behind = [change.shop for change in changes if (change.shop, change.listing) in stops]
    return [
        (
            name,
            entry["changes"],
            behind.count(name),
            entry["to_zero"],
            entry["raised_units"],
            entry["held"]["setting"] if entry["held"] else "",
        )
        for name, entry in shops.items()
    ]


def print_left_alone(view: View, selection: Selection) -> None:
    """Print what has no place in a plan: paused shops, listings without a SKU or with unknown figures."""
    states = [state for name, state in view.observed.shops.items() if selection.shop in {None, name}]
    for state in states:
        if state.status is not ShopStatus.ACTIVE:
            line(f"Shop {state.name} is {state.status.value}: nothing is written to it.")
    shops = {state.name for state in states if state.status is ShopStatus.ACTIVE}
    desired = view.decision.plan.desired.tolist()
    rows = [
        (row, new)
        for row, new in zip(view.observed.listings, desired, strict=True)
        if row.shop in shops and not row.gone and selection.sku in {None, row.sku}
    ]
    if unbound := sum(not row.is_bound for row, _ in rows):
        line(f"Unbound and never touched: {unbound} listings; `syncd listings --unbound` says why.")
    unknown = [row.sku for row, new in rows if row.is_bound and new == NOTHING]
    if unknown:
        line(f"Left alone for an unknown figure, which is never zero: {len(unknown)} listings;")
        line(f"  `syncd explain {shlex.quote(unknown[0])}` says why.")


def _print_holds(view: View, selection: Selection, *, recorded: bool) -> None:
    found = holds(view, selection)
    if not found:
        return
    line()
    for hold in found:
        line(f"Held: {hold.message(view.decision.digest)}")
    if not recorded:
        line("The daemon or `syncd sync` records what is held; before that there is nothing to approve.")
