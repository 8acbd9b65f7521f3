"""Cut the bytes of a file into its text and the lines that prove it whole."""

import codecs
import io
from dataclasses import dataclass, field
from typing import TextIO

from syncd.adapters.sources.csv.settings import CsvSettings
from syncd.errors import Kind, PortError

_STEP = 1024 * 1024
_OTHERS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A file as text.

    `lines_before` were taken off the top. `first_line` and `last_line` stand where the settings look for a
    proof, else they are empty. `cut` says why its end cannot be whole, empty if it can; what stood after the
    last line end is then left out, because half a figure looks like a figure.
    """

    encoding: str
    body: bytes = field(repr=False)
    lines_before: int
    first_line: str
    last_line: str
    cut: str

    def open(self) -> TextIO:
        """Return the body to read line by line, its line ends as they are."""
        return io.TextIOWrapper(io.BytesIO(self.body), encoding=self.encoding, newline="")


def text(data: bytes, settings: CsvSettings, *, place: str) -> Text:
    """Return the text in `data`; `place` names the source and file in messages.

    Raises:
        PortError: it is in another encoding.
    """
    if data.startswith(_OTHERS):
        message = "is UTF-16; let it be written as UTF-8 or GB18030"
        raise PortError(Kind.REJECTED, f"{place} {message}")
    data = data.removeprefix(codecs.BOM_UTF8)
    encoding = _encoding(data, settings.encoding, place=place)
    from_first = settings.proof == "row_count" and settings.row_count_in == "first_line"
    before = settings.skip_lines + from_first
    start = _after_lines(data, before)
    stop, last_line = len(data), ""
    if _proves_by_last_line(settings):
        stop, last_line = _last_line(data, encoding)
    end = _end_of_lines(data, stop)
    return Text(
        encoding=encoding,
        body=data[start:end],
        lines_before=before,
        first_line=data[: _after_lines(data, 1)].decode(encoding, "replace").strip() if from_first else "",
        last_line=last_line,
        cut="" if end == stop else "its last line has no end, so it may be cut short",
    )


def _proves_by_last_line(settings: CsvSettings) -> bool:
    counts = settings.proof == "row_count" and settings.row_count_in == "last_line"
    return counts or settings.proof == "end_marker"


def _encoding(data: bytes, setting: str, *, place: str) -> str:
    """Return the encoding; `auto` tries UTF-8, then GB18030.

    A torn end does not make UTF-8 into GB18030: a cut file would be read as other characters.
    """
    tried = ("utf-8", "gb18030") if setting == "auto" else (setting,)
    line = 0
    for encoding in tried:
        position = _first_error(data, encoding)
        if position is None:
            return encoding
        line = max(line, data.count(b"\n", 0, position) + 1)
    names = " nor ".join(name.upper() for name in tried)
    hint = "set `encoding` or export it again" if setting != "auto" else "export it again"
    what = f"is neither {names}" if len(tried) > 1 else f"is not {names}"
    raise PortError(Kind.REJECTED, f"{place} line {line} {what}; {hint}")


def _first_error(data: bytes, encoding: str) -> int | None:
    """Return where `data` stops being text, None if it never does; a torn last character is no error."""
    decoder = codecs.getincrementaldecoder(encoding)()
    # Step by step, because a large text decoded in one go would stop the event loop's thread meanwhile.
    for start in range(0, len(data), _STEP):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(data[start : start + _STEP])
        except UnicodeDecodeError as error:
            return max(0, start - pending + error.start)
    return None


def _after_lines(data: bytes, count: int) -> int:
    """Return where line `count` ends; the end of `data` where there are not so many."""
    position = 0
    for _ in range(count):
        found = data.find(b"\n", position)
        if found < 0:
            return len(data)
        position = found + 1
    return position


def _end_of_lines(data: bytes, stop: int) -> int:
    """Return where the last line end before `stop` is; what follows it is no whole line."""
    return max(data.rfind(b"\n", 0, stop), data.rfind(b"\r", 0, stop)) + 1


def _last_line(data: bytes, encoding: str) -> tuple[int, str]:
    """Return where the last line that is not blank begins, and its text."""
    bare = data.rstrip()
    start = _end_of_lines(bare, len(bare))
    return start, bare[start:].decode(encoding, "replace")
