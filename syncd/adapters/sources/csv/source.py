"""The source itself: which export is read, and what it comes to."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

from syncd.adapters.sources.csv.deltas import is_full, since
from syncd.adapters.sources.csv.files import Export, Found, content, exports
from syncd.adapters.sources.csv.proof import gap
from syncd.adapters.sources.csv.settings import CsvSettings
from syncd.adapters.sources.csv.table import Reading, TableReader
from syncd.adapters.sources.csv.text import text
from syncd.adapters.sources.joining import joined
from syncd.adapters.sources.times import moment, not_ahead, zone
from syncd.domain.figures import Unbelievable
from syncd.domain.model import RowProblem, Snapshot, SnapshotKind, SourceName
from syncd.domain.snapshot import SnapshotBuilder
from syncd.errors import Kind, PortError

_TRIES = 3
"""Exports looked at before giving up; older ones are of no use to anybody."""


class CsvSource:
    """Reads the exports of an ERP or WMS from files.

    It nets nothing: `on_hand` must be all that is physically there. An ERP that exports what is left after
    its own orders must not be mapped with `allocated` too, or orders come off twice.

    A file that is not proven whole makes the snapshot incomplete. Of a folder the newest complete export is
    read, among the three newest. Deltas are joined, oldest first, from the newest full export or the cursor
    on, which names the last file read.
    """

    def __init__(self, settings: CsvSettings, name: str) -> None:
        self._settings = settings
        self._name = name
        self._zone = zone(settings.timezone)

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        """Return the newest export, or what the deltas after `cursor` come to, nothing if there are none.

        Raises:
            PortError: there is no file, or it cannot be read, or its columns are not those of the settings.
        """
        stop = Event()
        try:
            return await asyncio.to_thread(self._collect, now, cursor, stop)
        finally:
            # A cancelled call leaves its thread running; it should not go on for nothing.
            stop.set()

    def _collect(self, now: datetime, cursor: str, stop: Event) -> Snapshot:
        found = exports(self._settings, name=self._name)
        if self._settings.kind is SnapshotKind.DELTA:
            files = [export.files[0] for export in found]
            return self._deltas(files, now, cursor, stop)
        newest = self._export(found[0], now, stop)
        for older in found[1:_TRIES]:
            if newest.complete:
                break
            snapshot = self._export(older, now, stop, note=_left_out(found[0].files[0], newest))
            if snapshot.complete:
                return snapshot
        return newest

    def _deltas(self, files: Sequence[Found], now: datetime, cursor: str, stop: Event) -> Snapshot:
        """Return what the files after `cursor` come to; the newest waits while it is not whole."""
        newest, answer = self._joined(files, now, cursor, stop)
        if answer.complete or newest is None or newest.complete or len(files) == 1:
            return answer
        # Only the newest can be half-written in good order; an older one that is not whole is lost news.
        _, answer = self._joined(files[1:], now, cursor, stop)
        row, message = _left_out(files[0], newest)
        return replace(answer, problems=(*answer.problems, RowProblem(row=row, message=message)))

    def _joined(
        self, files: Sequence[Found], now: datetime, cursor: str, stop: Event
    ) -> tuple[Snapshot | None, Snapshot]:
        """Return what the newest of `files` after `cursor` says, None if there is none, and all of them."""
        fresh = since(files, cursor, full_pattern=self._settings.full_pattern)
        if not fresh:
            as_of = self._export(Export(files=(files[0],)), now, stop).as_of
            return None, self._builder().build(as_of=as_of, kind=SnapshotKind.DELTA, cursor=cursor)
        answers = [self._export(Export(files=(file,)), now, stop) for file in fresh]
        has_full = is_full(fresh[0], self._settings.full_pattern)
        kind = SnapshotKind.FULL if has_full else SnapshotKind.DELTA
        return answers[-1], joined(answers, kind=kind, cursor=fresh[-1].mark)

    def _export(
        self, export: Export, now: datetime, stop: Event, *, note: tuple[str, str] | None = None
    ) -> Snapshot:
        builder = self._builder()
        if note:
            builder.note(*note)
        doubts = [export.lacking]
        times = []
        for file in export.files:
            doubt, as_of = self._file(file, builder, stop)
            doubts.append(f"{file.name}: {doubt}" if doubt else "")
            times.append(not_ahead(as_of, now=now, place=f"{self._name}: {file.name}"))
        return builder.build(
            as_of=min(times),
            kind=self._settings.kind,
            incomplete_because=next(filter(None, doubts), ""),
        )

    def _file(self, file: Found, builder: SnapshotBuilder, stop: Event) -> tuple[str, datetime]:
        """Read one file; return why it may not be whole, empty if it is, and when it began."""
        whole = content(file, max_bytes=self._settings.max_bytes, name=self._name)
        if not whole.data:
            return "it is empty", self._as_of(file, None)
        read = text(whole.data, self._settings, place=f"{self._name}: {file.name}")
        table = TableReader(self._settings, builder, name=self._name, file=file.name)
        reading = table.read(read, stop)
        if read.cut:
            builder.note(file.name, read.cut)
        changed = "it changed while it was read" if whole.changed else ""
        doubt = (
            changed or read.cut or reading.doubt or gap(file, read, reading, self._settings, name=self._name)
        )
        return doubt, self._as_of(file, reading)

    def _as_of(self, file: Found, reading: Reading | None) -> datetime:
        if self._settings.as_of_from == "mtime":
            return self._written(file)
        if self._settings.as_of_from == "name":
            return self._named(file)
        # Without one row there is nothing to be fresh or old.
        return (reading and reading.as_of) or self._written(file)

    def _written(self, file: Found) -> datetime:
        return file.mtime - timedelta(seconds=self._settings.export_takes)

    def _named(self, file: Found) -> datetime:
        match = re.search(self._settings.as_of_pattern, file.name)
        try:
            return moment(match and match[1], local=self._zone, form=self._settings.as_of_format)
        except Unbelievable as error:
            message = (
                f"the time in the name of {file.name} {error}; correct `as_of_pattern` or `as_of_format`"
            )
            raise PortError(Kind.REJECTED, f"{self._name}: {message}") from None

    def _builder(self) -> SnapshotBuilder:
        return SnapshotBuilder(
            SourceName(self._name),
            warehouses=self._settings.warehouses,
            transfer_convention=self._settings.transfer_convention,
            blank_is_zero=self._settings.blank_is_zero,
        )


def _left_out(file: Found, answer: Snapshot) -> tuple[str, str]:
    """Return the problem of a file that is left for later: where, and why."""
    return file.name, f"the file is left out until it is whole: {answer.incomplete_because}"
