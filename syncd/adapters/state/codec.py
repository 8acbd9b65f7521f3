"""Rows of the domain as plain tuples of text and integers, and back."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from types import NoneType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from syncd.domain.model import PoolName, ShopName, SourceName, WarehouseName

RowT = TypeVar("RowT")
ItemT = TypeVar("ItemT")

Take = Callable[[ItemT], Sequence[Any]]
RowFactory = Callable[[sqlite3.Cursor, tuple[Any, ...]], RowT]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_REPEATED = (ShopName, SourceName, PoolName, WarehouseName)

FLAGS: Mapping[bool | None, int | None] = {None: None, False: 0, True: 1}
"""How a flag is stored; unknown stays unknown."""

_FLAGS_BACK = {None: None, 0: False, 1: True}


def micros(at: datetime) -> int:
    """Return `at` as microseconds since 1970; a datetime without a zone raises `TypeError`."""
    return (at - _EPOCH) // _MICROSECOND


def moment(at: int) -> datetime:
    """Return the datetime in UTC for microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at)


class _Memo(dict[Any, Any]):
    """Converts each value once: rows repeat their times, enum members and shop names."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__({None: None})
        self._convert = convert

    def __missing__(self, value: Any) -> Any:  # noqa: ANN401 - converts any column
        self[value] = converted = self._convert(value)
        return converted


class _Each(dict[Any, Any]):
    """Converts every value anew: for those that may be changed later, or cannot be keys."""

    def __init__(self, convert: Callable[[Any], Any]) -> None:
        super().__init__()
        self._convert = convert

    def __getitem__(self, value: Any) -> Any:  # noqa: ANN401 - converts any column
        return self._convert(value)


def _moments_text(moments: Mapping[str, datetime]) -> str:
    return json.dumps({name: micros(at) for name, at in sorted(moments.items())}, ensure_ascii=False)


def _moments(text: str) -> dict[str, datetime]:
    return {name: moment(at) for name, at in json.loads(text).items()}


def _ids_text(ids: Mapping[str, frozenset[str]]) -> str:
    return json.dumps({name: sorted(each) for name, each in sorted(ids.items())}, ensure_ascii=False)


def _ids(text: str) -> dict[str, frozenset[str]]:
    return {name: frozenset(each) for name, each in json.loads(text).items()}


def _same(value: str) -> str:
    return value


def _core(hint: Any) -> Any:  # noqa: ANN401 - a type hint has no type
    return next((part for part in get_args(hint) if part is not NoneType), hint)


def _to_sql(hint: Any) -> Callable[[], Mapping[Any, Any]] | None:  # noqa: ANN401
    if get_origin(hint) is Mapping:
        return lambda: _Each(_moments_text if get_args(hint)[1] is datetime else _ids_text)
    core = _core(hint)
    if core is datetime:
        return lambda: _Memo(micros)
    if core is bool:
        return lambda: FLAGS
    if isinstance(core, type) and issubclass(core, StrEnum):
        return lambda: _Memo(lambda word: core(word).value)
    return None


def _from_sql(hint: Any) -> Callable[[], Mapping[Any, Any]] | None:  # noqa: ANN401
    if get_origin(hint) is Mapping:
        return lambda: _Each(_moments if get_args(hint)[1] is datetime else _ids)
    core = _core(hint)
    if core is datetime:
        return lambda: _Memo(moment)
    if core is bool:
        return lambda: _FLAGS_BACK
    if isinstance(core, type) and issubclass(core, StrEnum):
        return lambda: _Memo(core)
    if core in _REPEATED:
        # One object for all rows of a shop: two million equal texts would cost 100 MB.
        return lambda: _Memo(_same)
    return None


class Codec(Generic[RowT]):
    """How one row type is stored in one table, derived from its fields and their types.

    `keys` identify a row. The statements take the fields in their order.
    """

    def __init__(self, table: str, row: type[RowT], keys: tuple[str, ...]) -> None:
        hints = get_type_hints(row)
        self.fields = tuple(hints)
        self._row = row
        self._to_sql = [(i, make) for i, hint in enumerate(hints.values()) if (make := _to_sql(hint))]
        self._from_sql = [(i, make) for i, hint in enumerate(hints.values()) if (make := _from_sql(hint))]
        columns = ", ".join(f'"{name}"' for name in self.fields)
        marks = ", ".join("?" * len(self.fields))
        where = " AND ".join(f'"{key}" = ?' for key in keys)
        rest = [name for name in self.fields if name not in keys]
        fresh = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
        conflict = ", ".join(f'"{key}"' for key in keys)
        # Only names from our own row types and tables get into these texts, never a value.
        self.select = f'SELECT {columns} FROM "{table}"'  # noqa: S608
        self.insert = f'INSERT INTO "{table}" ({columns}) VALUES ({marks})'  # noqa: S608
        self.upsert = f"{self.insert} ON CONFLICT ({conflict}) DO UPDATE SET {fresh}"
        self.delete = f'DELETE FROM "{table}" WHERE {where}'  # noqa: S608
        numbered = ", ".join(f'"{name}" = ?{self.fields.index(name) + 1}' for name in rest)
        found = " AND ".join(f'"{key}" = ?{self.fields.index(key) + 1}' for key in keys)
        self.replace = f'UPDATE "{table}" SET {numbered} WHERE {found}'  # noqa: S608
        self.find = f'SELECT 1 FROM "{table}" WHERE {where}'  # noqa: S608
        self.key: Callable[[RowT], Any] = attrgetter(*keys)

    def encoder(self) -> Take[RowT]:
        """Return a function that makes a row a sequence for the driver; its memos live as long as it."""
        memos = [(index, make()) for index, make in self._to_sql]
        fields: Callable[[Any], Any] = attrgetter(*self.fields)
        plain = issubclass(self._row, tuple)

        def encode(row: Any) -> Sequence[Any]:  # noqa: ANN401 - a NamedTuple or a dataclass
            values = list(row if plain else fields(row))
            for index, memo in memos:
                values[index] = memo[values[index]]
            return values

        return encode

    def decoder(self) -> RowFactory[RowT]:
        """Return a row factory for a cursor; it runs in the thread of the database."""
        memos = [(index, make()) for index, make in self._from_sql]
        make: Callable[[list[Any]], RowT] = getattr(self._row, "_make", self._from_values)

        def decode(_: sqlite3.Cursor, values: tuple[Any, ...]) -> RowT:
            row = list(values)
            for index, memo in memos:
                row[index] = memo[row[index]]
            return make(row)

        return decode

    def _from_values(self, values: list[Any]) -> RowT:
        return self._row(**dict(zip(self.fields, values, strict=True)))


class Walk(Generic[ItemT]):
    """The items as sequences for the driver, made one by one in its thread.

    `current` is the item that a failure is about, None before the first.
    """

    def __init__(self, items: Sequence[ItemT], take: Take[ItemT]) -> None:
        self.current: ItemT | None = None
        self._items = items
        self._take = take

    def __iter__(self) -> Iterator[Sequence[Any]]:
        """Yield each item as the driver takes it."""
        take = self._take
        for item in self._items:
            self.current = item
            yield take(item)
