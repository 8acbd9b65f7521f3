"""Messages by Apprise: DingTalk, WeCom, Feishu, Slack, mail and whatever else it knows, named by a URL.

The library blocks, and writes whole URLs into its log; so it runs in a thread of its own and is not heard.
"""

import asyncio
import logging
import threading
from contextlib import suppress

from pydantic import SecretStr

from syncd.domain.alerts.kinds import Level
from syncd.domain.alerts.messages import Phase
from syncd.errors import Kind, PortError
from syncd.ports.alerts import Notice

_UNREADABLE = "its url is none that Apprise understands; correct it in the settings"
_REFUSED = "the service did not take it; see whether its url is still good and the service can be reached"
_BUSY = "the last message is still on its way"

_LOUDEST = logging.CRITICAL + 10


class AppriseSink:
    """One URL of Apprise; the URL is a secret and never part of an error, a repr or the log."""

    def __init__(self, url: SecretStr) -> None:
        self._url = url
        self._free = threading.Event()
        self._free.set()

    async def send(self, notice: Notice) -> None:
        """Send one message; one that is cancelled goes on unheard, and the next waits for its end.

        Raises:
            PortError: it was not accepted.
        """
        if not self._free.is_set():
            # A service that never answers must not collect threads.
            raise PortError(Kind.TRANSIENT, _BUSY, sent=False)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[PortError | None] = loop.create_future()

        def settle(failed: PortError | None) -> None:
            if not answer.done():
                answer.set_result(failed)

        def work() -> None:
            failed = _sent(self._url, notice)
            self._free.set()
            # The loop may be closed by now.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, failed)

        # A thread that nobody joins: the program can end though a service hangs.
        self._free.clear()
        threading.Thread(target=work, name="alert", daemon=True).start()
        failed = await answer
        if failed is not None:
            raise failed


def _sent(url: SecretStr, notice: Notice) -> PortError | None:
    """Return None if the service took the message; blocks, in a thread of its own."""
    try:
        return _notify(url, notice)
    except Exception as error:  # noqa: BLE001 - dozens of plug-ins, and any of them may quote its URL
        return PortError(Kind.TRANSIENT, f"the service could not be asked ({type(error).__name__})")


def _notify(url: SecretStr, notice: Notice) -> PortError | None:
    _silence()
    # Here, because the library takes half a second to load and many have no use for it.
    import apprise  # noqa: PLC0415

    asset = apprise.AppriseAsset(
        app_id="syncd", app_desc="syncd", app_url="", storage_mode=apprise.PersistentStoreMode.MEMORY
    )
    way = apprise.Apprise(asset=asset)
    if not way.add(url.get_secret_value()):
        return PortError(Kind.REJECTED, _UNREADABLE, sent=False)
    took = way.notify(
        title=notice.title,
        body=notice.body,
        notify_type=_type_of(notice),
        body_format=apprise.NotifyFormat.TEXT,
    )
    return None if took else PortError(Kind.TRANSIENT, _REFUSED)


def _type_of(notice: Notice) -> str:
    """Return what Apprise calls a message of that level."""
    if notice.message is not None and notice.message.phase is Phase.END:
        return "success"
    return {Level.INFO: "info", Level.WARNING: "warning", Level.CRITICAL: "failure"}[notice.level]


def _silence() -> None:
    """Make the library and the HTTP client that it uses say nothing: they would name tokens."""
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(_LOUDEST)
