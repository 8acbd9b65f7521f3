"""What a page's markup owes to people who cannot see it or use no mouse, and to a strict browser."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass(slots=True)
class Element:
    """An element with its attributes, its parts and its text."""

    tag: str
    attributes: Mapping[str, str]
    inside: "Element | None" = None
    parts: "list[Element]" = field(default_factory=list)
    own: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return all text in it."""
        return " ".join(" ".join([*self.own, *(part.text for part in self.parts)]).split())

    def all(self, *tags: str) -> "Iterator[Element]":
        """Yield it and the elements in it, of some tags where these are named."""
        if not tags or self.tag in tags:
            yield self
        for part in self.parts:
            yield from part.all(*tags)

    def around(self, tag: str) -> "Element | None":
        """Return the nearest element around it of a tag."""
        at = self.inside
        while at is not None and at.tag != tag:
            at = at.inside
        return at


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.top = Element("top", {})
        self.at = self.top

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.parts.append(made)
        if tag not in _VOID:
            self.at = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.parts.append(Element(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        assert self.at.tag == tag, f"</{tag}> closes <{self.at.tag}>"
        assert self.at.inside is not None
        self.at = self.at.inside

    def handle_data(self, data: str) -> None:
        self.at.own.append(data)


def read(markup: str) -> Element:
    """Return a page as elements; one that is closed wrongly is an error."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    assert reader.at is reader.top, f"<{reader.at.tag}> is never closed"
    return reader.top


def faults(page: Element) -> Iterator[str]:
    """Yield what a person with a screen reader, without a mouse, or a strict browser would miss."""
    yield from _structure(page)
    yield from _names(page)
    for one in page.all():
        for name in one.attributes:
            if name == "style" or name.startswith("on"):
                yield f"<{one.tag} {name}>: the browser is told to ignore it"
        if one.tag in {"script", "style"} and one.text:
            yield f"<{one.tag}> with content: the browser is told to ignore it"
        if "tabindex" in one.attributes and int(one.attributes["tabindex"]) > 0:
            yield f"<{one.tag}> jumps the queue of the keyboard"


_ENGLISH = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}\b")
_NOT_WORDS = {"code", "rule", "who-name", "title"}
"""Classes of what is called the same in all languages: codes, settings by their names, people, titles."""


def english(page: Element) -> Iterator[str]:
    """Yield what a page says in English by itself: three words in a row, quotations and codes apart."""
    if page.tag in {"q", "code", "option"} or _NOT_WORDS & set(page.attributes.get("class", "").split()):
        return
    texts = [*page.own, *(page.attributes.get(name, "") for name in ("title", "aria-label", "placeholder"))]
    yield from (found for text in texts for found in _ENGLISH.findall(text))
    for part in page.parts:
        yield from english(part)


def quoted(page: Element) -> set[str]:
    """Return what a page quotes."""
    return {one.text for one in page.all("q")}


def _structure(page: Element) -> Iterator[str]:
    heads = [int(one.tag[1]) for one in page.all("h1", "h2", "h3", "h4")]
    if heads.count(1) != 1 or heads[0] != 1:
        yield f"headings {heads}: one h1, and first"
    if any(after > before + 1 for before, after in pairwise(heads)):
        yield f"headings {heads}: a level is left out"
    for tag in ("header", "main"):
        if not any(page.all(tag)):
            yield f"no <{tag}>"
    html = next(page.all("html"))
    if not html.attributes.get("lang") or not next(page.all("title")).text:
        yield "no language or title"
    ids = [one.attributes["id"] for one in page.all() if "id" in one.attributes]
    yield from (f"id {one} twice" for one in set(ids) if ids.count(one) > 1)
    yield from _references(page, ids)


def _references(page: Element, ids: Sequence[str]) -> Iterator[str]:
    for one in page.all():
        for name in ("aria-labelledby", "aria-describedby"):
            if one.attributes.get(name, ids[0]) not in ids:
                yield f"{name}={one.attributes[name]} names nothing"
    for one in page.all("th"):
        if "scope" not in one.attributes:
            yield f"<th>{one.text} has no scope"


def _names(page: Element) -> Iterator[str]:
    for one in page.all("input", "select", "textarea"):
        label = one.around("label")
        is_hidden = one.attributes.get("type") == "hidden"
        if not is_hidden and not (label and label.text) and "aria-label" not in one.attributes:
            yield f"<{one.tag} name={one.attributes.get('name')}> has no label"
    for one in page.all("a", "button", "summary"):
        if not one.text and not any("aria-label" in part.attributes for part in one.all()):
            yield f"<{one.tag}> has no words"
    yield from _pictures_and_forms(page)


def _pictures_and_forms(page: Element) -> Iterator[str]:
    for one in page.all("svg", "img"):
        is_told = {"aria-hidden", "aria-label", "aria-labelledby", "alt"} & set(one.attributes)
        is_part = one.around("svg") is not None
        if not is_told and not is_part:
            yield f"<{one.tag}> is neither named nor left out"
    for one in page.all("nav"):
        if "aria-label" not in one.attributes:
            yield "<nav> has no name"
    for one in page.all("form"):
        fields = {part.attributes.get("name") for part in one.all("input")}
        is_sign_in = one.attributes.get("action") == "/login"
        if one.attributes.get("method") == "post" and "csrf" not in fields and not is_sign_in:
            yield f"the form of {one.attributes.get('action')} proves nothing"
