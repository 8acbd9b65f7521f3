"""Print: data to stdout, everything else to stderr; no text of a shop or ERP can move the terminal."""

import json
import sys
from typing import Any

Json = dict[str, Any]

_UNPRINTABLE = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}


def plain(text: str) -> str:
    """Return `text` as one line; control characters are shown by their codes."""
    return text.translate(_UNPRINTABLE)


def line(text: str = "") -> None:
    """Print one line of data."""
    _write(plain(text))


def complain(text: str) -> None:
    """Print to stderr what is wrong, or what people should know beside the data."""
    sys.stderr.write("".join(f"{plain(part)}\n" for part in text.splitlines()))
    sys.stderr.flush()


def document(content: object) -> None:
    """Print the one JSON document of a command."""
    # A terminal that cannot show 茶 still gets valid JSON.
    unicode = sys.stdout.encoding.lower().replace("-", "") == "utf8"
    _write(json.dumps(content, ensure_ascii=not unicode, indent=2))


def _write(text: str) -> None:
    try:
        sys.stdout.write(f"{text}\n")
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    # At once, so that a reader who left is noticed here and not while the interpreter ends.
    sys.stdout.flush()
