"""Put the telling of people together for one configuration."""

from collections.abc import Collection, Mapping

from syncd.config.alerts import LOG
from syncd.config.configuration import Configuration
from syncd.config.settings import CoreSettings
from syncd.domain.alerts.messages import Filter
from syncd.domain.alerts.words import Style
from syncd.ports.alerts import AlertSink
from syncd.ports.clock import Clock
from syncd.services.alerting.alerting import Alerting, Hearing, Seen
from syncd.services.alerting.courier import Target


def open_alerting(
    configuration: Configuration, sinks: Mapping[str, AlertSink], store: Seen, clock: Clock, hearing: Hearing
) -> Alerting:
    """Return what tells people by `sinks`: one for each target of the settings by its name, and `log`.

    Nothing is opened, read or sent before it runs.
    """
    table = configuration.settings.alerts
    zone, console = table.zone, _console(configuration.settings)
    max_ages = {name: source.core.max_age for name, source in configuration.sources.items()}
    targets = [
        Target(
            name=LOG,
            sink=sinks[LOG],
            filter=Filter(min_level=table.min_level, never=LOG),
            style=Style(zone=zone),
        )
    ]
    for target in table.to:
        wanted = Filter(
            min_level=target.min_level,
            kinds=frozenset(target.kinds) if target.kinds is not None else None,
            shops=frozenset(target.shops) if target.shops is not None else None,
            never=target.name,
        )
        style = Style(language=target.language or table.language, zone=zone, console=console)
        targets.append(Target(name=target.name, sink=sinks[target.name], filter=wanted, style=style))
    places: dict[str, Collection[str]] = {
        "shop": configuration.shops,
        "source": configuration.sources,
        "pool": [pool.name for pool in configuration.topology.pools],
        "target": [target.name for target in targets],
    }
    rules = table.rules(max_ages, places)
    return Alerting(store=store, clock=clock, hearing=hearing, rules=rules, targets=targets)


def _console(settings: CoreSettings) -> str:
    """Return where people reach the console, as far as the settings say; empty where they do not."""
    http = settings.http
    if settings.alerts.console or not (http.port and http.hosts):
        return settings.alerts.console
    port = "" if http.proxies else f":{http.port}"
    return f"{'https' if http.is_encrypted else 'http'}://{http.hosts[0]}{port}"
