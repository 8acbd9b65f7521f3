"""What takes care of the state, by the settings of `[state]`."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from syncd.adapters.state import Care, FileCopies
from syncd.config.configuration import Configuration
from syncd.domain.model import ShopName
from syncd.domain.records import RequestRow
from syncd.ports.care import PurgeStore, StateCopies
from syncd.ports.channel import Channel
from syncd.ports.clock import Clock
from syncd.ports.events import Events
from syncd.ports.store import Store
from syncd.runtime.engine import WHOLE_READING, Opened, rules_of
from syncd.services.audit import REPAIR, Audit, Ground, Repairing
from syncd.services.audit.shops import Counter
from syncd.services.purging import Purging, Retention
from syncd.services.traits import shop_traits


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


def _ground(configuration: Configuration, channels: Mapping[ShopName, Channel]) -> Ground:
    return Ground(
        topology=configuration.topology,
        traits={name: shop_traits(channel.traits) for name, channel in channels.items()},
        rules=rules_of(configuration, channels),
        fingerprint=configuration.fingerprint,
    )


def make_repairs(
    configuration: Configuration, channels: Mapping[ShopName, Channel], store: Store, clock: Clock
) -> dict[str, Callable[[RequestRow], Awaitable[str]]]:
    """Return who carries out the request for a repair, by its verb."""
    return {REPAIR: Repairing(_ground(configuration, channels), store=store, clock=clock).obey}


def make_audit(configuration: Configuration, opened: Opened, store: Store, clock: Clock) -> Audit:
    """Return what works out every figure anew, and can read every shop."""
    cores = {name: shop.core for name, shop in configuration.shops.items()}
    shops = [
        Counter(
            shop=name,
            channel=channel,
            gate=opened.gates[name],
            timeout=cores[name].timeout * WHOLE_READING,
            overlap=timedelta(seconds=cores[name].orders_overlap),
        )
        for name, channel in opened.channels.items()
    ]
    return Audit(_ground(configuration, opened.channels), store=store, clock=clock, shops=shops)
