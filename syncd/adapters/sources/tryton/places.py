"""Where goods can be in Tryton: its tree of locations, as warehouses and what is unsellable in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from syncd.domain.figures import shown
from syncd.errors import Kind, PortError

FIELDS = ("code", "type", "parent")

_WAREHOUSE = "warehouse"
_MOST_LISTED = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A warehouse that the source counts; `unsellable` are the topmost locations of that kind in it."""

    name: str
    id: int
    unsellable: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The counted warehouses in the order of the settings, and where every location belongs.

    `known` are all locations. `homes` gives the warehouse of a location, counted or not; one that has none,
    such as a customer or goods in transit, is in no warehouse. `spoilt` are the unsellable ones.
    """

    counted: tuple[Counted, ...]
    known: frozenset[int] = field(repr=False)
    homes: Mapping[int, int] = field(repr=False)
    spoilt: frozenset[int] = field(repr=False)

    def told(self) -> tuple[object, ...]:
        """Return what differs once a location belongs elsewhere: counts differ then, and nothing moved."""
        return self.counted, sorted(self.homes.items()), sorted(self.spoilt)


def placed(
    rows: Iterable[Mapping[str, Any]], *, source: str, wanted: Mapping[str, str], unsellable: Sequence[str]
) -> Places:
    """Return the places of Tryton's locations; `wanted` gives the code of each warehouse by our name.

    Raises:
        PortError: a code is not there, or more than one warehouse has it; all such codes are named.
    """
    by_id = {row["id"]: row for row in rows}
    above = {key: _above(key, by_id) for key in by_id}
    homes = {key: home for key, chain in above.items() if (home := _home(chain, by_id)) is not None}
    found = {
        name: [key for key, row in by_id.items() if row["type"] == _WAREHOUSE and row["code"] == code]
        for name, code in wanted.items()
    }
    ours = {key for keys in found.values() for key in keys}
    inside = {key for key, home in homes.items() if home in ours and by_id[key]["type"] != _WAREHOUSE}
    marked = {key for key in inside if by_id[key]["code"] in unsellable}
    problems = [*_missing(found, wanted, by_id), *_unknown(unsellable, inside, by_id)]
    if problems:
        raise PortError(Kind.REJECTED, f"{source}: {'; '.join(problems)}")
    tops = [key for key in sorted(marked) if not marked & set(above[key][1:])]
    return Places(
        counted=tuple(
            Counted(name=name, id=keys[0], unsellable=tuple(key for key in tops if homes[key] == keys[0]))
            for name, keys in found.items()
        ),
        known=frozenset(by_id),
        homes=homes,
        spoilt=frozenset(key for key, chain in above.items() if marked & set(chain)),
    )


def _above(key: int, by_id: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Return a location and all above it, from the inside out; a ring in the tree is cut."""
    chain: list[int] = []
    at: int | None = key
    while at is not None and at in by_id and at not in chain:
        chain.append(at)
        at = by_id[at]["parent"]
    return chain


def _home(chain: Sequence[int], by_id: Mapping[int, Mapping[str, Any]]) -> int | None:
    return next((key for key in chain if by_id[key]["type"] == _WAREHOUSE), None)


def _missing(
    found: Mapping[str, Sequence[int]], wanted: Mapping[str, str], by_id: Mapping[int, Mapping[str, Any]]
) -> list[str]:
    """Return one sentence on the codes that are not those of one warehouse, with the codes that are."""
    none = [wanted[name] for name, keys in found.items() if not keys]
    many = [wanted[name] for name, keys in found.items() if len(keys) > 1]
    there = _listed(row["code"] for row in by_id.values() if row["type"] == _WAREHOUSE)
    problems = []
    if none:
        problems.append(
            f"Tryton has no warehouse with the code {_listed(none)}; it has {there}: "
            "correct warehouses or codes, or write the code into the warehouse"
        )
    if many:
        problems.append(f"Tryton has more than one warehouse with the code {_listed(many)}: make it unique")
    return problems


def _unknown(
    unsellable: Sequence[str], inside: Iterable[int], by_id: Mapping[int, Mapping[str, Any]]
) -> list[str]:
    codes = {by_id[key]["code"] for key in inside}
    wrong = [code for code in unsellable if code not in codes]
    if not wrong:
        return []
    there = _listed(code for code in codes if code)
    return [f"no location in the warehouses has the code {_listed(wrong)} (unsellable); there are {there}"]


def _listed(codes: Iterable[object]) -> str:
    told = sorted({shown(code) for code in codes if code})
    more = f" and {len(told) - _MOST_LISTED} more" if len(told) > _MOST_LISTED else ""
    return (", ".join(told[:_MOST_LISTED]) or "none with a code") + more
