"""Name what decides quantities by one short text, so that a changed configuration is seen as such."""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

from pydantic import SecretBytes, SecretStr
from pydantic_core import to_jsonable_python

from syncd.config.configuration import ShopConfig, SourceConfig
from syncd.domain.topology import GuardLimits, PolicyName, Topology

# These say when and how safely a call is made, not what it says.
_NOT_DECIDING = frozenset({"timeout"})


def fingerprint(
    topology: Topology, sources: Mapping[Any, SourceConfig], shops: Mapping[Any, ShopConfig]
) -> str:
    """Return the SHA-256 of what decides quantities; guard, policies, timing and secrets do not."""
    deciding = replace(
        topology,
        policy=PolicyName.FULL,
        shops=tuple(replace(shop, policy=PolicyName.FULL, guard=GuardLimits()) for shop in topology.shops),
    )
    parts = {
        "topology": to_jsonable_python(deciding),
        "sources": {name: _adapter(each) for name, each in sources.items()},
        "shops": {name: _adapter(each) for name, each in shops.items()},
    }
    return sha256(json.dumps(parts, sort_keys=True, default=_plain).encode()).hexdigest()


def _adapter(config: SourceConfig | ShopConfig) -> dict[str, object]:
    options = config.options.model_dump(exclude=set(_NOT_DECIDING), warnings=False)
    return {"type": config.core.type, "options": options}


def _plain(value: object) -> object:
    """Return what JSON does not know as something it knows; a secret becomes nothing."""
    if isinstance(value, SecretStr | SecretBytes):
        return None
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    # The text of an unknown object may name an address in memory, which is no setting.
    return to_jsonable_python(value, fallback=lambda other: type(other).__name__)
