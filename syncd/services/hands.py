"""What cycles work with."""

from collections.abc import Mapping
from dataclasses import dataclass

from syncd.domain.model import ShopName
from syncd.services.collect import Collector
from syncd.services.intake import Intake
from syncd.services.observe import Observer
from syncd.services.push import Pusher


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What a cycle works with; one pusher per shop."""

    collector: Collector
    observer: Observer
    intake: Intake
    pushers: Mapping[ShopName, Pusher]
