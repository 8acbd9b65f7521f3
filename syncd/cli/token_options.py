"""The options of `syncd token`; the work is done in `syncd.cli.token`."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs, so that `syncd --help` is quick
from enum import StrEnum
from typing import Annotated

import typer

from syncd.cli.ending import end as _end
from syncd.cli.options import Format, FormatOption


class RoleOption(StrEnum):
    """The roles, without what reading a configuration would load."""

    VIEWER = "viewer"
    OPERATOR = "operator"


def token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who gets it, as the ledger will name them.")],
    *,
    role: Annotated[
        RoleOption, typer.Option("--role", help="A viewer reads, an operator also changes.")
    ] = RoleOption.VIEWER,
    output: FormatOption = Format.TEXT,
) -> None:
    """Make a token for the console and the API.

    It is printed once, with the lines for the configuration.
    """
    from syncd.cli.token import token as work
    from syncd.config.http import TokenRole

    _end(work(output, name=name, role=TokenRole(role.value)), output)
