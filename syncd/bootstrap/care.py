"""What takes care of the state, by the settings of `[state]`."""

from syncd.adapters.state import Care, FileCopies
from syncd.config.configuration import Configuration
from syncd.ports.care import PurgeStore, StateCopies
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.services.purging import Purging, Retention


def open_copies(configuration: Configuration) -> StateCopies:
    """Return what copies the state and puts copies in its place; nothing is opened yet."""
    return FileCopies(configuration.settings.state.dir, care=care_of(configuration))


def care_of(configuration: Configuration) -> Care:
    """Return how many copies are kept, and what tells the room on the disk."""
    return Care(keep=configuration.settings.state.backups)


def make_purging(configuration: Configuration, store: PurgeStore, clock: Clock, events: Events) -> Purging:
    """Return what forgets what is old."""
    return Purging(store=store, clock=clock, events=events, retention=_retention(configuration))


def _retention(configuration: Configuration) -> Retention:
    state = configuration.settings.state
    return Retention(
        ledger=state.ledger_days,
        orders=state.orders_days,
        intents=state.intents_days,
        requests=state.requests_days,
        locks=state.locks_days,
        alerts=state.alerts_days,
    )
