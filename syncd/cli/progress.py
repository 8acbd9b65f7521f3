"""Show how far a push is, on a terminal's stderr; elsewhere nothing."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from syncd.services.push import PushEvent


@contextmanager
def push_progress() -> Iterator[Callable[[PushEvent], None] | None]:
    """Yield a listener that draws one bar per shop, None where nobody looks; it is gone with the block."""
    if not sys.stderr.isatty():
        yield None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bars: dict[str, TaskID] = {}

        def show(event: PushEvent) -> None:
            if event.shop not in bars:
                bars[event.shop] = progress.add_task(event.shop, total=event.total)
            progress.update(bars[event.shop], completed=event.settled, total=event.total)

        yield show
