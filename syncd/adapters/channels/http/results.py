"""What the shop says about each line of a call."""

from collections import Counter
from collections.abc import Iterable, Sequence

from syncd.adapters.channels.http.expressions import finder, key_text, plain_text, truth, whole
from syncd.adapters.channels.http.settings import ResultSettings
from syncd.adapters.http import LONGEST_WAIT
from syncd.domain.model import Outcome, Write
from syncd.errors import Kind

_LONGEST_MESSAGE = 300

_SILENT = Outcome(kind=Kind.UNKNOWN, message="the shop's answer says nothing about this listing")
_AMBIGUOUS = Outcome(kind=Kind.UNKNOWN, message="the shop's answer says two things about this listing")


class ResultReader:
    """Turns the lines of an answer into outcomes; whatever is not plain stays unknown."""

    def __init__(self, settings: ResultSettings, *, secrets: Iterable[str] = ()) -> None:
        self._find = {
            name: finder(getattr(settings, name)) for name in type(settings).model_fields if name != "errors"
        }
        self._errors = settings.errors
        self._secrets = sorted(secrets, key=len, reverse=True)

    def outcomes(self, writes: Sequence[Write], lines: Sequence[object]) -> Sequence[Outcome]:
        """Return the outcome of each write by the id in its line; what was not asked for is passed by."""
        told: dict[str, Outcome] = {}
        find_id = self._find["id"]
        for line in lines:
            key = key_text(find_id(line))
            if key is None:
                continue
            outcome = self.outcome(line)
            known = told.setdefault(key, outcome)
            if known is not outcome and known != outcome:
                told[key] = _AMBIGUOUS
        found = [told.get(write.listing, _SILENT) for write in writes]
        if len({write.listing for write in writes}) == len(found):
            return found
        asked = Counter([write.listing for write in writes])
        # Of two writes of one listing nobody knows which one a line is about.
        return [
            outcome if asked[write.listing] == 1 else _AMBIGUOUS
            for write, outcome in zip(writes, found, strict=True)
        ]

    def sole_outcome(self, write: Write, lines: Sequence[object]) -> Outcome:
        """Return the outcome of a call that carried one line, which its answer need not name."""
        if len(lines) == 1 and self._find["id"](lines[0]) is None:
            return self.outcome(lines[0])
        return self.outcomes([write], lines)[0]

    def done(self, line: object) -> Outcome:
        """Return the outcome where the status of the answer alone said that it is done."""
        return Outcome(kind=Kind.DONE, counter=whole(self._find["quantity"](line)))

    def outcome(self, line: object) -> Outcome:
        """Return what one line says; only a plain `ok` without an error is done."""
        find = self._find
        is_ok, error = truth(find["ok"](line)), find["error"](line)
        word = "" if error is None else plain_text(error)
        counter = whole(find["quantity"](line))
        if is_ok and not word:
            return Outcome(Kind.DONE, "", counter)
        kind = Kind.UNKNOWN if is_ok is not False else self._errors.get(word, Kind.UNKNOWN)
        explained = ": ".join(filter(None, (word, plain_text(find["message"](line)))))
        return Outcome(
            kind=kind,
            message=self._told(explained) or "the shop's answer about this listing was not understood",
            counter=counter,
            retry_after=_wait(find["retry_after"](line)),
        )

    def _told(self, text: str) -> str:
        """Return the shop's words on one line, without our credentials should it repeat them."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        plain = "".join(char if char.isprintable() else " " for char in text)
        return plain[:_LONGEST_MESSAGE]


def _wait(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        return None
    return min(float(value), LONGEST_WAIT) if value < LONGEST_WAIT else LONGEST_WAIT
