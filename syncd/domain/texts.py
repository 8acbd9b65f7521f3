"""Texts that are read only when somebody asks for one of them."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Protocol, runtime_checkable

from syncd.domain.model import ListingId, ListingRow, ShopName


def texts_at(texts: Sequence[str], places: Sequence[int]) -> list[str]:
    """Return the texts at some places; of those that stand in for others without asking one by one."""
    if isinstance(texts, TextOf | Picked | Patched):
        return texts.at(places)
    return list(map(texts.__getitem__, places))


@runtime_checkable
class Searched(Protocol):
    """Ids that are found without looking at many of them."""

    def place_of(self, shop: ShopName, id_: ListingId) -> int:
        """Return the place of one listing, -1 where it is not."""
        ...


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

    __slots__ = ("_places", "_texts")

    def __init__(self, texts: Sequence[str], places: Sequence[int]) -> None:
        self._texts = texts
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, at: Any) -> Any:  # noqa: ANN401 - a text for a place, texts for a slice
        if isinstance(at, slice):
            return [self._texts[place] for place in self._places[at]]
        return self._texts[self._places[at]]

    def at(self, places: Sequence[int]) -> list[str]:
        """Return the texts at some places."""
        return texts_at(self._texts, [self._places[place] for place in places])


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
