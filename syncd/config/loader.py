"""Load a configuration: all of it checked, or all of its problems at once."""

from collections.abc import Mapping
from pathlib import Path

from syncd.config.alert_checks import check_alerts
from syncd.config.checks import check_tables
from syncd.config.compose import compose_shops, compose_sources, compose_topology
from syncd.config.configuration import Configuration
from syncd.config.documents import read_documents
from syncd.config.drafts import Drafts, read_drafts
from syncd.config.environment import override, refuse_unknown
from syncd.config.fingerprint import fingerprint
from syncd.config.http import HttpTable
from syncd.config.mqtt import MqttTable
from syncd.config.problems import Problems
from syncd.config.registry import Registry
from syncd.config.secrets import Secrets
from syncd.config.settings import CoreSettings
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
    sources, shops = compose_sources(drafts), compose_shops(drafts)
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
        mqtt=_mqtt(drafts, path),
        alerts=drafts.alerts.model,
        http=_http(drafts, path),
        hooks=drafts.hooks.model,
    )


def _mqtt(drafts: Drafts, path: Path) -> MqttTable:
    table = drafts.mqtt.model
    if table.ca is None:
        return table
    return table.model_copy(update={"ca": path.absolute().parent / table.ca})


def _http(drafts: Drafts, path: Path) -> HttpTable:
    table, folder = drafts.http.model, path.absolute().parent
    files = {"tls_cert": table.tls_cert, "tls_key": table.tls_key}
    return table.model_copy(update={key: folder / file for key, file in files.items() if file is not None})


def _all_secrets_seen(drafts: Drafts) -> bool:
    """Return whether every table that may name an environment variable was read."""
    adapters = [
        *(source.adapter for source in drafts.sources.values()),
        *(shop.adapter for shop in drafts.shops.values()),
    ]
    return drafts.whole and None not in adapters
