"""Where a value ends: quoted, a block, a here-document, the rest of the line, a word. Every function yields places with their spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from changelog_ledger.model.secret_rules import Spelling
from changelog_ledger.redaction import leaves
from changelog_ledger.redaction.dialects import Dialect

Found = tuple[int, int, Spelling]
"""Where a secret begins and ends, and how it is written there."""

_LONGEST = 65536
"""A quote that is not closed within so many bytes was none."""

_ONE_LINE = {
    ord('"'): re.compile(rb'"((?:[^"\\\n]|\\.)*+)"'),
    ord("'"): re.compile(rb"'((?:[^'\\\n]|\\.|'')*+)'"),
    ord("`"): re.compile(rb"`([^`\n]*+)`"),
}
_YAML_SINGLE = re.compile(rb"'((?:[^'\n]|'')*+)'")
_MANY_LINES = {ord('"'): re.compile(rb'"((?:[^"\\]|\\.)*+)"', re.DOTALL), ord("'"): re.compile(rb"'((?:[^']|'')*+)'")}
_TRIPLE = re.compile(rb'"""|' + b"'''")
_SHELL_SINGLE = {ord("'"): re.compile(rb"'([^']*+)'")}
_SPELLINGS = {ord('"'): Spelling.DOUBLE, ord("'"): Spelling.SINGLE, ord("`"): Spelling.BARE}
_AFTER_QUOTED = re.compile(rb"[\s,;)}\]>:#&|\\/.?]|\Z")
_SHELL_WORD = re.compile(rb"(?:[^\s\"'\\;&|<>()`]|\\(?s:.)|\"(?:[^\"\\]|\\(?s:.))*+\"|'[^']*+')++")
_SCHEME = re.compile(rb"\{[A-Za-z0-9-]{2,20}\}[^\s,}]")  # {SSHA}…, as LDAP and Dovecot write hashes
_REST = re.compile(rb"[^\r\n]+")
_BLOCK = re.compile(rb"([|>])[+-]?[0-9]?[+-]?[ \t]*(?:#[^\n]*)?\r?\n")
_HEREDOC = re.compile(rb"<<[-~]?[ \t]*[\"']?(\w{1,64})[\"']?[ \t]*\r?\n")
_BELOW = re.compile(rb"[ \t]*\r?\n[ \t]+(?P<value>[^\s#;\[][^\r\n]*)")
_ESCAPED_QUOTES = re.compile(rb"\\{1,7}\"(?P<value>[^\"\n]{1,4096}?)\\{1,7}\"")  # JSON within JSON
_LINE_END = re.compile(rb"[ \t]*(?:#[^\n]*)?\r?\n")
_COMMENT = re.compile(rb"[ \t]#")
_CONTINUED = re.compile(rb"(?:\r?\n[ \t]+(?![#;\[]|[\w.-]+[ \t]*[=:][ \t])[^\r\n]+)+")
_TRAILING = b" \t,;"
_BARE = {
    b"&": re.compile(rb"[^\s&\"'<>#]+"),
    b"?": re.compile(rb"[^\s&\"'<>#]+"),
    b";": re.compile(rb"[^\r\n;\"'<>]+"),
    b"{": re.compile(rb"[^\r\n,}\"'<>\]]+"),
    b",": re.compile(rb"[^\s,}\"'<>\])]+"),
    b"(": re.compile(rb"[^\s,\"'<>)]+"),
    b"[": re.compile(rb"[^\s,\"'<>\]]+"),
    b"|": re.compile(rb"[^\s\"'<>|]+"),
    b'"': re.compile(rb"[^\s,}\]\"'<>]+"),
}
_WORD = re.compile(rb"(?:[^\s\"'<>\\]|\\[^\n\"'])+")
_PAIRS = re.compile(rb";[ \t]*[\w ]{1,40}=")
_AFTER_FLOW = re.compile(rb"[\s,;)}\]#]|\Z")
_PLAIN_SCALAR = re.compile(rb"[^\s!&*|>%@`{}\[\]\"'#,$][^\n]*[^\s,]|[^\s!&*|>%@`{}\[\]\"'#,$]")
_KEY_WITHIN = re.compile(rb":(?:[ \t\r]|$)|\A[#{}\]\[]|[ \t]#")
_FLAT = (Dialect.INI, Dialect.PROPERTIES, Dialect.DOTENV, Dialect.SHELL)
_INLINE_COMMENTS = (Dialect.YAML, Dialect.TOML, Dialect.HCL)
_SPANS_LINES = (Dialect.YAML, Dialect.DOTENV, Dialect.SHELL)


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds a name.

    :ivar whole_line: nothing but the name, and perhaps a comment sign, precedes the value in its line.
    :ivar before: the byte before the name; empty at the beginning.
    :ivar opened: the quote that was opened before the name and is still open (``"API_TOKEN=two words"``).
    :ivar colon: the name was followed by a colon.
    :ivar several: the name may hold a list or a map of secrets.
    """

    dialect: Dialect
    line_begin: int
    whole_line: bool = False
    before: bytes = b""
    opened: int | None = None
    colon: bool = False
    several: bool = True
    comment: bool = False


def value_at(content: bytes, place: int, context: Context) -> Iterator[Found]:
    """The value that begins at ``place``, after a name and its separator."""
    if context.opened is not None and (closed := _to_quote(content, place, context.opened)):
        yield closed
        return
    first = content[place : place + 1]
    if context.colon and context.whole_line and not context.comment and (below := _LINE_END.match(content, place)):
        if context.several and context.dialect in (Dialect.YAML, Dialect.OTHER):
            yield from leaves.yaml_leaves(content, below.end(), leaves.column_of(content, context.line_begin))
        return
    if context.dialect is Dialect.INI and context.whole_line and (below := _BELOW.match(content, place)):
        yield *below.span("value"), Spelling.BARE
        return
    if first and first not in b"\r\n":
        yield from _written(content, place, context)


def _written(content: bytes, place: int, context: Context) -> Iterator[Found]:
    """The value whose first byte is at ``place``: that says how it is written."""
    first = content[place : place + 1]
    if first == b"\\" and (escaped := _ESCAPED_QUOTES.match(content, place)):
        yield *escaped.span("value"), Spelling.DOUBLE
        return
    if first in b"\"'`":
        yield from _quoted(content, place, context)
    elif first in b"|>" and (block := _BLOCK.match(content, place)):
        end = leaves.block_end(content, block.end(), leaves.column_of(content, context.line_begin))
        yield from _trimmed(content, block.end(), end, Spelling.INDENTED if block[1] == b"|" else Spelling.FOLDED)
    elif first == b"<" and (heredoc := _HEREDOC.match(content, place)):
        yield from _here_document(content, heredoc)
    elif first in b"{[" and not context.several:
        return
    elif first in b"{[" and context.dialect not in _FLAT and not _SCHEME.match(content, place):
        found = list(leaves.flow_leaves(content, place))
        is_one = not context.whole_line or _AFTER_FLOW.match(content, found[-1][1])  # "[abc]def" is none
        yield from found if is_one else _unquoted(content, place, context)
    else:
        yield from _unquoted(content, place, context)


def narrowed(content: bytes, start: int, end: int, spelling: Spelling, dialect: Dialect) -> Found:
    """A span as a pattern found it, without its quotes, and with the spelling that they tell."""
    if spelling is Spelling.SHELL or end - start < 2:
        return start, end, spelling
    quote = content[start]
    if quote not in b"\"'" or content[end - 1] != quote:
        return start, end, spelling
    return start + 1, end - 1, _spelling(quote, dialect) if spelling is Spelling.WRITTEN else spelling


def _spelling(quote: int, dialect: Dialect) -> Spelling:
    return Spelling.XML if dialect is Dialect.XML else _SPELLINGS[quote]


def _to_quote(content: bytes, place: int, quote: int) -> Found | None:
    """To the quote that closes what was opened before the name, on the same line; or to the next pair of a connection string."""
    close = content.find(bytes([quote]), place, place + _LONGEST)
    if close < 0 or content.find(b"\n", place, close) >= 0:
        return None
    pair = _PAIRS.search(content, place, close)
    return place, pair.start() if pair else close, _SPELLINGS[quote]


def _quoted(content: bytes, place: int, context: Context) -> Iterator[Found]:
    quote, dialect = content[place], context.dialect
    if (triple := _TRIPLE.match(content, place)) and (end := content.find(triple[0], triple.end(), place + _LONGEST)) >= 0:
        yield from _trimmed(content, triple.end(), end, Spelling.BARE)
        return
    if dialect is Dialect.SHELL and quote == ord("`"):
        return  # what a command says
    if dialect in (Dialect.SHELL, Dialect.DOTENV) and quote != ord("`"):
        word = _SHELL_WORD.match(content, place, place + _LONGEST)
        if word:
            yield _shell_word(content, place, word.end())
            return
    pattern = _YAML_SINGLE if dialect is Dialect.YAML and quote == ord("'") else _ONE_LINE[quote]
    match = pattern.match(content, place)
    if match is None and dialect in _SPANS_LINES and quote in _MANY_LINES and context.whole_line and not context.comment:
        match = _MANY_LINES[quote].match(content, place, place + _LONGEST)
    if match and _AFTER_QUOTED.match(content, match.end()):
        yield match.start(1), match.end(1), _spelling(quote, dialect)
    elif rest := (_REST if context.whole_line else _WORD).match(content, place + 1 if match is None else place):
        yield rest.start(), rest.start() + len(rest[0].rstrip(_TRAILING)), Spelling.BARE
    elif rest := _REST.match(content, place):
        yield *rest.span(), Spelling.BARE


def _shell_word(content: bytes, start: int, end: int) -> Found:
    """A word; without its quotes where they are around all of it."""
    quote = content[start]
    only = (_MANY_LINES if quote == ord('"') else _SHELL_SINGLE)[quote].match(content, start, end)
    return (start + 1, end - 1, _SPELLINGS[quote]) if only and only.end() == end else (start, end, Spelling.SHELL)


def _unquoted(content: bytes, place: int, context: Context) -> Iterator[Found]:
    dialect = context.dialect
    if dialect is Dialect.SHELL and not context.comment:
        if content.startswith(b"$(", place):
            return
        if word := _SHELL_WORD.match(content, place, place + _LONGEST):
            yield place, word.end(), Spelling.SHELL
        return
    if not context.whole_line:
        match = _BARE.get(context.before, _WORD).match(content, place)
        if match:
            yield place, place + len(match[0].rstrip(b" \t,;\\")), Spelling.XML if dialect is Dialect.XML else Spelling.BARE
        return
    match = _REST.match(content, place)
    if match is None:
        return
    if dialect is Dialect.YAML and context.colon and not context.comment:
        end = _folded_end(content, place, match.end(), leaves.column_of(content, context.line_begin))
        if end > match.end():
            yield place, end, Spelling.FOLDED
            return
    end = _end_of_rest(content, match.end(), dialect)
    remark = _COMMENT.search(content, place, end) if dialect in _INLINE_COMMENTS or dialect is Dialect.DOTENV else None
    end = remark.start() if remark else end
    yield place, place + len(content[place:end].rstrip(_TRAILING)), Spelling.SHELL if dialect is Dialect.DOTENV else Spelling.BARE


def _end_of_rest(content: bytes, end: int, dialect: Dialect) -> int:
    """The end of a value that goes to the end of its line, and on where the language says so."""
    if dialect is Dialect.PROPERTIES:
        return _backslashed_end(content, end)
    if dialect is Dialect.INI and (more := _CONTINUED.match(content, end, end + _LONGEST)):
        return more.end()
    return end


def _folded_end(content: bytes, place: int, end: int, column: int) -> int:
    """The end of a plain scalar of YAML: lines that are indented more than its key, and hold no other key, belong to it."""
    if _COMMENT.search(content, place, end) or not _PLAIN_SCALAR.fullmatch(content[place:end].rstrip()):
        return end
    begin, limit = end, min(end + _LONGEST, len(content))
    while (begin := content.find(b"\n", begin, limit) + 1) > 0:
        finish = content.find(b"\n", begin, limit)
        line = content[begin : finish if finish >= 0 else limit].rstrip()
        text = line.lstrip(b" ")
        if text and (len(line) - len(text) <= column or _KEY_WITHIN.search(text)):
            break
        end = begin + len(line) if text else end
    return end


def _backslashed_end(content: bytes, end: int) -> int:
    """The end of a value whose lines end in a backslash (java.util.Properties)."""
    while content[end - 1 : end] == b"\\" and content[end : end + 2].lstrip(b"\r")[:1] == b"\n":
        following = _REST.match(content, content.index(b"\n", end) + 1)
        if following is None:
            break
        end = following.end()
    return end


def _here_document(content: bytes, opening: re.Match[bytes]) -> Iterator[Found]:
    """To the line of its word; where that is missing, as far as one could be."""
    limit = min(opening.end() + _LONGEST, len(content))
    close = re.compile(rb"^[ \t]*" + opening[1] + rb"\b", re.MULTILINE).search(content, opening.end(), limit)
    yield from _trimmed(content, opening.end(), close.start() if close else limit, Spelling.INDENTED)


def _trimmed(content: bytes, start: int, end: int, spelling: Spelling) -> Iterator[Found]:
    """Without white space at both ends."""
    text = content[start:end]
    start, end = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
    if end > start:
        yield start, end, spelling
