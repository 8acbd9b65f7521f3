"""Which files of an export folder are news."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from syncd.adapters.sources.csv.files import Found


def since(files: Sequence[Found], cursor: str, *, full_pattern: str) -> list[Found]:
    """Return the files after `cursor`, oldest first; of full exports only the newest, which then comes first.

    Without a cursor all files count, from the newest full export on.
    """
    fresh = sorted((file for file in files if file.mark > cursor), key=lambda file: file.mark)
    fulls = [index for index, file in enumerate(fresh) if is_full(file, full_pattern)]
    return fresh[fulls[-1] :] if fulls else fresh


def is_full(file: Found, full_pattern: str) -> bool:
    """Tell whether a file is a full export among deltas; never without a pattern."""
    return bool(full_pattern) and fnmatchcase(file.name, full_pattern)
