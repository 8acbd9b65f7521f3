"""Carry the changes of a plan out to one shop, so that neither a crash nor a lost reply can sell too much."""

from syncd.services.push.backlog import Backlog
from syncd.services.push.ordering import changes_by_shop
from syncd.services.push.pusher import Pusher
from syncd.services.push.report import PushEvent, PushReport, PushSettings, Remark

__all__ = ["Backlog", "PushEvent", "PushReport", "PushSettings", "Pusher", "Remark", "changes_by_shop"]
