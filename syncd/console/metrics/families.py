"""Every metric there is: its name, what it says, and its labels, none of which grows with the catalogue."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """How a metric moves: only up, both ways, or as counts of how long things took."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One metric; `help_` is a line for people, `buckets` the bounds of a histogram without the last."""

    name: str
    kind: Kind
    help_: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_FAMILIES: dict[str, Family] = {}
FAMILIES = MappingProxyType(_FAMILIES)
"""All of them by name, in the order in which people should read them."""


def _family(family: Family) -> Family:
    _FAMILIES[family.name] = family
    return family


def _counter(name: str, help_: str, *labels: str) -> Family:
    return _family(Family(name=name, kind=Kind.COUNTER, help_=help_, labels=labels))


def _gauge(name: str, help_: str, *labels: str) -> Family:
    return _family(Family(name=name, kind=Kind.GAUGE, help_=help_, labels=labels))


def _histogram(name: str, help_: str, buckets: tuple[float, ...], *labels: str) -> Family:
    return _family(Family(name=name, kind=Kind.HISTOGRAM, help_=help_, labels=labels, buckets=buckets))


_CYCLES = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)
_DELAYS = (0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 14400, 86400)
_REQUESTS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_LAGS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)

# --- cycles ------------------------------------------------------------------------------------------------

CYCLE_SECONDS = _histogram(
    "syncd_cycle_duration_seconds",
    "How long cycles took: for everything (whole), for SKUs that were named, or lowering at once beside one.",
    _CYCLES,
    "scope",
)
LAST_CYCLE = _gauge(
    "syncd_last_cycle_timestamp_seconds",
    "When the last cycle for everything ended; before the first, when syncd started.",
)
CYCLE_FAILURES = _counter(
    "syncd_cycle_failures_total",
    "What went wrong in cycles: sources, shops, refused lines and lines without an answer.",
)
HELD = _gauge("syncd_held_changes", "Changes that the guard holds until a person has looked.", "shop")
HELD_SINCE = _gauge(
    "syncd_held_since_timestamp_seconds",
    "Since when the guard holds something of the shop; none where it holds nothing.",
    "shop",
)

# --- writes ------------------------------------------------------------------------------------------------

CHANGES = _counter(
    "syncd_changes_pushed_total", "Changes that shops accepted, by what they did.", "shop", "kind"
)
UNITS = _counter(
    "syncd_units_pushed_total",
    "Units by which counters were raised or lowered where their old figure was known.",
    "shop",
    "direction",
)
WRITES = _counter(
    "syncd_writes_total",
    "Planned changes by how they ended: done, refused, unknown (no answer), or not tried.",
    "shop",
    "outcome",
)
SPARED = _counter(
    "syncd_writes_spared_total", "Figures that changed and needed no write: the counter read right.", "shop"
)
UNRESOLVED = _gauge(
    "syncd_unresolved_writes", "Writes whose outcome nobody knows yet; their listings are read again.", "shop"
)
PENDING = _gauge("syncd_pending_decreases", "Decreases that the shop has not accepted yet.", "shop")
PENDING_HELD = _gauge(
    "syncd_pending_decreases_held", "Those of them that the guard or a policy keeps back.", "shop"
)
OLDEST = _gauge(
    "syncd_oldest_pending_decrease_age_seconds",
    "How long the oldest decrease waits that nothing keeps back, 0 where none does.",
    "shop",
)

# --- delays ------------------------------------------------------------------------------------------------

SALE_TO_SEEN = _histogram(
    "syncd_sale_to_seen_seconds", "From a sale until it was seen, in the shop that sold.", _DELAYS, "shop"
)
DECISION_TO_ACCEPTED = _histogram(
    "syncd_decision_to_accepted_seconds",
    "From the decision to lower a counter until the shop accepted it.",
    _DELAYS,
    "shop",
)
SALE_TO_ACCEPTED = _histogram(
    "syncd_sale_to_accepted_seconds",
    "From a sale until another shop accepted the decrease that follows from it, in that other shop.",
    _DELAYS,
    "shop",
)

# --- calls -------------------------------------------------------------------------------------------------

CALLS = _counter("syncd_shop_calls_total", "Calls that the budget let out, by what for.", "shop", "use")
THROTTLED = _counter("syncd_shop_throttled_total", "Calls that the shop throttled.", "shop")
BUDGET = _gauge(
    "syncd_shop_call_budget",
    "Calls a second that the budget gives; throttling lowers it for a while.",
    "shop",
)
PAUSE = _gauge("syncd_shop_pause_seconds", "How long the shop still wants to be left alone.", "shop")

# --- shops -------------------------------------------------------------------------------------------------

SHOP_UP = _gauge(
    "syncd_shop_up", "1 while the shop can be read and written; 0 while it fails or is blocked.", "shop"
)
SHOP_BLOCKED = _gauge(
    "syncd_shop_blocked", "1 while a person must act: revoked credentials, a wrong signature.", "shop"
)
CIRCUIT = _gauge(
    "syncd_shop_circuit_open", "1 while the shop is left alone because call after call failed.", "shop"
)
SHOP_STATUS = _gauge("syncd_shop_status", "1 for the status that people gave the shop.", "shop", "status")
OBSERVED = _gauge("syncd_shop_observed_timestamp_seconds", "When the shop was last read whole.", "shop")
ORDERS_UP = _gauge("syncd_orders_up", "1 while the orders of the shop can be read.", "shop")
ORDERS_READ = _gauge(
    "syncd_orders_read_timestamp_seconds", "Up to when the orders of the shop are known.", "shop"
)
TOKENS_EXPIRE = _gauge(
    "syncd_tokens_expire_timestamp_seconds",
    "When a token ends: the access token, or the grant, which only a person can renew.",
    "shop",
    "token",
)
TOKENS_RENEWED = _counter("syncd_tokens_renewed_total", "Renewals of tokens that went well.", "shop")
TOKENS_FAILING = _counter(
    "syncd_token_outages_total", "Times that the tokens of a shop could not be renewed any more.", "shop"
)

# --- listings and stock ------------------------------------------------------------------------------------

LISTINGS = _gauge("syncd_listings", "Listings by how they stand.", "shop", "state")
CLAIMS = _gauge("syncd_open_claims", "Order lines that no snapshot of a source contains yet.", "shop")
DRIFT = _counter(
    "syncd_drift_total", "Counters found to read something else than sales and writes explain.", "shop"
)
FOREIGN = _counter("syncd_foreign_writers_total", "Listings found that somebody else keeps raising.", "shop")
NOTICE_SKUS = _gauge(
    "syncd_stock_notice_skus",
    "SKUs of a pool that are low (low_stock), promised twice (oversold), or lack units otherwise.",
    "pool",
    "notice",
)
NOTICE_UNITS = _gauge(
    "syncd_stock_notice_units", "The units that are left of them, or that they lack.", "pool", "notice"
)

# --- sources -----------------------------------------------------------------------------------------------

SOURCE_UP = _gauge("syncd_source_up", "1 while the source answers and its answers are believed.", "source")
SOURCE_AT = _gauge(
    "syncd_source_snapshot_timestamp_seconds", "The time of the figures that count now.", "source"
)
SNAPSHOTS = _counter("syncd_source_snapshots_total", "Snapshots that were accepted.", "source", "kind")
SOURCE_ROWS = _gauge("syncd_source_rows", "Rows of the last accepted snapshot.", "source")
SOURCE_BAD = _gauge(
    "syncd_source_bad_rows", "Rows of it that were not believed, and keep their last figures.", "source"
)

# --- alerts, webhooks, MQTT, HTTP --------------------------------------------------------------------------

ALERTS = _gauge("syncd_alerts_open", "Alerts that are open.", "level")
HOOKS = _counter(
    "syncd_hook_deliveries_total",
    "Webhooks by what became of them; the shop is empty where it has no hook.",
    "shop",
    "verdict",
)
MQTT_UP = _gauge("syncd_mqtt_connected", "1 while the broker is connected; only where one is configured.")
MQTT_LOST = _counter(
    "syncd_mqtt_letters_lost_total", "Messages that were dropped because the broker was away for too long."
)
TRIGGERS_REFUSED = _counter("syncd_mqtt_triggers_refused_total", "Messages of the broker that say nothing.")
HTTP_REQUESTS = _counter(
    "syncd_http_requests_total", "Requests by the template of their route.", "method", "route", "status"
)
HTTP_SECONDS = _histogram(
    "syncd_http_request_duration_seconds",
    "How long answers took; without streams, which have no end.",
    _REQUESTS,
    "route",
)
LIVE_CLIENTS = _gauge("syncd_live_clients", "How many watch the server-sent events.")

# --- state and process -------------------------------------------------------------------------------------

EVENTS = _counter("syncd_events_total", "Events by name, as the log has them.", "event")
LEDGER = _gauge("syncd_ledger_rows", "Rows of the ledger.")
STATE_BYTES = _gauge("syncd_state_bytes", "Bytes of the database of the state.")
SURVEYED = _gauge(
    "syncd_survey_timestamp_seconds", "When shops, sources and what waits were last looked at for this page."
)
TALLIED = _gauge(
    "syncd_tally_timestamp_seconds", "When listings, claims and the ledger were last counted for this page."
)
LAG = _histogram("syncd_event_loop_lag_seconds", "How much later than it asked for a task was woken.", _LAGS)
STARTED = _gauge("syncd_start_timestamp_seconds", "When syncd was started.")
BUILD = _gauge("syncd_build_info", "1, with the version.", "version", "python")
