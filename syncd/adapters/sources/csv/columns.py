"""Which cell of a row is which figure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from syncd.adapters.sources.csv.settings import COLUMNS, Column, CsvSettings
from syncd.domain.figures import shown
from syncd.errors import Kind, PortError


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A table's width and where its columns stand, counted from 0."""

    width: int
    indexes: dict[Column, int]

    def looks_like_row(self, cells: Sequence[str]) -> bool:
        """Tell whether `cells` fill the columns that every row fills, so that they are no trailer."""
        needed = [self.indexes[word] for word in ("sku", "warehouse", "on_hand") if word in self.indexes]
        return len(cells) >= self.width and all(cells[index].strip() for index in needed)


def layout(first: Sequence[str], settings: CsvSettings, *, place: str, encoding: str) -> Layout:
    """Return where the columns stand, by the names in the `first` row or by their numbers.

    Raises:
        PortError: a column is missing or there twice; all such are named, with what the file has.
    """
    indexes: dict[Column, int] = {}
    problems = []
    for word in COLUMNS:
        places = list(_places(word, first, settings))
        if len(places) == 1 and places[0] < len(first):
            indexes[word] = places[0]
        elif len(places) > 1:
            problems.append(f"names the column for {word} more than once")
        elif places or _is_needed(word, settings):
            problems.append(f"has no column {shown(settings.columns.get(word, word))} for {word}")
    if not problems:
        return Layout(width=len(first), indexes=indexes)
    has = (
        f"its columns: {', '.join(map(shown, first))}" if settings.header else f"it has {len(first)} columns"
    )
    message = f"{place} {' and '.join(problems)}; correct `columns` ({has}; read as {encoding.upper()})"
    raise PortError(Kind.REJECTED, message)


def _places(word: Column, first: Sequence[str], settings: CsvSettings) -> Iterator[int]:
    wanted = settings.columns.get(word, word)
    if word == "as_of" and settings.as_of_from != "column":
        return
    if isinstance(wanted, int):
        yield wanted - 1
    elif not wanted or not settings.header:
        return
    elif word in settings.columns:
        yield from (index for index, cell in enumerate(first) if cell.strip() == wanted.strip())
    else:
        # A column "Allocated" that went unread would sell what is promised.
        yield from (index for index, cell in enumerate(first) if _as_word(cell) == word)


def _as_word(cell: str) -> str:
    return cell.strip().casefold().replace(" ", "_").replace("-", "_")


def _is_needed(word: Column, settings: CsvSettings) -> bool:
    if word in settings.columns:
        return settings.columns[word] != "" and (word != "as_of" or settings.as_of_from == "column")
    if word == "warehouse":
        return not settings.warehouse
    if word == "as_of":
        return settings.as_of_from == "column"
    return word in {"sku", "on_hand"}
