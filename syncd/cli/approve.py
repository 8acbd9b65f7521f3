"""`syncd approve`: release once what the guard holds."""

from pathlib import Path

from syncd.bootstrap import open_app
from syncd.cli.asking import ask
from syncd.cli.exits import Exit
from syncd.cli.opening import configured
from syncd.cli.options import Format
from syncd.cli.output import document, line
from syncd.errors import UsageError
from syncd.services.holding import APPROVE


async def approve(config: Path, output: Format, *, digest: str) -> Exit:
    """Approve what is held under a digest or its beginning; it goes out with the next cycle."""
    configuration = configured(config, calls=False)
    async with open_app(configuration) as app:
        held = await app.store.held(digest)
        if not held:
            raise UsageError(
                f"nothing is held under {digest!r}; `syncd plan` prints the digest, and what it holds is "
                "recorded by the daemon's next cycle or by `syncd sync`"
            )
        whole = held[0].digest
        answer = await ask(app, APPROVE, whole)
    if output is Format.JSON:
        pushed_by = "daemon" if answer.by_daemon else "sync"
        document({"digest": whole, "answer": answer.text, "pushed_by": pushed_by})
        return Exit.DONE
    line(f"{answer.text[:1].upper()}{answer.text[1:]}.")
    line(
        "The daemon pushes it now." if answer.by_daemon else "The next `syncd sync` or `syncd run` pushes it."
    )
    return Exit.DONE
