"""`syncd reject`: say that what the guard holds is not wanted."""

from pathlib import Path

from syncd.bootstrap import open_app
from syncd.cli.asking import ask
from syncd.cli.exits import Exit
from syncd.cli.opening import configured
from syncd.cli.options import Format
from syncd.cli.output import document, line
from syncd.errors import UsageError
from syncd.services.holding import REJECT


async def reject(config: Path, output: Format, *, digest: str) -> Exit:
    """Reject what is held under a digest or its beginning: it stays held, and nobody is asked again."""
    async with open_app(configured(config, calls=False)) as app:
        held = await app.store.held(digest)
        if not held:
            raise UsageError(f"nothing is held under {digest!r}; `syncd plan` prints the digest")
        whole = held[0].digest
        answer = await ask(app, REJECT, whole)
    if output is Format.JSON:
        document({"digest": whole, "answer": answer.text})
    else:
        line(f"{answer.text[:1].upper()}{answer.text[1:]}.")
    return Exit.DONE
