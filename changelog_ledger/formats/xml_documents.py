"""XML, read by expat: ``Server/Service[Catalina]/Connector[8080]/@port``, ``settings/mirrors/mirror[central]/url``, ``…/text()``.

Names are written as XPath writes them, prefixes of namespaces as in the file. Nothing outside the text is ever read, and a document type that
declares something itself (entities, default values) is refused before its first declaration: no billion laughs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from changelog_ledger.formats.entries import KNOWN_AS, Entry, tree
from changelog_ledger.formats.grammar import MAXIMUM_DEPTH, Format, Parsed, Unparsable
from changelog_ledger.formats.xml_names import POLICIES, is_named, known_as

TEXT = "text()"
"""The text of an element that has attributes or elements beside it."""

_ATTRIBUTE = re.compile(rb"\s+(?P<name>[^\s=]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_MASKED = re.compile(r"<(?=secret:[0-9a-f]+>)")
_MASK = "\ue000"
"""Stands for the ``<`` of a redacted value while expat reads: it takes ``<secret:0123456789ab>`` for a tag in text and refuses it in attributes."""
_ENTITY = re.compile(rb"&(?!#|(?:lt|gt|amp|quot|apos);)(?P<name>[^;]*);")
_EDGES = re.compile(r"\A\s*\n\s*|\s*\n\s*\Z")


@dataclass(slots=True)
class _Element:
    """An element that is being read.

    :ivar pieces: its text; where an element stands within the text, that element's start tag without attributes.
    """

    name: str
    line: int
    body: list[Entry] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    text_line: int = 0
    has_elements: bool = False


class _Reading:
    """Handlers of expat, and what they have read. Lines are counted here, because expat ends a line at a lone carriage return too."""

    def __init__(self, text: str) -> None:
        self.data = _MASKED.sub(_MASK, text).encode("utf-8", "surrogatepass")
        self.stack = [_Element("", 0)]
        self._position, self._line = 0, 1
        self._parser = expat.ParserCreate("utf-8")
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.StartDoctypeDeclHandler = self._document_type
        self._parser.SkippedEntityHandler = self._entity

    def elements(self) -> list[Entry]:
        try:
            self._parser.Parse(self.data, True)
        except expat.ExpatError as wrong:
            raise Unparsable(f"not well-formed XML: {expat.ErrorString(wrong.code)}", self._line_at(wrong.lineno)) from None
        return self.stack[0].body

    def _line_at(self, number: int) -> int | None:
        return None if b"\r" in self.data else number

    def _here(self) -> int:
        return self._line_of(self._parser.CurrentByteIndex)

    def _line_of(self, position: int) -> int:
        """The line of a position, which is never before the one that was asked for last."""
        self._line += self.data.count(b"\n", self._position, position)
        self._position = max(position, self._position)
        return self._line

    def _start(self, name: str, attributes: list[str]) -> None:
        line = self._here()
        if len(self.stack) > MAXIMUM_DEPTH:
            raise Unparsable(f"nested deeper than {MAXIMUM_DEPTH}", line)
        self.stack[-1].has_elements = True
        self.stack[-1].pieces.append(f"<{name}>")
        values = iter(attributes)
        lines = self._attribute_lines(name) if attributes else {}
        body = [Entry(f"@{key}", value.replace(_MASK, "<"), lines.get(key, line)) for key, value in zip(values, values, strict=True)]
        self.stack.append(_Element(name, line, body))

    def _attribute_lines(self, name: str) -> dict[str, int]:
        """The line of every attribute of the start tag at which the parser is. Of an entity in one expat says nothing, so it is looked for here."""
        position = self._parser.CurrentByteIndex + 1 + len(name.encode())
        lines: dict[str, int] = {}
        while found := _ATTRIBUTE.match(self.data, position):
            lines[found["name"].decode()] = self._line_of(found.start("name"))
            if entity := _ENTITY.search(found[0]):
                self._entity(entity["name"].decode(), False)
            position = found.end()
        return lines

    def _end(self, _name: str) -> None:
        closed = self.stack.pop()
        self.stack[-1].body.append(_entry(closed, is_root=len(self.stack) == 1))

    def _text(self, text: str) -> None:
        element = self.stack[-1]
        if not element.text_line and text.strip():
            element.text_line = self._here()
        element.pieces.append(text.replace(_MASK, "<"))

    def _instruction(self, target: str, data: str) -> None:
        self.stack[-1].body.append(Entry(f"?{target}", data.replace(_MASK, "<"), self._here()))

    def _document_type(self, name: str, system: str | None, public: str | None, has_declarations: int) -> None:
        if has_declarations:
            raise Unparsable("a document type with declarations of its own", self._here())
        self.stack[0].body.append(Entry("!DOCTYPE", " ".join(filter(None, (name, public, system))), self._here()))

    def _entity(self, name: str, _is_parameter: bool) -> None:
        raise Unparsable(f"an entity that is declared elsewhere: &{name};", self._here())


def read(text: str) -> Parsed:
    """Elements by name, attributes as ``@name``, text as the value of an element that has nothing else, processing instructions as ``?name``.

    Of text between elements the place among them is kept: ``see <b> there``. Comments and blanks between elements mean nothing.

    :raises Unparsable: for what is not well-formed, entities other than the five of XML, and beyond :data:`MAXIMUM_DEPTH`.
    """
    return tree(elements(text))


def elements(text: str) -> list[Entry]:
    """The same in the order of the file, not yet as a tree."""
    return _Reading(text).elements()


def _entry(element: _Element, *, is_root: bool) -> Entry:
    text = _text_of(element)
    if not element.body:
        return Entry(element.name, text, element.text_line or element.line)
    if text:
        element.body.append(Entry(TEXT, text, element.text_line))
    if is_root:
        return Entry(element.name, tuple(element.body), element.line)
    name = known_as(element.name, element.body)
    known = (Entry(KNOWN_AS, name, element.line),) if name else ()
    return Entry(element.name, (*known, *element.body), element.line, listed=bool(name) or is_named(element.name, element.body))


def _text_of(element: _Element) -> str:
    """The text without the line ends and indentation around it; between elements with single blanks, none if there is nothing but blanks."""
    if not element.has_elements:
        return _EDGES.sub("", "".join(element.pieces))
    return " ".join("".join(element.pieces).split()) if element.text_line else ""


FORMATS = (Format("xml", read, POLICIES),)
