"""Ask for something that whoever pushes has to carry out: the daemon, or we ourselves."""

from dataclasses import dataclass

from syncd.bootstrap import App
from syncd.cli.naming import person
from syncd.errors import UsageError

POLL = 0.2
"""Seconds between two looks for an answer."""

_REFUSED = "refused: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a request; `by_daemon` says whether another process carried it out."""

    text: str
    by_daemon: bool


async def ask(app: App, verb: str, argument: str) -> Answer:
    """Leave a request and return its answer; where nobody pushes it is carried out here and now.

    Raises:
        UsageError: it was refused.
    """
    number = await app.store.ask(verb, argument, at=app.clock.now(), by=person())
    by_daemon = True
    while not (text := await app.store.answered(number)):
        # Tried again and again: whoever pushes may end before it has seen the request.
        async with app.lock.held() as mine:
            if mine:
                await app.requests.obey()
                by_daemon = False
                continue
        await app.clock.sleep(POLL)
    if text.startswith(_REFUSED):
        raise UsageError(text.removeprefix(_REFUSED))
    return Answer(text=text, by_daemon=by_daemon)
