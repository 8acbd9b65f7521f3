"""The register of alerts: what is on, what is over, and what is worth a message now."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from heapq import nsmallest
from itertools import count

from syncd.domain.alerts.kinds import TRAITS, AlertKind, Ends, Level
from syncd.domain.alerts.messages import Message, Phase, worst_first
from syncd.domain.alerts.records import AlertRow, Due, Key, owed_text
from syncd.domain.alerts.rules import AlertRules
from syncd.domain.alerts.signals import Confirm, Raise, Signal

_MANY = 1000
"""So many alerts that are over are remembered before those that no longer matter are looked for."""

_SWEEP = timedelta(minutes=1)


class Register:
    """Takes signals and the time, and says what is to be told; it does nothing by itself.

    `live` are the rows that the state has of an earlier process, `recent` those that ended of late; ids go on
    after `last`.
    """

    def __init__(
        self,
        rules: AlertRules,
        now: datetime,
        *,
        live: Iterable[AlertRow] = (),
        recent: Iterable[AlertRow] = (),
        last: int = 0,
    ) -> None:
        self._rules = rules
        self._started = now
        self._ids = count(last + 1)
        self._rows = {row.id: row for row in live}
        self._current = {row.key: row.id for row in self._rows.values() if _is_current(row)}
        past = sorted((row for row in recent if row.ended_at), key=lambda row: row.ended_at or now)
        self._recent: dict[Key, AlertRow] = {row.key: row for row in past}
        self._swept_at = now
        self._changed: set[int] = set()
        self._touched: set[int] = set()
        # Of many thousand rows few have anything to tell, or can end or be told again by themselves.
        self._due: set[int] = set()
        self._watched: set[int] = set()
        for row in self._rows.values():
            self._sort_in(row)
        for row in [row for row in self._rows.values() if row.is_open and not rules.concerns(row)]:
            # Switched off or taken out of the settings since: it ends without a word.
            self._set(row._replace(ended_at=now, due=Due.NOTHING, owed=""))
        for row in [row for row in self._rows.values() if row.is_open]:
            level = rules.levels.get(row.kind, row.level)
            if level.rank < row.level.rank:
                # Called less bad since: people are not reminded of it as before.
                self._set(row._replace(level=level))

    def __len__(self) -> int:
        return len(self._rows)

    # --- what happens --------------------------------------------------------------------------------------

    def take(self, signals: Iterable[Signal], now: datetime) -> None:
        """Take note of what began and what is over."""
        for signal in signals:
            if isinstance(signal, Raise):
                self._begin(signal, now)
            elif isinstance(signal, Confirm):
                self._end_unseen(signal.kinds, now)
            elif self._on(signal.key) is not None:
                self._end(signal.key, now)
            elif signal.instead is not None:
                self._begin(signal.instead, now)

    def look(self, kinds: Collection[AlertKind], raised: Sequence[Raise], now: datetime) -> None:
        """Take note of all that is on of some kinds: what is not among `raised` is over."""
        self.take(raised, now)
        on = {signal.key for signal in raised}
        for key in [key for key in self._current if key.kind in kinds and key not in on]:
            self._end(key, now)

    def acknowledged(self, rows: Iterable[AlertRow]) -> None:
        """Take note of who has acknowledged what, as the state has it."""
        for row in rows:
            known = self._rows.get(row.id)
            if known is not None and known.acked_at != row.acked_at:
                self._rows[row.id] = known._replace(acked_at=row.acked_at, acked_by=row.acked_by)

    def sent(self, target: str, rows: Iterable[AlertRow]) -> None:
        """Take note that a target got the last message of these alerts."""
        for row in rows:
            known = self._rows.get(row.id)
            # A message that was made meanwhile is still owed.
            if known is not None and known.told_at == row.told_at and target in known.owing:
                left = tuple(name for name in known.owing if name != target)
                self._set(known._replace(owed=owed_text(left)))

    # --- what is to be told --------------------------------------------------------------------------------

    def due(self, now: datetime) -> list[Message]:
        """Return the messages to send now, most important first; their alerts count as told from now on."""
        self._let_pass(now)
        groups: dict[tuple[object, ...], list[AlertRow]] = {}
        for row in [self._rows[number] for number in sorted(self._due | self._watched)]:
            phase = self._phase(row, now)
            if phase is not None:
                together = () if phase is Phase.QUIET else (row.kind, row.place)
                groups.setdefault((phase, *together), []).append(row)
        ready = [
            (phase, rows)
            for (phase, *_), rows in groups.items()
            if isinstance(phase, Phase) and self._is_ready(phase, rows, now)
        ]
        found = [
            Message(phase=phase, at=now, rows=worst_first(self._told(row, now) for row in rows))
            for phase, rows in ready
        ]
        return sorted(found, key=lambda message: -message.level.rank)

    def owe(self, row: AlertRow, targets: Sequence[str]) -> None:
        """Note down who is to get the message of an alert that was just made."""
        self._set(self._rows[row.id]._replace(owed=owed_text(tuple(targets))))

    def drop_targets(self, known: Collection[str]) -> None:
        """Owe nothing to targets that are not `known`: they were taken out of the settings."""
        for row in [row for row in self._rows.values() if row.owed]:
            left = tuple(name for name in row.owing if name in known)
            if left != row.owing:
                self._set(row._replace(owed=owed_text(left)))

    def changed(self, *, touched: bool = False) -> list[AlertRow]:
        """Return what the state must learn, once; of what only goes on nothing but where `touched`."""
        ids = self._changed | self._touched if touched else set(self._changed)
        rows = [self._rows[number] for number in sorted(ids)]
        self._changed.clear()
        self._touched -= ids
        for row in rows:
            if not row.is_live:
                del self._rows[row.id]
        return rows

    def stalest(self, kind: AlertKind, most: int) -> list[AlertRow]:
        """Return the open alerts of a kind that nothing was heard of for longest."""
        rows = [self._rows[number] for key, number in self._current.items() if key.kind is kind]
        return nsmallest(most, (row for row in rows if row.is_open), key=lambda row: row.seen_at)

    @property
    def busy(self) -> int:
        """Return how many alerts `due` looks at."""
        return len(self._due) + len(self._watched)

    @property
    def rows(self) -> list[AlertRow]:
        """Return the alerts that go on, or of which somebody is still to be told."""
        return list(self._rows.values())

    # --- one alert -----------------------------------------------------------------------------------------

    def _begin(self, signal: Raise, now: datetime) -> None:
        if signal.key.kind in self._rules.off:
            return
        row = self._on(signal.key)
        if row is not None:
            heard = row._replace(seen_at=now, facts=signal.facts)
            level = self._rules.level(row.kind, urgent=signal.urgent)
            if level.rank > row.level.rank:
                # It got worse, which is news.
                is_told = level.rank >= self._rules.min_level.rank
                due = Due.BEGIN if is_told else row.due
                self._set(heard._replace(level=level, calm_at=None, due=due, due_at=now))
            elif row.calm_at is not None:
                self._set(heard._replace(calm_at=None))
            else:
                self._rows[row.id] = heard
                self._touched.add(row.id)
            return
        over = self._current.get(signal.key)
        if over is not None:
            self._again(self._rows[over], signal, now)
        else:
            self._set(self._fresh(signal, now))

    def _again(self, row: AlertRow, signal: Raise, now: datetime) -> None:
        """Go on with one whose end nobody was told of yet: it never ended for them."""
        due = Due.BEGIN if row.due is Due.PASSED else Due.NOTHING
        self._set(row._replace(ended_at=None, seen_at=now, facts=signal.facts, due=due, times=row.times + 1))

    def _fresh(self, signal: Raise, now: datetime) -> AlertRow:
        kind, place, thing = signal.key
        level = self._rules.level(kind, urgent=signal.urgent)
        before = self._recent.pop(signal.key, None)
        times = before.times + 1 if before is not None and self._is_recent(before, now) else 1
        comes_and_goes = times > self._rules.flaps and TRAITS[kind].ends is not Ends.LAPSES
        is_told = level.rank >= self._rules.min_level.rank
        return AlertRow(
            id=next(self._ids),
            kind=kind,
            level=level,
            place=place,
            thing=thing,
            facts=signal.facts,
            began_at=now,
            seen_at=now,
            calm_at=None,
            ended_at=None,
            times=times,
            flapping=comes_and_goes,
            due=Due.BEGIN if is_told else Due.NOTHING,
            due_at=now,
            told_at=None,
            owed="",
            acked_at=None,
            acked_by="",
        )

    def _end(self, key: Key, now: datetime) -> None:
        row = self._on(key)
        if row is None or row.calm_at is not None:
            return
        if row.flapping:
            self._set(row._replace(calm_at=now))
        else:
            self._close(row, now)

    def _close(self, row: AlertRow, now: datetime) -> None:
        if row.told_at is not None:
            due = Due.NOTHING if TRAITS[row.kind].ends is Ends.LAPSES else Due.END
        elif row.due is Due.BEGIN and self._is_held_back(row, now):
            due = Due.PASSED
        else:
            due = Due.NOTHING
        due_at = row.due_at if due is Due.PASSED else now
        self._set(row._replace(ended_at=row.calm_at or now, calm_at=None, due=due, due_at=due_at))

    def _end_unseen(self, kinds: Collection[AlertKind], now: datetime) -> None:
        """End what an earlier process left and this one never heard of."""
        for key in [key for key in self._current if key.kind in kinds]:
            row = self._on(key)
            if row is not None and row.seen_at < self._started:
                self._end(key, now)

    def _let_pass(self, now: datetime) -> None:
        """End what nothing was heard of for too long, and what came and went and is calm now."""
        for number in sorted(self._watched):
            row = self._rows[number]
            traits = TRAITS[row.kind]
            silent = traits.ends is not Ends.TOLD and now - row.seen_at >= _seconds(traits.quiet_for)
            calm = row.calm_at is not None and now - row.calm_at >= self._rules.flap_for
            # One that merely happened waits for its message: who sleeps is told later, not never.
            if (silent and not (row.due is Due.BEGIN and traits.ends is Ends.LAPSES)) or calm:
                self._close(row, now)
        if len(self._recent) > _MANY and now - self._swept_at >= _SWEEP:
            self._recent = {key: row for key, row in self._recent.items() if self._is_recent(row, now)}
            self._swept_at = now

    # --- telling -------------------------------------------------------------------------------------------

    def _phase(self, row: AlertRow, now: datetime) -> Phase | None:
        """Return what there is to say of an alert, None where that is nothing or must not be said now."""
        if self._rules.is_quiet(row.level, now):
            return None
        if row.due is Due.NOTHING:
            return Phase.REMINDER if self._needs_reminder(row, now) else None
        if row.due is Due.PASSED or self._was_quiet(row, now):
            return Phase.QUIET
        if row.due is Due.END:
            return Phase.END
        return Phase.FLAPPING if row.flapping else Phase.BEGIN

    def _is_ready(self, phase: Phase, rows: Sequence[AlertRow], now: datetime) -> bool:
        if phase in (Phase.QUIET, Phase.REMINDER):
            return True
        return any(now - row.due_at >= self._rules.wait(row.level) for row in rows)

    def _needs_reminder(self, row: AlertRow, now: datetime) -> bool:
        after = self._rules.remind_after
        if row.level is not Level.CRITICAL or not after or not row.is_open:
            return False
        is_told = row.told_at is not None and now - row.told_at >= after
        return is_told and row.acked_at is None and row.calm_at is None

    def _told(self, row: AlertRow, now: datetime) -> AlertRow:
        told = row._replace(due=Due.NOTHING, told_at=now)
        self._set(told)
        return told

    def _is_held_back(self, row: AlertRow, now: datetime) -> bool:
        return self._rules.is_quiet(row.level, now) or self._was_quiet(row, now)

    def _was_quiet(self, row: AlertRow, now: datetime) -> bool:
        """Return whether the quiet hours kept it from being told when it would have been."""
        ready = row.due_at + self._rules.wait(row.level)
        return ready <= now and self._rules.is_quiet(row.level, ready)

    # --- keeping -------------------------------------------------------------------------------------------

    def _on(self, key: Key) -> AlertRow | None:
        number = self._current.get(key)
        row = None if number is None else self._rows[number]
        return row if row is not None and row.is_open else None

    def _set(self, row: AlertRow) -> None:
        self._rows[row.id] = row
        self._changed.add(row.id)
        self._sort_in(row)
        if _is_current(row):
            self._current[row.key] = row.id
        elif self._current.get(row.key) == row.id:
            del self._current[row.key]
        if row.ended_at is not None:
            self._recent[row.key] = row

    def _sort_in(self, row: AlertRow) -> None:
        can_pass = TRAITS[row.kind].ends is not Ends.TOLD or row.flapping or row.level is Level.CRITICAL
        for numbers, belongs in (
            (self._due, row.due is not Due.NOTHING),
            (self._watched, row.is_open and can_pass),
        ):
            if belongs:
                numbers.add(row.id)
            else:
                numbers.discard(row.id)

    def _is_recent(self, row: AlertRow, now: datetime) -> bool:
        return row.ended_at is not None and now - row.ended_at <= self._rules.flap_for


def _is_current(row: AlertRow) -> bool:
    """Return whether a signal of its key still means this row: it is on, or its end is not told."""
    return row.is_open or row.due is not Due.NOTHING


def _seconds(value: float) -> timedelta:
    return timedelta(seconds=value)
