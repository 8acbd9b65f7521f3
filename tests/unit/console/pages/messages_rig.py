"""The messages of the console as the code and the templates have them; prints those without Chinese.

`python -m tests.unit.console.pages.messages_rig` prints entries to fill in at the end of the catalogues.
"""

from collections.abc import Iterator

from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po

from syncd.console.pages.language import FOLDER, SENTENCES, WORDS, catalogue_of

Message = str | tuple[str, ...]

_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
_PROGRAM = FOLDER.parents[1]
_SAID = {"say": None, "keep": None, "say_later": None}
_KEYWORDS = {"term": None, "_": None, "gettext": None, "ngettext": (1, 2)}


def extracted() -> Iterator[Message]:
    """Yield every message that may be shown; a tuple has the forms for one and for many."""
    options = {"**/templates/**.html": {"trimmed": "false", "silent": "false"}}
    for _file, _line, message, _comments, _context in extract_from_dir(
        FOLDER, _METHODS, options, keywords=_KEYWORDS
    ):
        yield message if isinstance(message, str) else tuple(message)


def sentences() -> Iterator[str]:
    """Yield every sentence that the program says with its parts, wherever it says it."""
    for file in sorted(_PROGRAM.rglob("*.py")):
        if "from syncd.domain.said import" in file.read_text(encoding="utf-8"):
            for _line, message, _comments, _context in extract_from_file("python", file, keywords=_SAID):
                assert isinstance(message, str)
                yield message


def translated(name: str = WORDS, code: str = "zh") -> dict[Message, tuple[str, bool]]:
    """Return the messages of a catalogue, each with its translation and whether that is fuzzy."""
    with catalogue_of(code, name).open("rb") as file:
        return {
            one.id if isinstance(one.id, str) else tuple(one.id): (
                one.string if isinstance(one.string, str) else (one.string or ("",))[0],
                one.fuzzy,
            )
            for one in read_po(file, locale=code)
            if one.id
        }


def placed(text: str) -> set[str]:
    """Return the names of the facts in a message."""
    return {part.partition(")")[0] for part in text.split("%(")[1:]}


def main() -> None:
    """Print what the catalogues lack."""
    known = translated() | translated(SENTENCES)
    for message in dict.fromkeys((*extracted(), *sentences())):
        if message not in known:
            one, *many = (message,) if isinstance(message, str) else message
            plural = f'msgid_plural "{many[0]}"\nmsgstr[0] ""' if many else 'msgstr ""'
            print(f'msgid "{one}"\n{plural}\n')


if __name__ == "__main__":
    main()
