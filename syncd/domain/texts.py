"""Texts that are read only when somebody asks for one of them."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter, lt
from typing import Any, Protocol, runtime_checkable

from syncd.domain.model import ListingId, ListingRow, ShopName


@runtime_checkable
class Many(Protocol):
    """Texts of which many are read at a time for less than one by one."""

    def at(self, places: Sequence[int]) -> list[str]:
        """Return the texts at some places."""
        ...


def texts_at(texts: Sequence[str], places: Sequence[int]) -> list[str]:
    """Return the texts at some places; of those that know how, without asking one by one."""
    return texts.at(places) if isinstance(texts, Many) else list(map(texts.__getitem__, places))


@runtime_checkable
class Searched(Protocol):
    """Ids that are found without looking at many of them."""

    def place_of(self, shop: ShopName, id_: ListingId) -> int:
        """Return the place of one listing, -1 where it is not."""
        ...


def searched(ids: Sequence[str]) -> Searched | None:
    """Return what finds ids, None where only a look at all of them does."""
    if isinstance(ids, Searched):
        return ids
    if isinstance(ids, Picked) and isinstance(ids.texts, Searched) and ids.is_sorted:
        return _PickedIds(ids.texts, ids.places)
    return None


@dataclass(frozen=True, slots=True)
class _PickedIds:
    """The ids at some places, ascending, of others that are found."""

    ids: Searched
    places: Sequence[int]

    def place_of(self, shop: ShopName, id_: ListingId) -> int:
        at = self.ids.place_of(shop, id_)
        here = bisect_left(self.places, at)
        return here if at >= 0 and here < len(self.places) and self.places[here] == at else -1


class TextOf(Sequence[str]):
    """One text of every row."""

    __slots__ = ("_field", "_rows")

    def __init__(self, rows: Sequence[ListingRow], field: str) -> None:
        self._rows = rows
        self._field = ListingRow._fields.index(field)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - a text for a place, texts for a slice
        if isinstance(at, slice):
            return [row[self._field] for row in self._rows[at]]
        return self._rows[at][self._field]

    def at(self, places: Sequence[int]) -> list[str]:
        """Return the texts at some places."""
        return list(map(itemgetter(self._field), map(self._rows.__getitem__, places)))


class Picked(Sequence[str]):
    """The texts at some places of other texts."""

    __slots__ = ("places", "texts")

    def __init__(self, texts: Sequence[str], places: Sequence[int]) -> None:
        self.texts = texts
        self.places = places

    @property
    def is_sorted(self) -> bool:
        """Return whether the places ascend."""
        return all(map(lt, self.places, islice(self.places, 1, None)))

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - a text for a place, texts for a slice
        if isinstance(at, slice):
            return [self.texts[place] for place in self.places[at]]
        return self.texts[self.places[at]]

    def at(self, places: Sequence[int]) -> list[str]:
        """Return the texts at some places."""
        return texts_at(self.texts, [self.places[place] for place in places])


class Patched(Sequence[str]):
    """Texts of which some are others."""

    __slots__ = ("_news", "_texts")

    def __init__(self, texts: Sequence[str], news: Mapping[int, str]) -> None:
        self._texts = texts
        self._news = news

    @classmethod
    def over(cls, texts: Sequence[str], news: Mapping[int, str]) -> "Patched":
        """Return `texts` with `news`; one patch stands over them, however often they change."""
        return texts.patched(news) if isinstance(texts, Patched) else cls(texts, news)

    def patched(self, news: Mapping[int, str]) -> "Patched":
        """Return the same with more news."""
        return Patched(self._texts, {**self._news, **news})

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - a text for a place, texts for a slice
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        at = at + len(self) if at < 0 else at
        return self._news[at] if at in self._news else self._texts[at]

    def at(self, places: Sequence[int]) -> list[str]:
        """Return the texts at some places."""
        found = texts_at(self._texts, places)
        return [self._news.get(place, text) for place, text in zip(places, found, strict=True)]
