"""One reading of an ERP, page by page; knows the answers, not how they are fetched."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from jmespath.exceptions import JMESPathError

from syncd.adapters.sources.http_json.paging import Pager, Position
from syncd.adapters.sources.http_json.settings import HttpJsonSettings, found
from syncd.adapters.sources.times import moment, not_ahead, zone
from syncd.domain.figures import Unbelievable, is_blank, shown
from syncd.domain.model import Containment, Part, ShopName, Snapshot, SnapshotKind, SourceName
from syncd.domain.snapshot import WORDS, SnapshotBuilder
from syncd.errors import Kind, PortError

_PARTS = frozenset(part.word for part in Part)


class PageReading:
    """Takes the pages of one call in their order and returns the snapshot at the end.

    `now` is the time of the call and `cursor` what it asked for, both as in `Source.collect`.
    """

    def __init__(self, settings: HttpJsonSettings, name: str, *, now: datetime, cursor: str) -> None:
        self._settings = settings
        self._name = name
        self._now = now
        self._asked = cursor if settings.since_param else ""
        self._builder = SnapshotBuilder(
            SourceName(name),
            warehouses=settings.warehouses,
            transfer_convention=settings.transfer_convention,
            blank_is_zero=settings.blank_is_zero,
            unrouted_adds_up=settings.unrouted_pages == "parts",
        )
        paths = settings.paths
        self._paths = {word: path for word in WORDS if (path := getattr(paths, word))}
        self._unseen = {*(_PARTS | {"unrouted"}) & paths.model_fields_set} - {"on_hand"}
        self._unseen -= {word for word in self._unseen if not getattr(paths, word)}
        self._pager = Pager(settings)
        self._as_of = now
        self._kind: SnapshotKind | None = None
        self._cursor = ""
        self._imported: dict[ShopName, datetime] | None = None
        self._included: dict[ShopName, frozenset[str]] = {}
        self._doubt = ""
        self._before: object = None

    def ask(self) -> dict[str, object]:
        """Return what to send for the page that is due."""
        fixed: dict[str, object] = dict(self._settings.params)
        secret = {key: value.get_secret_value() for key, value in self._settings.secret_params.items()}
        since = {self._settings.since_param: self._asked} if self._asked else {}
        return fixed | secret | since | self._pager.params()

    def take(self, body: object) -> bool:
        """Take the next page; tell whether there is another one to ask for.

        Raises:
            PortError: the page is not what the settings say.
        """
        try:
            return self._take(body)
        except JMESPathError as error:
            raise self._error(
                f"a path does not fit the answer ({type(error).__name__}); check `paths`"
            ) from None

    def snapshot(self) -> Snapshot:
        """Return what the pages came to; incomplete where one is missing or an empty answer is not proven."""
        kind = self._kind or (SnapshotKind.DELTA if self._asked else SnapshotKind.FULL)
        keeps = self._asked if kind is SnapshotKind.DELTA else ""
        snapshot = self._builder.build(
            as_of=self._as_of,
            kind=kind,
            incomplete_because=self._doubt or self._gap(kind),
            cursor=(self._cursor or keeps) if self._settings.since_param else "",
        )
        if self._settings.paths.included:
            return replace(
                snapshot,
                contains=Containment.IDS,
                included=self._included,
                ids_of=self._settings.included_ids,
            )
        if not self._settings.paths.imported_until:
            return snapshot
        return replace(
            snapshot,
            contains=Containment.WATERMARK,
            # What came in after the figures were read is not in them, whatever is said.
            watermarks={shop: min(until, self._as_of) for shop, until in (self._imported or {}).items()},
            counts=self._settings.imported_by,
        )

    # --- a page --------------------------------------------------------------------------------------------

    def _take(self, body: object) -> bool:
        paths = self._settings.paths
        if paths.ok and found(paths.ok, body) not in (True, "true", "True"):
            raise self._error("the ERP refuses: what stands at paths.ok is not true", Kind.REJECTED)
        rows = found(paths.rows, body)
        if not isinstance(rows, list):
            raise self._error(f"there is no list at paths.rows ({shown(paths.rows)}); correct it")
        self._head(body)
        if rows and rows == self._before:
            self._doubt = f"page {self._pager.number} is the one before again; check `paging` and its params"
            return False
        self._before = rows
        self._builder.begin_page()
        for number, row in enumerate(rows, 1):
            self._row(f"page {self._pager.number} row {number}", row)
        self._unrouted(body)
        return self._go_on(body, len(rows))

    def _head(self, body: object) -> None:
        """Take what a page says of the whole: the earliest time, one kind, and the first cursor."""
        paths = self._settings.paths
        self._as_of = min(self._as_of, self._time(found(paths.as_of, body)))
        self._take_imported(found(paths.imported_until, body) if paths.imported_until else None)
        kind = self._kind_of(found(paths.kind, body))
        if self._pager.number == 1:
            self._kind = kind
            # What later pages name may have come in after the figures of this one were read.
            self._included = self._ids_of(found(paths.included, body))
        elif kind is not self._kind:
            self._doubt = self._doubt or "its pages disagree on whether it is full or a delta"
        # With the last cursor, what changed while the later pages were read would never come again.
        self._cursor = self._cursor or self._cursor_of(found(paths.cursor, body))

    def _go_on(self, body: object, count: int) -> bool:
        paths = self._settings.paths
        distinct = self._builder.rows - self._builder.repeats
        position = Position(
            count=count,
            distinct=distinct,
            total=self._whole(found(paths.total, body), "total"),
            pages=self._whole(found(paths.pages, body), "pages"),
            following=found(paths.next, body),
        )
        goes_on = self._pager.go_on(position)
        self._doubt = self._doubt or self._pager.doubt
        return goes_on and not self._doubt

    def _row(self, label: str, row: object) -> None:
        if not isinstance(row, dict):
            self._builder.refuse(label, {}, f"the row is {shown(row)}, not an object")
            return
        cells: dict[str, Any] = {}
        try:
            for word, path in self._paths.items():
                cells[word] = found(path, row)
        except JMESPathError as error:
            self._builder.refuse(label, cells, f"a path does not fit the row ({type(error).__name__})")
            return
        if is_blank(cells.get("warehouse")) and self._settings.warehouse:
            cells["warehouse"] = self._settings.warehouse
        if self._unseen:
            self._unseen -= {word for word in self._unseen if cells.get(word) is not None}
        self._builder.add(label, cells)

    def _unrouted(self, body: object) -> None:
        paths = self._settings.paths
        listed = found(paths.unrouted, body)
        if listed is None:
            return
        if not isinstance(listed, list):
            raise self._error(f"there is no list at paths.unrouted ({shown(paths.unrouted)}); correct it")
        self._unseen.discard("unrouted")
        for number, item in enumerate(listed, 1):
            label = f"page {self._pager.number} unrouted {number}"
            self._builder.unrouted(
                found(paths.unrouted_sku, item), found(paths.unrouted_units, item), row=label
            )

    # --- single values -------------------------------------------------------------------------------------

    def _time(self, value: object) -> datetime:
        if value is None:
            return self._now
        try:
            as_of = moment(value, local=zone(self._settings.timezone))
        except Unbelievable as error:
            raise self._error(f"as_of {error}; check paths.as_of") from None
        return not_ahead(as_of, now=self._now, place=self._name)

    def _take_imported(self, value: object) -> None:
        """Take until when orders are in: the earliest time of all pages; a shop that one lacks is unknown."""
        if value is not None and not isinstance(value, Mapping):
            raise self._error(f"imported_until is {shown(value)}, no object; check paths.imported_until")
        times = {ShopName(str(shop)): at for shop, at in (value or {}).items() if at is not None}
        here = {shop: self._imported_at(shop, at) for shop, at in times.items()}
        before = here if self._imported is None else self._imported
        self._imported = {shop: min(at, before[shop]) for shop, at in here.items() if shop in before}

    def _imported_at(self, shop: ShopName, value: object) -> datetime:
        try:
            return moment(value, local=zone(self._settings.timezone))
        except Unbelievable as error:
            raise self._error(f"imported_until of shop {shop} {error}; check paths.imported_until") from None

    def _ids_of(self, value: object) -> dict[ShopName, frozenset[str]]:
        """Return the orders that an answer names by shop; none where it names none."""
        if value is not None and not isinstance(value, Mapping):
            raise self._error(f"included is {shown(value)}, no object; check paths.included")
        return {ShopName(str(shop)): self._ids(shop, ids) for shop, ids in (value or {}).items()}

    def _ids(self, shop: str, ids: object) -> frozenset[str]:
        whole = isinstance(ids, list) and all(
            isinstance(one, str | int) and not isinstance(one, bool) for one in ids
        )
        if ids is not None and not whole:
            raise self._error(f"included of shop {shop} is no list of ids; check paths.included")
        return frozenset(str(one) for one in ids) if isinstance(ids, list) else frozenset()

    def _kind_of(self, value: object) -> SnapshotKind | None:
        if is_blank(value):
            return None
        word = value.strip().casefold() if isinstance(value, str) else ""
        if word not in set(SnapshotKind):
            raise self._error(f"kind is {shown(value)}, neither 'full' nor 'delta'; check paths.kind")
        return SnapshotKind(word)

    def _cursor_of(self, value: object) -> str:
        if is_blank(value):
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self._error(f"the cursor is {shown(value)}, which must be text; check paths.cursor")
        return str(value)

    def _whole(self, value: object, word: str) -> int | None:
        """Return a count that the answer states, None where it states none."""
        if is_blank(value):
            return None
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        raise self._error(f"{word} is {shown(value)}, not a count; check paths.{word}")

    def _error(self, message: str, kind: Kind = Kind.UNKNOWN) -> PortError:
        return PortError(kind, f"{self._name}: page {self._pager.number}: {message}")

    # --- the end -------------------------------------------------------------------------------------------

    def _gap(self, kind: SnapshotKind) -> str:
        """Return why the pages may not be all there is, empty if they are."""
        distinct = self._builder.rows - self._builder.repeats
        gap = self._pager.gap(distinct)
        if gap or kind is SnapshotKind.DELTA:
            return gap
        if not self._builder.rows and self._pager.total is None:
            return "it has no rows, and no total proves that there are none"
        if self._unseen and self._builder.rows:
            word = min(self._unseen)
            advice = (
                f"correct it, or write {getattr(self._settings.paths, word)} || `0` for an ERP without zeros"
            )
            return f"nothing stands at paths.{word} in any row; {advice}"
        return ""


def as_query(asked: Mapping[str, object]) -> dict[str, str]:
    """Return what is sent as the texts of a query; true and false as JSON writes them."""
    return {
        key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in asked.items()
    }
