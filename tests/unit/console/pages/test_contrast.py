"""Words can be read on what they stand on: WCAG 2.2 AA, in light and in dark."""

import re

import pytest

from syncd.console.pages.language import FOLDER

CSS = (FOLDER / "static" / "console.css").read_text(encoding="utf-8")
COLOURS = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", CSS)
}
GROUNDS = ("bg", "surface", "sunken")
TEXT = [(ink, ground) for ink in ("ink", "quiet", "accent", "bad") for ground in GROUNDS]
TEXT += [(ink, f"{ink}-bg") for ink in ("ok", "warn", "bad", "held", "off")]
TEXT += [("ink", f"{tint}-bg") for tint in ("ok", "bad", "held")]
TEXT += [(ink, "surface") for ink in ("ok", "warn", "held", "off")]
TEXT += [("accent", "tint"), ("ink", "tint"), ("on-accent", "accent"), ("on-accent", "bad")]
SHAPES = [(shape, "surface") for shape in ("edge", "s0", "s1", "s2", "s3", "ok", "bad", "held", "accent")]


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, theme: str) -> float:
    """Return the contrast ratio of two colours of the sheet, 1 to 21."""
    low, high = sorted(luminance(COLOURS[name][theme]) for name in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out(ink: str, ground: str, theme: str) -> None:
    assert contrast(ink, ground, theme) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_lines_and_bars_stand_out(shape: str, ground: str, theme: str) -> None:
    assert contrast(shape, ground, theme) >= 3


def test_every_colour_has_its_name() -> None:
    rules = CSS.partition("--mono")[2]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])", rules) == []


def test_black_on_white_is_as_the_standard_says() -> None:
    assert (luminance("#ffffff") + 0.05) / (luminance("#000000") + 0.05) == pytest.approx(21)
