"""What decides and pushes works with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncd.domain.model import ShopName
from syncd.services.carry import Carry
from syncd.services.collect import Collector
from syncd.services.foreign import ForeignWriters
from syncd.services.intake import Intake
from syncd.services.observe import Observer
from syncd.services.precedence import Precedence
from syncd.services.push import Pusher


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What cycles work with, and who lowers beside them; one pusher per shop.

    `precedence` is that of the gates where these call the shops. Without a `carry` every cycle looks at
    everything.
    """

    collector: Collector
    observer: Observer
    intake: Intake
    foreign: ForeignWriters
    pushers: Mapping[ShopName, Pusher]
    carry: Carry | None = None
    precedence: Precedence = field(default_factory=Precedence)
