"""Alerts in English."""

from syncd.domain.alerts.kinds import AlertKind, Level
from syncd.domain.alerts.messages import Phase
from syncd.domain.alerts.wording import KindWords, Words

_AUTHORIZE = "Have the app authorized again, correct the shop's tokens in the settings and reload syncd."

ENGLISH = Words(
    levels={Level.INFO: "Info", Level.WARNING: "Warning", Level.CRITICAL: "Critical"},
    phases={
        Phase.BEGIN: "{level}: {what}",
        Phase.END: "Over: {what}",
        Phase.REMINDER: "Still {level}: {what}",
        Phase.FLAPPING: "{level}, comes and goes: {what}",
        Phase.QUIET: "Alerts of the quiet hours: {count}",
        Phase.MISSED: "Alerts that could not be sent before: {count}",
    },
    since="since {begin}",
    over="{begin} to {end}",
    more="... and {count} more",
    test_title="Test: alerts of syncd arrive here",
    test_body="Somebody asked for it by `syncd alerts --test`. Nothing is the matter.",
    kinds={
        AlertKind.LOW_STOCK: KindWords(
            "low stock of {sku} in pool {pool}",
            "low stock of {count} SKUs in pool {place}",
            "{sku}: {units} left",
            "Order more; or lower notice_level if that is plenty.",
        ),
        AlertKind.OVERSOLD: KindWords(
            "{sku} is oversold in pool {pool}",
            "{count} SKUs are oversold in pool {place}",
            "{sku}: {units} more sold than there are",
            "Nothing of it is raised now. Find units or cancel orders; `syncd explain SKU` says who sold.",
        ),
        AlertKind.BACKORDERED: KindWords(
            "{sku} is sold on virtual stock in pool {pool}",
            "{count} SKUs are sold on virtual stock in pool {place}",
            "{sku}: {units} sold that have yet to arrive",
            "See that the supply comes in time.",
        ),
        AlertKind.OVERLOCKED: KindWords(
            "the ERP locks more of {sku} than there is in pool {pool}",
            "the ERP locks more of {count} SKUs than there is in pool {place}",
            "{sku}: {units} too many",
            "Correct the lock in the ERP.",
        ),
        AlertKind.OVERTRANSFERRED: KindWords(
            "more of {sku} is to be transferred than there is in pool {pool}",
            "more of {count} SKUs is to be transferred than there is in pool {place}",
            "{sku}: {units} too many",
            "Correct the transfer in the ERP.",
        ),
        AlertKind.LOCKS_CUT: KindWords(
            "locks on {sku} hold more than there is in pool {pool}",
            "locks on {count} SKUs hold more than there is in pool {place}",
            "{sku}: {units} locked that are not there",
            "Receive more, or end a lock: `syncd lock list`.",
        ),
        AlertKind.DELISTED: KindWords(
            "listing {listing} of shop {shop} is off sale",
            "{count} listings of shop {place} are off sale",
            "{listing} ({sku}): {cause}, by {rule}",
            "It comes back by itself once stock is above relist_level.",
        ),
        AlertKind.RELISTED: KindWords(
            "listing {listing} of shop {shop} is on sale again",
            "{count} listings of shop {place} are on sale again",
            "{listing} ({sku}): {cause}, by {rule}",
            "Nothing is to be done.",
        ),
        AlertKind.PUT_BACK: KindWords(
            "somebody put listing {listing} of shop {shop} back on sale, or took it off",
            "somebody put {count} listings of shop {place} back on sale, or took them off",
            "{listing}: {because}",
            "Ask who did it: syncd leaves such a listing alone until its stock changes.",
        ),
        AlertKind.DRIFT: KindWords(
            "counters of shop {shop} moved that no known order explains",
            "counters of {count} shops moved that no known order explains",
            "last: {listing} ({sku}) by {by}",
            "A shop that tells its orders should show few of these; `syncd explain SKU` says what moved.",
        ),
        AlertKind.FOREIGN_WRITER: KindWords(
            "somebody else writes listing {listing} of shop {shop}",
            "somebody else writes {count} listings of shop {place}",
            "{listing}: {because}",
            "Switch off the other writer, such as the ERP's own upload; until then nothing is raised there.",
        ),
        AlertKind.LISTING_FAILING: KindWords(
            "shop {shop} refuses a write of listing {listing}",
            "shop {place} refuses writes of {count} listings",
            "{listing}: {because}",
            "Correct the listing in the shop; its units stay reserved until it can be written.",
        ),
        AlertKind.LISTING_UNBOUND: KindWords(
            "listing {listing} of shop {shop} is bound to no SKU",
            "{count} listings of shop {place} are bound to no SKU",
            "{listing} (code {code}): {because}",
            "syncd does not touch them. `syncd listings --unbound` shows the candidates.",
        ),
        AlertKind.BINDING_HELD: KindWords(
            "another code would bind listing {listing} of shop {shop} anew, which is held",
            "{count} listings of shop {place} would be bound anew, which is held",
            "{listing} (code {code}): {because}",
            "See which SKU it really is: `syncd listings`.",
        ),
        AlertKind.SOURCE_FAILING: KindWords(
            "source {source} cannot be read",
            "{count} sources cannot be read",
            "{error}",
            "Its last good figures stay; sales still lower, nothing is raised once they are too old.",
        ),
        AlertKind.SOURCE_EMPTIED: KindWords(
            "source {source} lost its stock all at once, which is not believed",
            "{count} sources lost their stock all at once",
            "{error}",
            "Look at the ERP. If it is right, the limit is max_missing of the source.",
        ),
        AlertKind.SOURCE_STALE: KindWords(
            "the figures of source {source} are {minutes} minutes old",
            "the figures of {count} sources are too old",
            "{minutes} minutes, the limit is {limit}",
            "Nothing is raised or put back on sale until it answers again.",
        ),
        AlertKind.SHOP_FAILING: KindWords(
            "shop {shop} cannot be read",
            "{count} shops cannot be read",
            "{error}",
            "syncd goes on trying; its units stay reserved.",
        ),
        AlertKind.SHOP_BLOCKED: KindWords(
            "shop {shop} refuses its credentials",
            "{count} shops refuse their credentials",
            "{because}",
            _AUTHORIZE,
        ),
        AlertKind.CIRCUIT_OPEN: KindWords(
            "shop {shop} fails call after call and is left alone for a while",
            "{count} shops fail call after call",
            "{shop}",
            "syncd tries again by itself; look whether the platform says that it is down.",
        ),
        AlertKind.ORDERS_FAILING: KindWords(
            "the orders of shop {shop} cannot be read",
            "the orders of {count} shops cannot be read",
            "{error}",
            "Nothing that depends on them is raised; `syncd shops` says since when.",
        ),
        AlertKind.ORDER_DOUBTED: KindWords(
            "order {order} of shop {shop} is not understood",
            "{count} order lines of shop {place} are not understood",
            "{order}, line {line}: {because}",
            "It takes units until it is clear. `syncd orders` shows it.",
        ),
        AlertKind.TOKENS_EXPIRING: KindWords(
            "the tokens of shop {shop} expire soon, days left: {days}",
            "the tokens of {count} shops expire soon",
            "expires {expires}",
            _AUTHORIZE,
        ),
        AlertKind.TOKENS_FAILING: KindWords(
            "the tokens of shop {shop} cannot be renewed",
            "the tokens of {count} shops cannot be renewed",
            "{error}",
            _AUTHORIZE,
        ),
        AlertKind.PLAN_HELD: KindWords(
            "changes of shop {shop} are held",
            "changes of {count} shops are held",
            "{because}",
            "Look whether the figures are right, then approve or reject the plan.",
        ),
        AlertKind.BACKLOG: KindWords(
            "shop {shop} took no decrease for {minutes} minutes",
            "{count} shops took no decrease for too long",
            "{count} listings may show more than there is; the oldest waits {minutes} minutes, the limit is "
            "{limit}",
            "It may sell what is not there: see why with `syncd shops`, or pause sales in the shop.",
        ),
        AlertKind.CYCLE_STUCK: KindWords(
            "a cycle hangs",
            "{count} cycles hang",
            "no cycle ended within {seconds} seconds",
            "systemd starts syncd again; raise cycle.stuck_after if cycles really take so long.",
        ),
        AlertKind.RELOAD_REFUSED: KindWords(
            "the new configuration cannot be used",
            "the new configuration cannot be used",
            "the old one goes on",
            "`syncd check` says what is wrong with it.",
        ),
        AlertKind.MQTT_LOST: KindWords(
            "the broker {broker} cannot be reached",
            "{count} brokers cannot be reached",
            "{error}",
            "Cycles go on without it; see [mqtt] in the settings.",
        ),
        AlertKind.HOOK_REFUSED: KindWords(
            "messages to the webhook of shop {shop} are refused",
            "messages to {count} webhooks are refused",
            "{because}, {count} times",
            "Somebody without the secret sends them, or the secret in the settings is another one.",
        ),
        AlertKind.TARGET_FAILING: KindWords(
            "alerts cannot be sent to {target}",
            "alerts cannot be sent to {count} targets",
            "{because}",
            "What it missed comes as one message later. `syncd alerts --test` tries it.",
        ),
    },
)
