"""Check who is told against the other tables."""

from syncd.config.drafts import Drafts
from syncd.config.problems import Problems, suggestion


def check_alerts(drafts: Drafts, problems: Problems) -> None:
    """Add targets of one name, and shops that there are not, to `problems`."""
    if not drafts.alerts.has("to"):
        return
    names: list[str] = []
    for position, target in enumerate(drafts.alerts.model.to):
        path = ("alerts", "to", position)
        if target.name in names:
            hint = f"to[{names.index(target.name) + 1}] has it already; give each a name of its own"
            problems.add((*path, "name"), "names two targets", hint)
        names.append(target.name)
        for at, shop in enumerate(target.shops or ()):
            if drafts.whole and drafts.shops and shop not in drafts.shops:
                hint = suggestion(shop, drafts.shops, "shops")
                problems.add((*path, "shops", at), "is a shop that is not configured", hint)
