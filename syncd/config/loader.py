"""Load a configuration: all of it checked, or all of its problems at once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from syncd.config.alert_checks import check_alerts
from syncd.config.checks import check_tables
from syncd.config.compose import compose_shops, compose_sources, compose_topology
from syncd.config.configuration import Configuration, SourceConfig
from syncd.config.documents import read_documents
from syncd.config.drafts import Drafts, read_drafts
from syncd.config.environment import override, refuse_unknown
from syncd.config.fingerprint import fingerprint
from syncd.config.mqtt import BrokerTable
from syncd.config.problems import Problems
from syncd.config.registry import Registry
from syncd.config.secrets import Secrets
from syncd.config.settings import CoreSettings
from syncd.domain.model import SourceName
from syncd.errors import ConfigError


def load(path: Path, *, environ: Mapping[str, str], registry: Registry) -> Configuration:
    """Return the configuration that `path`, what it includes and `environ` make up.

    Raises:
        ConfigError: something is wrong; it holds every problem, and no value that was written.
    """
    problems = Problems(str(path))
    documents = read_documents(path, problems)
    override(documents, environ, problems)
    secrets = Secrets(environ, problems)
    drafts = read_drafts(documents, registry, secrets, problems)
    check_tables(drafts, problems)
    check_alerts(drafts, problems)
    if _all_secrets_seen(drafts):
        refuse_unknown(environ, secrets.variables, problems)
    if problems.found:
        raise ConfigError(problems.ordered(str(file) for file in documents.files))
    topology = compose_topology(drafts)
    sources, shops = _rooted(compose_sources(drafts), path), compose_shops(drafts)
    return Configuration(
        file=path,
        files=tuple(documents.files),
        settings=_settings(drafts, path),
        topology=topology,
        sources=sources,
        shops=shops,
        notes=tuple(problems.notes),
        fingerprint=fingerprint(topology, sources, shops),
    )


def _settings(drafts: Drafts, path: Path) -> CoreSettings:
    # A state folder that depends on where a command is started would be two states.
    folder = path.absolute().parent / drafts.state.model.dir
    return CoreSettings(
        state=drafts.state.model.model_copy(update={"dir": folder}),
        cycle=drafts.cycle.model,
        guard=drafts.guard.model,
        log=drafts.log.model,
        mqtt=drafts.mqtt.model.rooted(path.absolute().parent),
        alerts=drafts.alerts.model,
        http=drafts.http.model.rooted(path.absolute().parent),
        hooks=drafts.hooks.model,
    )


def _rooted(sources: Mapping[SourceName, SourceConfig], path: Path) -> dict[SourceName, SourceConfig]:
    """Return the sources with the files of brokers where they are, as those of `[mqtt]`."""
    folder = path.absolute().parent
    return {
        name: replace(source, options=source.options.rooted(folder))
        if isinstance(source.options, BrokerTable)
        else source
        for name, source in sources.items()
    }


def _all_secrets_seen(drafts: Drafts) -> bool:
    """Return whether every table that may name an environment variable was read."""
    adapters = [
        *(source.adapter for source in drafts.sources.values()),
        *(shop.adapter for shop in drafts.shops.values()),
    ]
    return drafts.whole and None not in adapters
