"""Reading JSON objects that people wrote, with complaints that say where and what to do."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime


class MockError(ValueError):
    """The mock was asked for something it cannot do; the text names the key and what to write instead."""


class Fields:
    """One JSON object, read key by key; `done` complains about keys that nobody asked for.

    `where` is the place of the object in its document, for example `faults[2]`. Values are named by their
    type and never repeated: a state file may hold a token.
    """

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, Mapping):
            raise MockError(f"{where}: must be an object, not {_kind_of(value)}")
        self._values: dict[str, object] = {str(key): item for key, item in value.items()}
        self._where = where
        self._asked: set[str] = set()

    def has(self, key: str) -> bool:
        """Return True where the key is there; it counts as asked for."""
        self._asked.add(key)
        return key in self._values

    def raw(self, key: str) -> object:
        """Return the value as it stands, None where it is missing."""
        self._asked.add(key)
        return self._values.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there and not be empty."""
        if not self.has(key) and default is not None:
            return default
        value = self.raw(key)
        if not isinstance(value, str) or (default is None and not value):
            raise self.wrong(key, "a text" if default is not None else "a text that is not empty")
        return value

    def whole(self, key: str, default: int | None = None, *, least: int | None = None) -> int:
        """Return a whole number of at least `least`; without a default it must be there."""
        if not self.has(key) and default is not None:
            return default
        value = self.raw(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, "a whole number")
        if least is not None and value < least:
            raise self.wrong(key, f"a whole number of at least {least}")
        return value

    def number(self, key: str, default: float, *, most: float = math.inf) -> float:
        """Return a number from 0 to `most`."""
        value = self.raw(key) if self.has(key) else default
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
            raise self.wrong(key, f"a number from 0 to {most}" if most < math.inf else "a number from 0 up")
        if value == math.inf:
            raise self.wrong(key, "a finite number")
        return float(value)

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false, nothing that merely looks like it."""
        value = self.raw(key) if self.has(key) else default
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts, empty where it is missing."""
        value = self.items(key)
        if not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "a list of texts")
        return tuple(str(item) for item in value)

    def items(self, key: str) -> list[object]:
        """Return a list, empty where it is missing."""
        value = self.raw(key) if self.has(key) else []
        if not isinstance(value, list):
            raise self.wrong(key, "a list")
        return value

    def objects(self, key: str) -> list["Fields"]:
        """Return a list of objects, empty where it is missing."""
        return [Fields(item, self.at(f"{key}[{n}]")) for n, item in enumerate(self.items(key))]

    def object(self, key: str) -> "Fields":
        """Return the object under the key."""
        return Fields(self.raw(key), self.at(key))

    def time(self, key: str) -> datetime:
        """Return a time in UTC; one without an offset is taken as UTC."""
        return read_time(self.text(key), self.at(key))

    def time_or_null(self, key: str, default: datetime | None) -> datetime | None:
        """Return a time, None for null; the default where the key is missing."""
        if not self.has(key):
            return default
        return None if self.raw(key) is None else self.time(key)

    def keys(self) -> tuple[str, ...]:
        """Return the keys of an object whose keys are data; each still has to be asked for."""
        return tuple(self._values)

    def at(self, key: str) -> str:
        """Return where a key stands in the document."""
        return f"{self._where}.{key}" if self._where else key

    def wrong(self, key: str, wanted: str) -> MockError:
        """Return the complaint that a value is not what is wanted."""
        if key not in self._values:
            return MockError(f"{self.at(key)}: is missing, write {wanted}")
        return MockError(f"{self.at(key)}: must be {wanted}, not {_kind_of(self._values[key])}")

    def done(self) -> None:
        """Complain about keys that nobody asked for, naming those that are known."""
        unknown = sorted(self._values.keys() - self._asked)
        if unknown:
            known = ", ".join(sorted(self._asked))
            raise MockError(f"{self.at(unknown[0])}: is not known here; known are {known}")


def read_time(text: str, where: str) -> datetime:
    """Return an ISO time in UTC; one without an offset is taken as UTC."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise MockError(f"{where}: must be a time such as 2026-01-01T00:00:00Z") from None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def show_time(when: datetime) -> str:
    """Return a time as the wire shows it, `Z` for UTC."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_json(text: str | bytes, where: str) -> object:
    """Return what a JSON document says."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise MockError(f"{where}: is not JSON ({error})") from None


def _kind_of(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return f"the number {value}"
    names: dict[type, str] = {str: "a text", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)
