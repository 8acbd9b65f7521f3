"""`syncd backup` and `syncd restore`: a copy of the state, and a copy in its place."""

from datetime import datetime
from pathlib import Path

from syncd.bootstrap import open_copies, slow_shops
from syncd.cli.exits import Exit
from syncd.cli.naming import person
from syncd.cli.opening import configured
from syncd.cli.options import Format
from syncd.cli.output import Json, document, line
from syncd.cli.tables import moment
from syncd.ports.care import StateCopy


async def backup(config: Path, output: Format, *, file: Path | None) -> Exit:
    """Leave a checked copy of the state, also beside a running daemon."""
    copy = await open_copies(configured(config, calls=False)).back_up(file)
    if output is Format.JSON:
        document(_document(copy))
        return Exit.DONE
    line(f"Copied the state to {copy.file}, and read all of the copy: {_words(copy)}.")
    line("The shops' renewed tokens are not in it: what buys the next ones is good for one use only.")
    return Exit.DONE


async def restore(config: Path, output: Format, *, file: Path) -> Exit:
    """Put a copy in the place of the state; the next cycle is a first start."""
    configuration = configured(config, calls=False)
    slow = await slow_shops(configuration)
    restored = await open_copies(configuration).restore(file, configuration.shops, slow, by=person())
    if output is Format.JSON:
        moved = restored.moved_to
        document(_document(restored.copy) | {"moved_to": None if moved is None else str(moved)})
        return Exit.DONE
    line(f"Restored {restored.copy.file}: {_words(restored.copy)}.")
    if restored.moved_to is not None:
        line(f"The state that was there is now {restored.moved_to}.")
    line(
        "The next cycle is a first start: it reads every shop before it writes, and hears all orders since "
        "the copy. Shares are divided anew; approvals and requests are forgotten."
    )
    if slow:
        line(f"What {', '.join(sorted(slow))} accepted last may still show: nothing rests on it before.")
    line("Locks and statuses of shops are those of the copy: see `syncd lock list` and `syncd shops`.")
    return Exit.DONE


def _words(copy: StateCopy) -> str:
    newest = moment(_iso(copy.newest))
    last = f"its last change is of {newest}" if newest else "nothing was changed yet"
    return f"{copy.size / 1_000_000:.1f} MB, version {copy.version}, {last}"


def _document(copy: StateCopy) -> Json:
    return {
        "file": str(copy.file),
        "size": copy.size,
        "version": copy.version,
        "newest": _iso(copy.newest),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
