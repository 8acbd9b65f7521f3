"""The source itself: asks for page after page."""

import asyncio
from datetime import datetime
from urllib.parse import urlsplit

from syncd.adapters.http import HttpClient, JsonAnswer, JsonClient
from syncd.adapters.sources.http_json.reading import PageReading, as_query
from syncd.adapters.sources.http_json.settings import HttpJsonSettings
from syncd.domain.model import Snapshot


class HttpJsonSource:
    """Reads an ERP or WMS that answers with JSON.

    It nets nothing: `paths.on_hand` must be all that is physically there. An ERP that answers what is left
    after its own orders must not have them mapped as `allocated` too, or they come off twice.

    Every page is one call, so a shipment between two pages can be seen half; a row that shifts to a later
    page comes twice and does no harm if it is the same. A total that changes makes the snapshot incomplete.
    """

    def __init__(self, settings: HttpJsonSettings, name: str, http: HttpClient) -> None:
        parts = urlsplit(settings.url)
        self._settings = settings
        self._name = name
        self._path = parts.path or "/"
        self._client = JsonClient(
            http,
            f"{parts.scheme}://{parts.netloc}",
            {key: value.get_secret_value() for key, value in settings.headers.items()},
            timeout=settings.timeout,
            max_bytes=settings.max_bytes,
            name=name,
        )

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        """Return all pages as one snapshot: a delta if there is a `cursor`, unless the ERP says otherwise.

        Raises:
            PortError: a page failed or was not understood.
        """
        reading = PageReading(self._settings, self._name, now=now, cursor=cursor)
        goes_on = True
        while goes_on:
            answer = await self._call(reading.ask())
            # A page of many rows would stop the event loop.
            goes_on = await asyncio.to_thread(reading.take, answer.body)
        return await asyncio.to_thread(reading.snapshot)

    async def _call(self, asked: dict[str, object]) -> JsonAnswer:
        if self._settings.method == "POST":
            return await self._client.call("POST", self._path, json=asked, writes=False)
        return await self._client.call("GET", self._path, params=as_query(asked))
