"""The source itself: hears what is published, keeps it until the state has it, asks for all where it must."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.adapters.mqtt import Dial, Keeper, Message, Session, SessionError, first
from syncd.adapters.sources.joining import joined
from syncd.adapters.sources.mqtt.asking import Asking
from syncd.adapters.sources.mqtt.doubt import Doubt
from syncd.adapters.sources.mqtt.inbox import Inbox
from syncd.adapters.sources.mqtt.messages import StockMessage, ask_text, read_stock
from syncd.adapters.sources.mqtt.settings import MqttSourceSettings
from syncd.adapters.sources.mqtt.stream import Place, Taken, is_foreign, take
from syncd.domain.look import Look
from syncd.domain.model import Snapshot, SnapshotKind, SourceName
from syncd.domain.snapshot import WAREHOUSE, SnapshotBuilder
from syncd.errors import Kind, PortError
from syncd.ports.listening import Ears

QUIET = 10.0
"""Seconds after a refused message in which further ones are only counted."""

MOST_NAMED = 1000
"""So many SKUs in a message are no longer some."""

_LARGE = 100_000
"""Bytes of a message that is read beside the loop."""


class MqttSource:
    """Hears an ERP or WMS that publishes what changed, and all that it has when it is asked.

    It nets nothing: `on_hand` is all that is physically there. A message is a transaction of the publisher,
    so nothing is seen half. It is in the state before the broker is told that we have it: what is not, the
    broker sends again, and a number that passed is not taken twice.
    """

    def __init__(self, settings: MqttSourceSettings, name: str, dial: Dial) -> None:
        self._settings = settings
        self._name = name
        self._dial = dial
        self._broker = settings.broker(name)
        self._inbox = Inbox()
        self._asking = Asking(every=settings.ask_every)
        self._doubt = Doubt()
        self._ears: Ears | None = None
        self._lacked = ""
        self._refused_at = float("-inf")
        self._passed_over = 0

    async def collect(self, *, now: datetime, cursor: str) -> Snapshot:
        """Return what was heard since the snapshot of `cursor`, at once.

        Raises:
            PortError: nothing was ever said that one could begin with.
        """
        place = Place.read(cursor)
        if place is not None:
            self._inbox.drop(place)
        self._discard_foreign(place)
        at_hand = self._inbox.messages
        taken = take(place, at_hand, self._doubt.reason)
        if taken is None:
            # A broker that waits for us to have these would never send the full reading behind them.
            self._inbox.release(at_hand)
            self._ask(None, "there is nothing to begin with", now)
            raise PortError(Kind.TRANSIENT, f"{self._name}: {self._nothing_yet}")
        self._ask(taken.place, self._wanted(taken.place, now), now)
        snapshot = await asyncio.to_thread(self._snapshot, taken)
        self._inbox.offer(snapshot.cursor, at_hand)
        return snapshot

    def accepted(self, cursor: str) -> None:
        """Let the broker forget what the state has now."""
        self._inbox.accepted(cursor)
        place = Place.read(cursor)
        if place is None:
            return
        self._doubt.remembered(place.doubt)
        self._tell_lack(place.lacks)

    async def knock(self) -> None:
        """Return if the broker would let us in, under another name, so that nobody is thrown out.

        Raises:
            PortError: it would not, or is not there.
        """
        try:
            async with self._dial(replace(self._broker, client_id="", queues=False, silent=True)):
                return
        except SessionError as error:
            kind = Kind.AUTH_REVOKED if error.refused else Kind.TRANSIENT
            raise PortError(kind, f"{self._name}: {error}") from None

    # --- hearing -------------------------------------------------------------------------------------------

    async def listen(self, ears: Ears, leave: asyncio.Event) -> None:
        """Hear the publisher until `leave` is set; a broker that is lost is tried again for ever."""
        keeper = Keeper(
            self._broker,
            self._dial,
            events=ears.events,
            clock=ears.clock,
            source=self._name,
        )

        async def serve(session: Session) -> None:
            # Heard from the first moment on: a broker may wait for our word before it takes a subscription.
            await first(self._hear(session, ears), self._join(session, keeper, ears), leave.wait())

        self._ears = ears
        try:
            await keeper.run(serve, leave)
        finally:
            self._ears = None

    async def _join(self, session: Session, keeper: Keeper, ears: Ears) -> None:
        """Subscribe, and ask the publisher whenever there is something to ask; never ends."""
        await session.subscribe(self._broker.stock_topic(self._name))
        if not session.is_resumed:
            self._doubt.arise("the broker kept nothing for us while we were away")
        if keeper.connected() or self._doubt.reason:
            ears.ring(Look())
        while True:
            question = await self._asking.question()
            await session.publish(self._broker.ask_topic(self._name), question)
            self._asking.asked(question)

    async def _hear(self, session: Session, ears: Ears) -> None:
        topic = self._broker.stock_topic(self._name)
        async for message in session.messages():
            # An empty one only made the broker forget a retained one; another topic was that of a source that
            # is configured otherwise by now.
            if not message.payload or message.topic != topic:
                session.have(message)
                continue
            try:
                stock = await self._read(message, ears.clock.now())
            except ValueError as error:
                session.have(message)
                self._refuse(str(error), ears)
                self._want_all("a message could not be read", ears)
                continue
            self._keep(session, message, stock, ears)

    async def _read(self, message: Message, now: datetime) -> StockMessage:
        payload, retained = message.payload, message.retained
        if len(payload) > self._settings.max_bytes:
            raise ValueError(f"it has {len(payload)} bytes, more than {self._settings.max_bytes}")
        if len(payload) < _LARGE:
            return read_stock(payload, now=now, retained=retained)
        return await asyncio.to_thread(read_stock, payload, now=now, retained=retained)

    def _keep(self, session: Session, message: Message, stock: StockMessage, ears: Ears) -> None:
        if problem := self._inbox.put(stock, lambda: session.have(message)):
            self._refuse(problem, ears)
            self._want_all(problem, ears)
            return
        self._doubt.heard(stock)
        if stock.part < stock.parts:
            # The rest must not wait for the state to have what alone means nothing.
            self._inbox.release([stock])
            return
        skus = stock.skus
        is_some = skus and len(skus) <= MOST_NAMED and stock.kind is SnapshotKind.DELTA
        # Without lines it only says that nothing changed: the next cycle sees it early enough.
        if skus or stock.kind is SnapshotKind.FULL:
            ears.ring(Look(skus=skus) if is_some else Look())

    def _discard_foreign(self, place: Place | None) -> None:
        foreign = [one for one in self._inbox.messages if is_foreign(one, place)]
        self._inbox.discard(foreign)
        if foreign and self._ears:
            self._refuse("it was retained: publish stock without that", self._ears)

    def _refuse(self, because: str, ears: Ears) -> None:
        now = ears.clock.monotonic()
        if now - self._refused_at < QUIET:
            self._passed_over += 1
            return
        ears.events.tell(
            "stock_refused", source=self._name, because=because, passed_over=self._passed_over or None
        )
        self._refused_at, self._passed_over = now, 0

    def _want_all(self, because: str, ears: Ears) -> None:
        """Have a full reading asked for, by one ring however many messages are the reason."""
        is_news = not (self._doubt.reason or self._lacked)
        self._doubt.arise(because)
        if is_news:
            ears.ring(Look())

    # --- what it comes to ----------------------------------------------------------------------------------

    @property
    def _nothing_yet(self) -> str:
        topic = self._broker.stock_topic(self._name)
        if self._ears is None:
            return f"only the daemon hears what is published on {topic}; start `syncd run`"
        return f"no full reading was published on {topic} yet; it was asked for"

    def _snapshot(self, taken: Taken) -> Snapshot:
        """Return the messages that count as one snapshot."""
        place = taken.place
        answers = [self._one(message) for message in taken.messages] or [
            self._builder().build(as_of=place.as_of, kind=taken.kind)
        ]
        whole = joined(answers, kind=taken.kind, cursor=place.text())
        return replace(whole, as_of=place.as_of)

    def _one(self, message: StockMessage) -> Snapshot:
        builder = self._builder()
        only = self._settings.warehouses[0] if len(self._settings.warehouses) == 1 else None
        for at, line in enumerate(message.lines, 1):
            cells = line if only is None or WAREHOUSE in line else {WAREHOUSE: only, **line}
            builder.add(f"message {message.id} line {at}", cells)
        return builder.build(as_of=message.as_of, kind=message.kind)

    def _builder(self) -> SnapshotBuilder:
        return SnapshotBuilder(
            SourceName(self._name),
            warehouses=self._settings.warehouses,
            transfer_convention=self._settings.transfer_convention,
            blank_is_zero=self._settings.blank_is_zero,
        )

    # --- what is lacking -----------------------------------------------------------------------------------

    def _wanted(self, place: Place, now: datetime) -> str:
        """Return why a full reading is wanted, empty where none is."""
        if place.lacks:
            return place.lacks
        every = self._settings.full_every
        if every and now - place.full_at >= timedelta(seconds=every):
            return "the last one is old"
        return ""

    def _ask(self, place: Place | None, because: str, now: datetime) -> None:
        text = ask_text(
            because, publisher=place.publisher if place else "", since=place.seq if place else None
        )
        self._asking.want(text if because else b"", now)

    def _tell_lack(self, lacks: str) -> None:
        """Tell once that something is lacking, and once that it is there."""
        if self._ears is None or bool(lacks) == bool(self._lacked):
            return
        if lacks:
            self._ears.events.tell(
                "stock_missing", source=self._name, because=lacks, hint="all of its stock was asked for"
            )
        else:
            self._ears.events.tell("stock_whole", source=self._name)
        self._lacked = lacks
