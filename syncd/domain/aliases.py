"""Read a SKU out of a shop's code, without ever guessing.

A shop may have to give each of several listings of one SKU a code of its own: `1-ABC` and `2-ABC`, or
`ABC-1`. Rules name the separators; a reading counts only if it is a SKU that is there.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from syncd.domain.model import Sku
from syncd.domain.said import keep
from syncd.domain.topology import AliasRules

NO_SKU = Sku("")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCodes:
    """The codes that a listing can mean; made by `known_codes`, which keeps the four sets apart.

    `vanished` are SKUs that their source has left out for good: a listing may stay bound to one, but no
    listing is bound to one anew. `unsellable` are codes of unsellable units: no listing is ever bound to one.
    """

    skus: frozenset[Sku]
    bundles: frozenset[Sku] = frozenset()
    vanished: frozenset[Sku] = frozenset()
    unsellable: frozenset[Sku] = frozenset()
    by_folded_case: Mapping[str, tuple[Sku, ...]] = field(default_factory=dict)

    def __contains__(self, code: object) -> bool:
        """Return whether a listing can be bound to `code` now."""
        return code in self.skus or code in self.bundles

    def still_has(self, code: Sku) -> bool:
        """Return whether a listing that is bound to `code` can stay so."""
        return code in self or code in self.vanished

    def in_other_case(self, code: str) -> tuple[Sku, ...]:
        """Return the codes that differ from `code` in upper and lower case only, sorted."""
        return tuple(sku for sku in self.by_folded_case.get(code.casefold(), ()) if sku != code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a code means: `sku`, or nothing because of `unbound_because`; exactly one of the two is not empty.

    `candidates` are the known codes that it could mean where there are several.
    """

    sku: Sku = NO_SKU
    unbound_because: str = ""
    candidates: tuple[Sku, ...] = ()


def known_codes(
    skus: Iterable[Sku],
    *,
    bundles: Iterable[Sku] = (),
    vanished: Iterable[Sku] = (),
    unsellable: Iterable[Sku] = (),
) -> KnownCodes:
    """Return the codes that listings can be bound to, made once for all listings of a cycle.

    A code of unsellable units is nothing else, and a vanished SKU is not one of `skus`.
    """
    never = frozenset(unsellable)
    gone = frozenset(vanished) - never
    parts = frozenset(skus) - never - gone
    sets = frozenset(bundles) - never
    folded: dict[str, list[Sku]] = {}
    for code in sorted(parts | sets):
        folded.setdefault(code.casefold(), []).append(code)
    return KnownCodes(
        skus=parts,
        bundles=sets,
        vanished=gone,
        unsellable=never,
        by_folded_case={key: tuple(codes) for key, codes in folded.items()},
    )


def unsellable_codes(codes: Collection[Sku], suffix: str) -> frozenset[Sku]:
    """Return the codes of one source that only mark unsellable units of another of its SKUs.

    None without a suffix. A code counts only where what stands before the suffix is in `codes` itself.
    """
    if not suffix:
        return frozenset()
    there = frozenset(codes)
    marked = (code for code in there if code.endswith(suffix) and code != suffix)
    return frozenset(code for code in marked if code.removesuffix(suffix) in there)


def candidates(code: str, rules: AliasRules) -> tuple[Sku, ...]:
    """Return what `code` can be read as: itself first, then every reading of the rules, sorted.

    A prefix ends at the first place of its separator and a suffix begins at the last; both may be cut. What
    is cut and what is left must not be empty. An empty code has no reading.
    """
    exact = code.strip()
    starts = {0, *(_after_prefix(exact, separator) for separator in rules.prefix_separators)}
    ends = {len(exact), *(_before_suffix(exact, separator) for separator in rules.suffix_separators)}
    readings = {exact[start:end].strip() for start in starts for end in ends if start < end}
    return tuple(Sku(reading) for reading in (exact, *sorted(readings - {exact})) if reading)


def resolve(code: str, *, known: KnownCodes, rules: AliasRules) -> Match:
    """Return the one known code that `code` means, or why there is none.

    The whole code wins over any reading of the rules. A code with a reading that marks unsellable units means
    nothing, even if another reading is known.
    """
    readings = candidates(code, rules)
    if not readings:
        return Match(unbound_because=keep("the listing has no code: give it the code of its SKU in the shop"))
    if readings[0] in known:
        return Match(sku=readings[0])
    unsellable = [reading for reading in readings if reading in known.unsellable]
    if unsellable:
        return Match(
            unbound_because=keep(
                "%(code)r is a code for unsellable units: give the listing another code",
                code=str(unsellable[0]),
            )
        )
    found = tuple(reading for reading in readings if reading in known)
    if len(found) == 1:
        return Match(sku=found[0])
    if found:
        return Match(unbound_because=_several(readings[0], found), candidates=found)
    return Match(unbound_because=_none(readings, known))


def _after_prefix(code: str, separator: str) -> int:
    """Return where the code goes on after its prefix, 0 if it has none."""
    place = code.find(separator)
    return place + len(separator) if separator and place > 0 else 0


def _before_suffix(code: str, separator: str) -> int:
    """Return where the code ends before its suffix, its length if it has none."""
    place = code.rfind(separator)
    is_suffix = separator and 0 < place < len(code) - len(separator)
    return place if is_suffix else len(code)


def _several(code: str, found: tuple[Sku, ...]) -> str:
    names = " or ".join(repr(str(sku)) for sku in found)
    return keep(
        "%(code)r may mean %(names)s: list it under packs of the shop, or change the code",
        code=code,
        names=names,
    )


def _none(readings: tuple[Sku, ...], known: KnownCodes) -> str:
    vanished = [reading for reading in readings if reading in known.vanished]
    if vanished:
        return keep("no SKU %(sku)r any more: its source has left it out", sku=str(vanished[0]))
    tried = ", ".join(repr(str(reading)) for reading in readings)
    near = sorted({sku for reading in readings for sku in known.in_other_case(reading)})
    if near:
        names = " or ".join(repr(str(sku)) for sku in near)
        return keep(
            "no SKU or bundle %(tried)s, but %(names)s differs only in upper and lower case: change the code "
            "in the shop",
            tried=tried,
            names=names,
        )
    return keep(
        "no SKU or bundle %(tried)s: change the code in the shop, list it under packs of the shop, or set "
        "its separators",
        tried=tried,
    )
