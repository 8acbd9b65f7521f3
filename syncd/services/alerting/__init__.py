"""Tell people what is the matter, once, by whatever way reaches them; `open_alerting` puts it together."""

from syncd.services.alerting.alerting import Alerting, Hearing
from syncd.services.alerting.courier import Target
from syncd.services.alerting.inbox import Inbox
from syncd.services.alerting.opening import open_alerting

__all__ = ["Alerting", "Hearing", "Inbox", "Target", "open_alerting"]
