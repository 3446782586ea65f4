"""Every value below a name: the lines of a YAML block, the parts of ``{…}`` and ``[…]``. One pass, however deep it is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.model.secret_rules import Spelling
from changelog_ledger.redaction.names import tells_otherwise

Found = tuple[int, int, Spelling]

_TOKEN = re.compile(
    rb"\"(?P<double>(?:[^\"\\]|\\(?s:.))*+)\"|'(?P<single>(?:[^'\\]|\\(?s:.)|'')*+)'|(?P<open>[{\[])|(?P<close>[}\]])|(?P<after>=>|[:=])"
    rb"|(?P<next>,|\n)|(?P<skip>[ \t\r]+|(?:#|//)[^\n]*)|(?P<bare>(?:[^\s{}\[\],:=\"'#/]|/(?!/)|(?<=\S)[:=#](?=[^\s\"'{\[]))++)|(?s:.)"
)
_LINE = re.compile(
    rb"(?P<lead>[ \t]*(?:-[ \t]+)*)"
    rb"(?:(?P<key>\"[^\"\n]{1,200}\"|'[^'\n]{1,200}'|[^\s\"'#:{\[&*!|>-][^:\n\"'#{\[]{0,200}?|-[^\s:]{1,200})[ \t]*:(?=[ \t\r\n]|\Z)[ \t]*)?"
    rb"(?P<tag>(?:[!&]\S+[ \t]+)*)(?P<value>[^\n]*)"
)
_BLOCK = re.compile(rb"([|>])[+-]?[0-9]?[+-]?[ \t]*(?:#[^\n]*)?\r?\Z")
_DOUBLE = re.compile(rb'"((?:[^"\\]|\\(?s:.))*+)"')
_SINGLE = re.compile(rb"'((?:[^']|'')*+)'")
_STATEMENT = re.compile(rb"[A-Za-z_][\w.-]{0,64}(?:[ \t]*=(?!>)|:(?=\s))|\[[\w.\" -]{1,64}\][ \t\r]*$|---", re.MULTILINE)
"""At the beginning of a line, where nothing announced that the collection goes on."""
_LONGEST = 65536


def column_of(content: bytes, line_begin: int) -> int:
    """The column at which what a line says begins: dashes of a list count as blanks."""
    line = content[line_begin : line_begin + 512]
    return len(line) - len(line.lstrip(b" -"))


def block_end(content: bytes, place: int, column: int) -> int:
    """Where the lines end that are indented more than ``column``; blank ones belong to them."""
    while place < len(content):
        end = content.find(b"\n", place)
        end = end if end >= 0 else len(content)
        line = content[place : min(end, place + 4096)]
        if line.strip() and len(line) - len(line.lstrip(b" ")) <= column and column > -1:
            return place
        place = end + 1
    return len(content)


def yaml_leaves(content: bytes, place: int, column: int, spelling: Spelling = Spelling.WRITTEN, *, every: bool = False) -> Iterator[Found]:
    """The scalars below a key of a block mapping.

    :param place: the beginning of the line after the key.
    :param column: the key's column; its lines are indented more, or are items of a list at the same column.
    :param every: also those whose own name is about something else (``username``).
    """
    while place < len(content):
        end = content.find(b"\n", place)
        end = end if end >= 0 else len(content)
        line = _LINE.match(content, place, end)
        if line is None or not (line["value"].strip() or line["key"]):
            place = end + 1
            continue
        lead = line["lead"]
        indent = len(lead) - len(lead.lstrip(b" \t"))
        if indent < column or (indent == column and b"-" not in lead) or content.startswith((b"---", b"..."), place):
            break
        place = end + 1
        key = (line["key"] or b"").strip(b"\"' ")
        wanted = every or not tells_otherwise(key)
        stop, found = _scalar(content, line, end, len(lead), spelling)
        place = max(place, stop)
        if wanted:
            yield from found
    yield min(place, len(content)), min(place, len(content)), Spelling.BARE  # empty: so far it has been looked at


def _scalar(content: bytes, line: re.Match[bytes], end: int, column: int, spelling: Spelling) -> tuple[int, list[Found]]:
    """The scalar of a line: where what follows it begins, and where it is."""
    start = line.start("value")
    value = line["value"].rstrip()
    if not value or value[:1] in b"#*":
        return end + 1, []
    if block := _BLOCK.match(value):
        stop = block_end(content, end + 1, column if line["key"] else column - 1)
        text = content[end + 1 : stop]
        first, last = end + 1 + len(text) - len(text.lstrip()), end + 1 + len(text.rstrip())
        kind = Spelling.INDENTED if block[1] == b"|" else Spelling.FOLDED
        return stop, [(first, last, spelling if spelling is Spelling.BASE64 else kind)] if last > first and not line["tag"].startswith(
            b"!vault"
        ) else []
    if value[:1] in b"{[":
        return end + 1, list(flow_leaves(content, start, end))
    for mark, pattern, kind in ((b'"', _DOUBLE, Spelling.DOUBLE), (b"'", _SINGLE, Spelling.SINGLE)):
        if value.startswith(mark) and (quoted := pattern.match(content, start, start + _LONGEST)):
            after = content.find(b"\n", quoted.end())
            return (after + 1 if after >= 0 else len(content)), [(*quoted.span(1), kind if spelling is Spelling.WRITTEN else spelling)]
    value = value.split(b" #", 1)[0].rstrip()
    return end + 1, [(start, start + len(value), Spelling.BARE if spelling is Spelling.WRITTEN else spelling)]


def flow_leaves(content: bytes, place: int, limit: int | None = None) -> Iterator[Found]:
    """The scalars of ``{…}`` or ``[…]`` that begins at ``place``, but those whose name is about something else.

    The last one is empty and says how far it went.
    """
    limit = len(content) if limit is None else limit
    flow = _Flow(content)
    before = b"{"
    for token in _TOKEN.finditer(content, place, limit):
        if token[0] == b"\n" and before not in b",{[" and _STATEMENT.match(content, token.end()):
            yield from flow.take(token)
            limit = token.start()
            break  # never closed: another statement begins
        before = token[0] if token.lastgroup != "skip" and token[0] != b"\n" else before
        yield from flow.take(token)
        if flow.closed:
            limit = token.end()
            break
    yield limit, limit, Spelling.BARE


_KINDS = {"double": Spelling.DOUBLE, "single": Spelling.SINGLE, "bare": Spelling.BARE}


class _Flow:
    """Reads the tokens of one flow collection; what stands before a colon is the name of what follows."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._depth = 0
        self._name = b""
        self._after_name = False
        self._waiting: Found | None = None  # a scalar that may turn out to be a name
        self.closed = False

    def take(self, token: re.Match[bytes]) -> Iterator[Found]:
        """Go on by one token; yields the scalar that is complete by it."""
        kind = token.lastgroup or ""
        if kind in _KINDS:
            self._scalar(token, kind)
        elif kind == "after" and not self._after_name:
            self._name = self._content[self._waiting[0] : self._waiting[1]] if self._waiting else b""
            self._after_name, self._waiting = True, None
        elif kind != "skip" and not (token[0] == b"\n" and self._after_name and self._waiting is None):  # a value may be on the next line
            if self._waiting is not None and not tells_otherwise(self._name):
                yield self._waiting
            self._between(kind)

    def _scalar(self, token: re.Match[bytes], kind: str) -> None:
        goes_on = kind == "bare" and self._waiting is not None and self._waiting[2] is Spelling.BARE
        start = self._waiting[0] if goes_on and self._waiting else token.start(kind)
        self._waiting = (start, token.end(kind), _KINDS[kind])

    def _between(self, kind: str) -> None:
        self._waiting = None
        self._depth += (kind == "open") - (kind == "close")
        self.closed = kind == "close" and self._depth <= 0
        if kind != "after":
            self._after_name, self._name = False, b""
