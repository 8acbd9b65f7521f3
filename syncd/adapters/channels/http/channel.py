"""One shop of the channel `http`."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from syncd.adapters.channels.http.expressions import finder
from syncd.adapters.channels.http.listings import ListingReader, merged
from syncd.adapters.channels.http.pages import Page, Params, Walk
from syncd.adapters.channels.http.results import ResultReader
from syncd.adapters.channels.http.settings import HttpSettings, SwitchSettings, WriteSettings
from syncd.adapters.channels.http.templates import Filler, Unfillable, filled, filled_path, filler
from syncd.adapters.http import HttpClient, JsonAnswer, JsonClient, expecting
from syncd.domain.model import Action, ListingId, ObservedListing, Outcome, Write
from syncd.errors import Kind, PortError
from syncd.ports.channel import Channel, ChannelTraits
from syncd.ports.plugin import Adapter

_SHORTEST_SECRET = 6
_SWITCHES = frozenset({Action.DELIST, Action.RELIST})


class HttpChannel:
    """A generic JSON shop, as its settings describe it.

    A line is judged by what the answer says about it; a refused line is an outcome, and only a call that
    failed as a whole is an error.
    """

    def __init__(self, settings: HttpSettings, name: str, http: HttpClient) -> None:
        headers = {key: value.get_secret_value() for key, value in settings.headers.items()}
        self._settings = settings
        self._name = name
        self._find_error = finder(settings.call.error)
        self._find_items = finder(settings.list.items)
        self._listings = ListingReader(settings.list.fields, settings.list.off_reasons)
        self._results = ResultReader(settings.result, secrets=_secrets(headers.values()))
        self._client = JsonClient(
            http,
            base_url=settings.url,
            headers=headers,
            timeout=settings.timeout,
            max_bytes=settings.max_bytes,
            name=name,
            judge=self._judged,
        )
        self._traits = _traits(settings)
        self._writes = _writes(settings, self._traits)
        self._fillers = {action: filler(write.line) for action, write in self._writes.items()}
        self._switches = _switches(settings, self._traits)
        self._find_results = {write.results: finder(write.results) for write in self._writes.values()}

    @property
    def traits(self) -> ChannelTraits:
        """Return what the settings say that this shop can do."""
        return self._traits

    async def observe(
        self, listings: Sequence[ListingId] | None = None
    ) -> AsyncIterator[Sequence[ObservedListing]]:
        """Yield what the shop shows, a page at a time; `listings` are read alone where the shop can do that.

        Raises:
            PortError: a page failed, or the shop told of more than it showed.
        """
        if listings is not None and self._can_ask_for(listings):
            size = self._settings.list.ids_per_call
            for start in range(0, len(listings), size):
                yield await self._some(listings[start : start + size])
            return
        walk = Walk(self._settings.list, shop=self._name)
        params: Params | None = walk.first()
        while params is not None:
            page = await self._page(params | self._size(), walk.seen)
            yield page.listings
            params = walk.after(page)

    async def push(self, writes: Sequence[Write]) -> Sequence[Outcome]:
        """Carry out one call; a write that the settings cannot express is refused without being sent.

        Raises:
            PortError: the call failed as a whole.
        """
        actions = {write.action for write in writes}
        if not writes:
            return []
        if len(actions) > 1 or len(writes) > self._most(writes[0].action):
            raise ValueError("a call carries one action and no more lines than its traits say")
        action = writes[0].action
        if action in _SWITCHES:
            return [await self._switch(writes[0], self._switches[action])]
        return await self._write(writes, self._writes[action], self._fillers[action])

    # --- reading -------------------------------------------------------------------------------------------

    def _can_ask_for(self, listings: Sequence[ListingId]) -> bool:
        """Tell whether the ids can be asked for; one that holds the separator would be read as two."""
        settings = self._settings.list
        return bool(settings.ids_param) and not any(settings.ids_separator in key for key in listings)

    def _size(self) -> Params:
        settings = self._settings.list
        return {settings.size_param: settings.page_size} if settings.size_param else {}

    async def _some(self, asked: Sequence[ListingId]) -> Sequence[ObservedListing]:
        settings = self._settings.list
        page = await self._page({settings.ids_param: settings.ids_separator.join(asked)}, {})
        if not Walk(settings, shop=self._name).is_single(page):
            message = "the answer for some ids has several pages; lower list.ids_per_call"
            raise PortError(Kind.REJECTED, f"{self._name}: {message}")
        return [listing for listing in page.listings if listing.id in set(asked)]

    async def _page(self, params: Params, seen: Mapping[ListingId, ObservedListing]) -> Page:
        settings = self._settings.list
        answer = await self._client.call(
            "GET", settings.path, params={**settings.params, **params}, writes=False
        )
        rows = self._rows(answer, self._find_items(answer.body))
        read = [listing for row in rows if (listing := self._listings.read(row)) is not None]
        unreadable = len(rows) - len(read)
        return Page(body=answer.body, lines=len(rows), unreadable=unreadable, listings=merged(read, seen))

    def _rows(self, answer: JsonAnswer, found: object) -> list[Any]:
        """Return the lines that were found in an answer; one outside a list is a list of one."""
        if isinstance(found, Mapping):
            found = [found]
        if isinstance(found, list):
            return found
        # Some shops refuse a call with status 200.
        kind = self._word_kind(answer.body)
        if kind is not None:
            raise PortError(kind, f"{self._name}: the shop refused the call ({kind})")
        with expecting(self._name):
            raise TypeError("no list where the settings expect one")

    # --- writing -------------------------------------------------------------------------------------------

    def _most(self, action: Action) -> int:
        if action not in self._writes and action not in self._switches:
            return 0
        return self._traits.max_batch_listing if action in _SWITCHES else self._traits.max_batch

    async def _write(
        self, writes: Sequence[Write], settings: WriteSettings, fill: Filler
    ) -> Sequence[Outcome]:
        refused: dict[int, Outcome] = {}
        sent: list[Write] = []
        lines: list[Any] = []
        path = settings.path
        for place, write in enumerate(writes):
            try:
                path = filled_path(settings.path, write)
                lines.append(fill(write))
                sent.append(write)
            except Unfillable as error:
                refused[place] = Outcome(kind=Kind.REJECTED, message=f"not sent: {error}")
        outcomes = await self._sent(sent, lines, path, settings) if sent else ()
        if not refused:
            return outcomes
        told = iter(outcomes)
        return [refused[place] if place in refused else next(told) for place in range(len(writes))]

    async def _sent(
        self, writes: Sequence[Write], lines: list[Any], path: str, settings: WriteSettings
    ) -> Sequence[Outcome]:
        body = _body(lines, settings)
        answer = await self._client.call(settings.method, path, json=body, writes=True)
        if not settings.lines_at:
            return [self._sole(writes[0], answer, settings.results)]
        rows = self._rows(answer, self._find_results[settings.results](answer.body))
        return self._results.outcomes(writes, rows)

    async def _switch(self, write: Write, settings: SwitchSettings) -> Outcome:
        try:
            path = filled_path(settings.path, write)
            body = filled(settings.body, write)
        except Unfillable as error:
            return Outcome(kind=Kind.REJECTED, message=f"not sent: {error}")
        answer = await self._client.call(settings.method, path, json=body, writes=True)
        return self._sole(write, answer, settings.results)

    def _sole(self, write: Write, answer: JsonAnswer, results: str) -> Outcome:
        if not results:
            return self._results.done(answer.body)
        return self._results.sole_outcome(write, self._rows(answer, finder(results)(answer.body)))

    # --- refusals of whole calls ---------------------------------------------------------------------------

    def _judged(self, answer: JsonAnswer) -> Kind | None:
        """Return what the shop's own word means; a failing server's word is not believed."""
        return self._word_kind(answer.body) if 400 <= answer.status < 500 else None  # noqa: PLR2004

    def _word_kind(self, body: object) -> Kind | None:
        word = self._find_error(body)
        return self._settings.call.errors.get(word) if isinstance(word, str) else None


def _body(lines: list[Any], settings: WriteSettings) -> Any:  # noqa: ANN401 - JSON is anything
    if not settings.lines_at:
        return lines[0]
    return lines if settings.lines_at == "@" else {**settings.body, settings.lines_at: lines}


def _secrets(values: Iterable[str]) -> Iterator[str]:
    """Yield the header values and their words, such as a token and `Bearer` with it."""
    for value in values:
        yield from (part for part in (value, *value.split()) if len(part) >= _SHORTEST_SECRET)


def _writes(settings: HttpSettings, traits: ChannelTraits) -> dict[Action, WriteSettings]:
    every = {
        Action.SET: settings.set,
        Action.DELTA: settings.delta,
        Action.COMPARE_AND_SET: settings.compare_and_set,
    }
    return {action: every[action] for action in traits.write_modes}


def _switches(settings: HttpSettings, traits: ChannelTraits) -> dict[Action, SwitchSettings]:
    if not traits.can_unlist:
        return {}
    return {Action.DELIST: settings.delist, Action.RELIST: settings.relist}


def _traits(settings: HttpSettings) -> ChannelTraits:
    return ChannelTraits(
        max_batch=settings.max_batch,
        max_batch_listing=1,
        write_modes=tuple(Action(mode) for mode in settings.write_modes),
        idempotent=settings.repeats_safely,
        delta_clips=settings.delta_clips,
        counter=settings.counter,
        deducts_at=settings.deducts_at,
        withholds=bool(settings.list.fields.withheld),
        zero_allowed=settings.zero_allowed,
        can_unlist=bool(settings.delist.path),
        unlists=settings.unlists,
        auto_delists_at_zero=settings.auto_delists_at_zero,
        max_apply_delay=settings.max_apply_delay,
        max_quantity=settings.max_quantity,
        observes_some=bool(settings.list.ids_param),
        has_locations=bool(settings.list.fields.location),
    )


@asynccontextmanager
async def _open(settings: HttpSettings, name: str, http: HttpClient) -> AsyncIterator[Channel]:
    """Yield the channel of one shop; makes no call."""
    yield HttpChannel(settings, name, http)


ADAPTER: Adapter[Channel] = Adapter(
    settings=HttpSettings, open=_open, summary="any shop with a JSON API, described in its settings"
)
