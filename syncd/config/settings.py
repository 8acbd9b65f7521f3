"""The core settings, table by table; adapters add their own keys to sources and shops."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from syncd.config.alerts import AlertsTable
from syncd.config.hooks import HooksTable, HookTable
from syncd.config.http import HttpTable
from syncd.config.mqtt import MqttTable
from syncd.config.scalars import (
    OneOrMore,
    PackUnits,
    Percent,
    Seconds,
    SomeSeconds,
    Text,
    Texts,
    Units,
    Until,
    Weight,
    Whole,
    seconds,
)
from syncd.config.state import StateTable
from syncd.domain.model import LARGEST, TransferConvention
from syncd.domain.ordering.rules import Occupies
from syncd.domain.topology import Assemble, GuardLimits, PolicyName, PoolMode, Repeated

_TABLE = ConfigDict(extra="forbid", frozen=True)


class LogLevel(StrEnum):
    """The least important message that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How messages look; `auto` is `console` on a terminal and `json` elsewhere."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


class CycleTable(BaseModel):
    """`[cycle]`: when syncd looks, and how carefully it acts."""

    model_config = _TABLE

    every: SomeSeconds = Field(default=seconds("1m"), description="Time between two cycles.")
    jitter: Seconds = Field(default=seconds("5s"), description="Most time a cycle is put off at random.")
    stop_within: SomeSeconds = Field(
        default=seconds("20s"), description="How long writes under way may take to finish when syncd stops."
    )
    stuck_after: SomeSeconds = Field(
        default=seconds("1h"),
        description="A cycle that takes longer hangs: systemd, if it watches, starts syncd again.",
    )
    observe_every: Seconds = Field(
        default=seconds("0s"), description="Time between two readings of a whole shop; 0s is each cycle."
    )
    policy: PolicyName = Field(
        default=PolicyName.FULL, description="Filter over all plans: which changes may go out at all."
    )
    approve_for: SomeSeconds = Field(default=seconds("30m"), description="How long an approval holds.")
    risk: Annotated[float, Strict(), Field(gt=0, lt=1, allow_inf_nan=False)] = Field(
        default=0.001,
        description="The risk of overselling that buffers and levels are advised for; it changes no figure.",
    )
    full_every: SomeSeconds = Field(
        default=seconds("1h"),
        description="How often a source that answers with changes only is read in full.",
    )


class GuardTable(BaseModel):
    """`[guard]` and `[shops.NAME.guard]`: how much one plan may change because of a snapshot."""

    model_config = _TABLE

    max_off_percent: Percent = Field(
        default=30, description="Most listings on sale, in percent, that may go to zero or off in a window."
    )
    max_off_count: Units = Field(
        default=LARGEST, description="Most listings that may go to zero or off sale in a window."
    )
    max_raised_percent: Units = Field(
        default=300, description="Most units that may be added in a window, in percent of those on sale."
    )
    max_raised_units: Units = Field(default=LARGEST, description="Most units that may be added in a window.")
    from_listings: Units = Field(
        default=10, description="The percentages count from so many listings on sale; all at once never pass."
    )
    window: SomeSeconds = Field(default=seconds("1h"), description="The time over which changes are summed.")

    def limits(self) -> GuardLimits:
        """Return the limits as the domain knows them."""
        return GuardLimits(
            max_off_percent=self.max_off_percent,
            max_off_count=self.max_off_count,
            max_raised_percent=self.max_raised_percent,
            max_raised_units=self.max_raised_units,
            from_listings=self.from_listings,
            window_seconds=self.window,
        )

    def over(self, base: Self) -> Self:
        """Return these limits where they were written, those of `base` where not."""
        return base.model_copy(update={key: getattr(self, key) for key in self.model_fields_set})


class LogTable(BaseModel):
    """`[log]`: what syncd writes about itself."""

    model_config = _TABLE

    level: LogLevel = Field(default=LogLevel.INFO, description="The least important message written.")
    format: LogFormat = Field(
        default=LogFormat.AUTO, description="Lines for machines or for people; auto looks at the terminal."
    )


class CoreSettings(BaseSettings):
    """The tables that stand once; `SYNCD_TABLE__KEY` in the environment wins over the file."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="SYNCD_", env_nested_delimiter="__"
    )

    state: StateTable = Field(default=StateTable(), description="What syncd remembers.")
    cycle: CycleTable = Field(default=CycleTable(), description="When syncd looks, how carefully it acts.")
    guard: GuardTable = Field(default=GuardTable(), description="How much one plan may change.")
    log: LogTable = Field(default=LogTable(), description="What syncd writes about itself.")
    mqtt: MqttTable = Field(default=MqttTable(), description="A broker that hears and may say look now.")
    alerts: AlertsTable = Field(default=AlertsTable(), description="What people are told, when and how.")
    http: HttpTable = Field(default=HttpTable(), description="The console, the API, metrics and hooks.")
    hooks: HooksTable = Field(default=HooksTable(), description="How much anybody may send to the hooks.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read nothing but what the loader hands over; it asks the environment itself, key by key."""
        return (init_settings,)


class SourceTable(BaseModel):
    """The core keys of `[sources.NAME]`."""

    model_config = _TABLE

    type: Text = Field(description="The kind of source: a built-in word or a plug-in's.")
    warehouses: Texts = Field(description="The warehouses it counts, by the names that it uses itself.")
    transfer_convention: TransferConvention = Field(
        default=TransferConvention.UNTIL_SHIPPED,
        description="How long it keeps transfer_out open: until the goods leave, or until they arrive.",
    )
    unsellable_suffix: Annotated[str, Field(max_length=20, pattern=r"^\S*$")] = Field(
        default="", description="Ending of the codes that count unsellable units of a SKU; empty for none."
    )
    max_age: SomeSeconds = Field(
        default=seconds("1h"), description="How old its figures may be before nothing is raised on them."
    )
    max_missing: Percent = Field(
        default=5, description="A full snapshot that lacks more percent of its SKUs than this is refused."
    )
    timeout: SomeSeconds = Field(default=seconds("60s"), description="How long one call to it may take.")


class RuleValues(BaseModel):
    """The values that pools, shops and overrides may set; the last that matches a SKU wins, one by one."""

    model_config = _TABLE

    weight: Weight | None = Field(
        default=None, description="Weight of a shop in the division of a split pool; 0 is no share."
    )
    cap: Units | None = Field(default=None, description="Most units shown.")
    percent: Percent | None = Field(
        default=None, description="Percent of its own result that a shop shows; the rest stays back."
    )
    buffer: Units | None = Field(default=None, description="Units held back from a shop's own result.")
    extra: Units | None = Field(
        default=None,
        description="Units a shop may sell beyond what is there, once: overselling by choice. "
        "Receipts give them back.",
    )
    floor: Units | None = Field(
        default=None,
        description="Show at least so many units; sold on extra, or on as many of its own: "
        "overselling by choice.",
    )
    warning_level: Units | None = Field(
        default=None, description="Below so many units left in the pool its listings go off sale."
    )
    relist_level: Units | None = Field(
        default=None, description="At so many units they come back; more than the warning level."
    )
    notice_level: Units | None = Field(
        default=None, description="At or below it people are told; it changes no quantity."
    )


class PoolTable(RuleValues):
    """`[pools.NAME]`: warehouses that serve shops."""

    mode: PoolMode = Field(
        description="shared: every shop shows the whole pool; split: no unit is shown in two shops."
    )
    warehouses: Texts = Field(description="The warehouses of the pool; each is in one pool only.")
    shops: Texts = Field(description="The shops that sell from it; a shop may be in several pools.")
    reserve: Percent = Field(default=0, description="Percent of the pool that starts unassigned.")
    relist_after: Annotated[Whole, Field(ge=1, le=100)] = Field(
        default=2, description="How many snapshots must agree before listings come back on sale."
    )
    least_off_time: Seconds = Field(default=seconds("10m"), description="Least time that they stay off sale.")
    last_units: Text | None = Field(
        default=None,
        description="The shop that gets all that is left below the warning level; none if left out.",
    )


class PackRow(BaseModel):
    """One entry of `packs`: a code of the shop that stands for several units of a SKU."""

    model_config = _TABLE

    code: Text = Field(description="The code on the listing, exactly as the shop has it.")
    sku: Text = Field(description="The SKU inside.")
    units: PackUnits = Field(description="Units of the SKU in one pack.")


class ShopTable(RuleValues):
    """The core keys of `[shops.NAME]`."""

    type: Text = Field(description="The kind of channel: a built-in word or a plug-in's.")
    prefix_separators: tuple[Text, ...] = Field(
        default=(), description="What ends a prefix of a code: with - 1-ABC is ABC; none by default."
    )
    suffix_separators: tuple[Text, ...] = Field(
        default=(), description="What begins a suffix of a code: with - ABC-1 is ABC; none by default."
    )
    packs: tuple[PackRow, ...] = Field(default=(), description="Codes that stand for several units.")
    repeated: Repeated = Field(
        default=Repeated.SPLIT,
        description="Whether several listings of one SKU divide its units or each show all of them.",
    )
    policy: PolicyName = Field(
        default=PolicyName.FULL, description="Filter over this shop's plans, on top of the cycle's."
    )
    calls_per_second: Annotated[float, Strict(), Field(gt=0, le=10_000, allow_inf_nan=False)] = Field(
        default=5.0, description="Most calls to the shop in a second, reads and writes together."
    )
    burst: Annotated[Whole, Field(ge=1, le=10_000)] = Field(
        default=5, description="Most calls at once after a rest."
    )
    timeout: SomeSeconds = Field(default=seconds("30s"), description="How long one call to it may take.")
    observe_every: Seconds | None = Field(
        default=None, description="Time between two readings of the whole shop; the cycle's if left out."
    )
    erp_lag: Seconds = Field(
        default=seconds("15m"),
        description="How long a sale takes at most until the source's figures contain it.",
    )
    erp_imports: Annotated[bool, Strict()] = Field(
        default=True,
        description="Whether the source ever learns of the shop's orders before they are shipped.",
    )
    ship_lag: Seconds = Field(
        default=seconds("1h"),
        description="How long after they were shipped units may still be in the source's figures.",
    )
    occupies_at: Occupies = Field(
        default=Occupies.ORDER,
        description="When an order takes units from all shops; with 'hold' an unpaid one does so for "
        "hold_minutes only.",
    )
    hold_minutes: Annotated[Whole, Field(ge=1, le=100_000)] = Field(
        default=15, description="How many minutes an unpaid order holds its units with occupies_at = 'hold'."
    )
    hold_grace: Seconds = Field(
        default=seconds("1m"),
        description="How much longer syncd waits before it believes that a hold or an import is over.",
    )
    orders_overlap: SomeSeconds = Field(
        default=seconds("10m"),
        description="How far back each reading of orders begins before the last one ended.",
    )
    orders_back: SomeSeconds = Field(
        default=seconds("3d"),
        description="How far back the very first reading of orders begins; it tells where a SKU sells.",
    )
    clock_skew: Seconds = Field(
        default=seconds("2m"),
        description="How far the clocks of the platform, the source and this machine may differ.",
    )
    guard: GuardTable = Field(default=GuardTable(), description="Single limits of [guard] for this shop.")
    hook: HookTable | None = Field(
        default=None, description="What the platform may send to /hooks/NAME; nothing if left out."
    )


def _components(value: dict[str, int]) -> dict[str, int]:
    if not value:
        raise PydanticCustomError("components", "is empty", {"hint": "write components = {SKU = 1}"})
    return value


class OverrideTable(RuleValues):
    """`[[overrides]]`: other values for some SKUs, pools or shops."""

    sku: OneOrMore | None = Field(
        default=None, description="The SKUs it is for: codes or globs such as ABC*; all if left out."
    )
    pool: OneOrMore | None = Field(default=None, description="The pools it is for; all if left out.")
    shop: OneOrMore | None = Field(default=None, description="The shops it is for; all if left out.")
    last_units: Annotated[str, Field(max_length=64)] | None = Field(
        default=None,
        description="The shop that gets all that is left of these SKUs below the warning level, instead of "
        'the pool\'s; "" for no shop. It stands without shop.',
    )


class BundleTable(BaseModel):
    """`[[bundles]]`: a code that is sold as one and made of several SKUs."""

    model_config = _TABLE

    sku: Text = Field(description="The code that is sold.")
    components: Annotated[dict[Text, PackUnits], AfterValidator(_components)] = Field(
        description="Units of each SKU inside."
    )
    assemble: Assemble = Field(
        default=Assemble.WAREHOUSE,
        description="How far apart the components may lie: in one warehouse, one pool, or one shop's pools.",
    )


class VirtualTable(BaseModel):
    """`[[virtual]]`: units that may be sold though they are not there."""

    model_config = _TABLE

    sku: Text = Field(description="The SKU.")
    warehouse: Text = Field(description="The warehouse they will come to.")
    units: Units = Field(description="How many.")
    until: Until | None = Field(
        default=None, description="The last day, or the moment, they may be sold; for good if left out."
    )
