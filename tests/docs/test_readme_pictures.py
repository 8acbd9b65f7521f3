"""The pictures in README.md are there, are few and small, and are those that the tests take."""

import re
import struct

from tests.browser.screenshots import README as TAKEN
from tests.docs.readme_rig import README, ROOT

FOLDER = ROOT / "deploy" / "screenshots"
SHOWN = re.findall(r"!\[([^]]+)\]\(deploy/screenshots/(\w+)\.png\)", README.read_text(encoding="utf-8"))
LARGEST = 150_000


def test_every_picture_is_shown_with_its_words_and_no_other_lies_there() -> None:
    there = sorted(file.stem for file in FOLDER.iterdir())
    assert sorted(name for _, name in SHOWN) == there == sorted(TAKEN)
    assert len(SHOWN) <= 6


def test_no_picture_is_large() -> None:
    assert [file.name for file in FOLDER.iterdir() if file.stat().st_size > LARGEST] == []


def test_a_picture_has_the_size_that_the_tests_take_it_in() -> None:
    sizes = {name: struct.unpack(">II", (FOLDER / f"{name}.png").read_bytes()[16:24]) for name in TAKEN}
    assert sizes == {name: picture.size for name, picture in TAKEN.items()}
