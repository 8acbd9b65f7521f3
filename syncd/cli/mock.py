"""`syncd mock`: one mock server, to try a configuration or to test a shop's own tools against."""

from pathlib import Path

from syncd.cli.exits import Exit
from syncd.cli.output import line
from syncd.cli.run import stop_on_signals
from syncd.errors import UsageError
from syncd.mock.fields import MockError
from syncd.mock.registry import serve


async def mock(name: str, *, port: int, seed: int, state_file: Path | None) -> Exit:
    """Serve one mock until a signal ends it; the first line says where it listens."""
    with stop_on_signals() as stop:
        try:
            await serve(name, port=port, seed=seed, state_file=state_file, announce=line, stop=stop)
        except MockError as error:
            raise UsageError(str(error)) from None
    return Exit.DONE
