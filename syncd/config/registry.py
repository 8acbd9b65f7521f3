"""Find the adapter that a short word in the configuration names, and load it only then."""

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NamedTuple, Self

from pydantic import BaseModel

from syncd.config.problems import suggestion
from syncd.ports.channel import Channel
from syncd.ports.plugin import Adapter
from syncd.ports.source import Source

CHANNELS_GROUP = "syncd.channels.v1"
SOURCES_GROUP = "syncd.sources.v1"

Entry = Adapter[Any] | EntryPoint | tuple[EntryPoint, ...]
"""An adapter, or where to load it from; several where packages offer the same word."""


class Refusal(NamedTuple):
    """Why there is no adapter for a word, and what to do."""

    message: str
    hint: str


class Registry:
    """The kinds of channels and sources that are there, by their short words."""

    def __init__(self, *, channels: Mapping[str, Entry], sources: Mapping[str, Entry]) -> None:
        self._channels = dict(channels)
        self._sources = dict(sources)

    @classmethod
    def installed(cls) -> Self:
        """Return the registry of all installed packages; none of them is imported yet."""
        return cls(channels=_offers(CHANNELS_GROUP), sources=_offers(SOURCES_GROUP))

    @property
    def channel_types(self) -> tuple[str, ...]:
        """Return the words for `[shops.NAME] type`, sorted."""
        return tuple(sorted(self._channels))

    @property
    def source_types(self) -> tuple[str, ...]:
        """Return the words for `[sources.NAME] type`, sorted."""
        return tuple(sorted(self._sources))

    def channel(self, word: str) -> Adapter[Channel] | Refusal:
        """Return the channel adapter of that name, or why there is none; never raises."""
        return _loaded(word, self._channels, "channel types")

    def source(self, word: str) -> Adapter[Source] | Refusal:
        """Return the source adapter of that name, or why there is none; never raises."""
        return _loaded(word, self._sources, "source types")


def _offers(group: str) -> dict[str, Entry]:
    offers: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=group):
        # A package that is found twice on the path offers the same object twice; that is one offer.
        others = offers.get(point.name, ())
        if point.value not in {other.value for other in others}:
            offers[point.name] = (*others, point)
    return dict(offers)


def _loaded(word: str, entries: Mapping[str, Entry], what: str) -> Adapter[Any] | Refusal:
    entry = entries.get(word)
    if entry is None:
        return Refusal("is no type that is installed", suggestion(word, entries, what))
    if isinstance(entry, Adapter):
        return entry
    points = entry if isinstance(entry, tuple) else (entry,)
    if len(points) != 1:
        packages = ", ".join(sorted(_package(point) for point in points))
        return Refusal(f"is offered by several packages: {packages}", "remove all but one of them")
    return _imported(points[0])


def _imported(point: EntryPoint) -> Adapter[Any] | Refusal:
    hint = f"install or repair the package {_package(point)}"
    try:
        adapter = point.load()
    except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way; the others still work
        return Refusal(f"names a plug-in that cannot be loaded: {type(error).__name__}: {error}", hint)
    if not isinstance(adapter, Adapter):
        return Refusal(f"names a plug-in that is no adapter: {point.value}", hint)
    if not issubclass(adapter.settings, BaseModel):
        return Refusal(f"names a plug-in whose settings are no pydantic model: {point.value}", hint)
    return adapter


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.module
