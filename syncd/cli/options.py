"""What several commands have in common: their options, as light types that `--help` can read."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

DEFAULT_CONFIG = Path("/etc/syncd/syncd.toml")


class Format(StrEnum):
    """How data is printed: for people, or as exactly one JSON document."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[Format, typer.Option("--format", help="For people, or one JSON document.")]
ShopOption = Annotated[str | None, typer.Option("--shop", metavar="SHOP", help="Only this shop.")]
SkuOption = Annotated[str | None, typer.Option("--sku", metavar="SKU", help="Only listings of this SKU.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="At most so many; the newest count.")]
ShopArgument = Annotated[str, typer.Argument(metavar="SHOP", help="The shop's name in the configuration.")]
