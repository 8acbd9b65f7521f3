"""Tell a whole export from one that was cut or is still being written."""

import re
from pathlib import Path

from syncd.adapters.sources.csv.files import Found, content
from syncd.adapters.sources.csv.settings import CsvSettings
from syncd.adapters.sources.csv.table import Reading
from syncd.adapters.sources.csv.text import Text
from syncd.errors import Kind, PortError

_LARGEST_COUNT_FILE = 65_536


def gap(file: Found, text: Text, reading: Reading, settings: CsvSettings, *, name: str) -> str:
    """Return why it is not proven that `file` is whole, empty if it is.

    Raises:
        PortError: the file with the row count may not be read.
    """
    if settings.proof == "end_marker":
        return _marker_gap(text, reading, settings)
    if settings.proof == "row_count":
        return _count_gap(file, text, reading, settings, name=name)
    if not reading.rows:
        return "it has no rows, and nothing proves that it should have none; set `proof`"
    return ""


def _marker_gap(text: Text, reading: Reading, settings: CsvSettings) -> str:
    marker = settings.end_marker.strip()
    line = text.last_line.strip()
    after = line[len(marker) :]
    # "E" must not take "E100,main,5" for the end.
    joined = marker[-1].isalnum() and after[:1].isalnum()
    if not line.startswith(marker) or joined or _is_row(line, reading, settings):
        return "its last line is not the end marker: it was cut, or is still being written"
    return ""


def _count_gap(file: Found, text: Text, reading: Reading, settings: CsvSettings, *, name: str) -> str:
    if settings.row_count_in == "file":
        where = settings.row_count_file.format(name=file.path.name, stem=file.path.stem)
        line = _count_file(file.path.with_name(where), name=name)
        if line is None:
            return f"{where}, which has its row count, is not there"
    elif settings.row_count_in == "first_line":
        where, line = "its first line", text.first_line
    else:
        where, line = "its last line", text.last_line
        if _is_row(line, reading, settings):
            return "its last line is a row, not the row count: it was cut, or is still being written"
    match = re.search(settings.row_count, line)
    count = match[1] if match else ""
    if not (count and count.isascii() and count.isdecimal()):
        return f"{where} has no row count that fits `row_count`"
    if int(count) != reading.rows:
        return f"it has {reading.rows} rows, but {int(count)} by {where}"
    return ""


def _is_row(line: str, reading: Reading, settings: CsvSettings) -> bool:
    if reading.layout is None:
        return False
    return reading.layout.looks_like_row(line.split(settings.delimiter))


def _count_file(path: Path, *, name: str) -> str | None:
    try:
        return content(path, max_bytes=_LARGEST_COUNT_FILE, name=name).data.decode("utf-8-sig", "replace")
    except PortError as error:
        if error.kind is Kind.NOT_FOUND:
            return None
        raise
