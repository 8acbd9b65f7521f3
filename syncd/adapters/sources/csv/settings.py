"""The settings of the source `csv`."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, LiteralString, Self, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from syncd.adapters.sources.times import ZONE_DESCRIPTION, ZoneName
from syncd.config.scalars import Seconds
from syncd.domain.model import SnapshotKind, TransferConvention

Column = Literal[
    "sku",
    "warehouse",
    "on_hand",
    "allocated",
    "unsellable",
    "locked",
    "virtual",
    "transfer_out",
    "in_air",
    "as_of",
]
COLUMNS: tuple[Column, ...] = get_args(Column)

Place = Annotated[str, Field(max_length=200)] | Annotated[int, Field(ge=1, le=10_000, strict=True)]


def _compiled(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error:
        hint = "check its brackets and backslashes; in TOML '...' keeps backslashes"
        raise PydanticCustomError("pattern", "is not a regular expression", {"hint": hint}) from None
    return pattern


def _with_group(pattern: str) -> str:
    if not re.compile(_compiled(pattern)).groups:
        hint = "put parentheses around what is wanted"
        raise PydanticCustomError("pattern", "has no group", {"hint": hint})
    return pattern


Named = Annotated[str, AfterValidator(_compiled)]
Grouped = Annotated[str, AfterValidator(_with_group)]


class CsvSettings(BaseModel):
    """A file, or a folder of files, that an ERP or WMS writes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(min_length=1, description="The file, or the folder that files are put into.")
    pattern: str = Field(
        default="*.csv", min_length=1, description="Which files of the folder count; `*` and `?` are wild."
    )
    files: Literal["newest", "all"] = Field(
        default="newest",
        description="'newest': each file of the folder is an export of its own, and the newest complete one "
        "counts. 'all': an export has several files.",
    )
    file_count: int = Field(
        default=0,
        ge=0,
        description="With files = 'all': how many files an export has; 0 if `parts` says it.",
    )
    parts: Named = Field(
        default="",
        description="With files = 'all': a regular expression for the name of a file, with the groups "
        "(?P<export>...) that its parts have in common and (?P<count>...) for the number of parts.",
    )
    kind: SnapshotKind = Field(
        default=SnapshotKind.FULL,
        description="'full': an export has every SKU. 'delta': it has what changed since the one before; all "
        "files of the folder count, in the order of their times, so never change one that is there.",
    )
    full_pattern: str = Field(
        default="",
        description="With kind = 'delta': which files of the folder are full all the same; '' for none.",
    )

    encoding: Literal["auto", "utf-8", "gb18030"] = Field(
        default="auto", description="How the text is written; 'auto' is UTF-8, and if it is none GB18030."
    )
    delimiter: str = Field(
        default=",",
        min_length=1,
        max_length=1,
        description="What stands between the cells, e.g. ',' or '\\t'.",
    )
    quote: str = Field(
        default='"',
        max_length=1,
        description="What stands around a cell that holds a delimiter; '' for none.",
    )
    header: bool = Field(default=True, description="Whether the first line names the columns.")
    skip_lines: int = Field(default=0, ge=0, le=1000, description="How many lines stand before all that.")
    columns: dict[Column, Place] = Field(
        default_factory=dict,
        description="The file's name for a column, or its number from 1. What is not mapped is read if the "
        "file has a column of that name; '' leaves it out.",
    )
    warehouse: str = Field(
        default="", description="The warehouse of every row, where the file has no column for it."
    )
    blank_is_zero: bool = Field(
        default=True, description="Whether an empty cell is 0; for on_hand it never is, but unknown."
    )

    proof: Literal["none", "end_marker", "row_count"] = Field(
        default="none",
        description="How a whole file is told from one that was cut. 'none' asks that files are put in place "
        "by renaming, because a file that is still being written looks whole.",
    )
    end_marker: str = Field(
        default="", description="With proof = 'end_marker': the last line is this or begins with it."
    )
    row_count: Grouped = Field(
        default="([0-9]+)",
        description="With proof = 'row_count': a regular expression whose first group is the number of rows.",
    )
    row_count_in: Literal["last_line", "first_line", "file"] = Field(
        default="last_line",
        description="Where the number of rows stands: in a line that is no row, or in a file of its own.",
    )
    row_count_file: str = Field(
        default="{name}.count",
        description="The name of that file beside the export; '{name}' is the export's name, '{stem}' the "
        "same without its ending.",
    )

    as_of_from: Literal["mtime", "name", "column"] = Field(
        default="mtime",
        description="When the export began: the file's time less `export_takes`, a time in its name, or the "
        "column `as_of` (its earliest counts).",
    )
    export_takes: Seconds = Field(
        default=60.0,
        description="With as_of_from = 'mtime': how long an export takes at most, since the file's time is "
        "its end.",
    )
    as_of_pattern: Grouped = Field(
        default="([0-9]{14})",
        description="With as_of_from = 'name': a regular expression whose first group is the time.",
    )
    as_of_format: str = Field(
        default="",
        description="How the time in a name or column is written, in the letters of strptime; empty is ISO "
        "8601, 14 digits, or seconds or milliseconds since 1970.",
    )
    timezone: ZoneName = Field(default="UTC", description=ZONE_DESCRIPTION)

    max_bytes: int = Field(
        default=512 * 1024 * 1024, ge=1, description="Files larger than this are refused, unread."
    )
    warehouses: tuple[str, ...] = Field(
        default=(), description="The warehouses that the source counts; from the source's own table."
    )
    transfer_convention: TransferConvention = Field(
        default=TransferConvention.UNTIL_SHIPPED,
        description="How long transfer_out stays open; from the source's own table.",
    )

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for message, hint in (*_lacking(self), *_contradicting(self)):
            raise PydanticCustomError("csv", message, {"hint": hint})
        return self


def _lacking(settings: CsvSettings) -> Iterator[tuple[LiteralString, str]]:
    columns = settings.columns
    if settings.proof == "end_marker" and not settings.end_marker.strip():
        yield "needs end_marker, as proof says", "write the text that the last line begins with"
    if settings.as_of_from == "column" and not columns.get("as_of", "as_of"):
        yield "needs columns.as_of, as as_of_from says", "write the name of the column with the time"
    if "" in {columns.get("sku"), columns.get("on_hand")}:
        yield "leaves out columns.sku or columns.on_hand", "write the names of these columns"
    if not settings.header and not (columns.get("sku") and columns.get("on_hand")):
        yield "needs columns.sku and columns.on_hand", "write their numbers, as the file names no columns"
    if settings.files == "all" and not settings.file_count and "count" not in _groups(settings.parts):
        hint = "else a missing file would go unseen"
        yield "needs file_count, or the group (?P<count>...) in parts, as files is 'all'", hint
    if settings.parts and "export" not in _groups(settings.parts):
        yield "has no group (?P<export>...) in parts", "put it around what the parts' names have in common"
    if "{name}" not in settings.row_count_file and "{stem}" not in settings.row_count_file:
        yield "names one row_count_file for all exports", "write '{name}' where the export's name goes"


def _contradicting(settings: CsvSettings) -> Iterator[tuple[LiteralString, str]]:
    columns = settings.columns
    if not settings.header and any(isinstance(place, str) and place for place in columns.values()):
        yield "has names in columns, but the file names none", "write numbers from 1, or header = true"
    if settings.warehouse and columns.get("warehouse"):
        yield "has both warehouse and columns.warehouse", "leave one out"
    if settings.warehouse and settings.warehouses and settings.warehouse not in settings.warehouses:
        yield "has a warehouse that is none of its warehouses", "add it there, or correct it"
    if settings.files == "all" and settings.kind is SnapshotKind.DELTA:
        yield "has files = 'all' for kind = 'delta'", "let a delta be one file"
    if settings.full_pattern and settings.kind is SnapshotKind.FULL:
        yield "has a full_pattern, but kind is 'full' anyway", "leave it out, or write kind = 'delta'"


def _groups(pattern: str) -> Mapping[str, int]:
    return re.compile(pattern).groupindex
