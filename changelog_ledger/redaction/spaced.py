"""A value that only white space parts from its name: ``requirepass hunter2`` is one, ``the password field`` is none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.model.secret_rules import Spelling
from changelog_ledger.redaction import harmless, words
from changelog_ledger.redaction.dialects import Dialect
from changelog_ledger.redaction.values import Found

_NAMED_FIRST = ([b"sentinel"], [b"unset"])
_OPTION = re.compile(rb"--?[A-Za-z][\w-]*|-\d")
_LETTER = re.compile(rb"[\w\x80-\xff]")
_POINTER = re.compile(rb"[*&]+\w+[);,]*")
_NGINX_VARIABLE = re.compile(rb"[\"']?\$[a-z_][a-z0-9_]*[\"']?[ \t]*;")
_TOLD = re.compile(rb"[ \t]+(?:was|is|used to be|had been|=+>?)[ \t]*:?[ \t]+(?P<value>\"[^\"\n]+\"|'[^'\n]+'|[^\s\"'<]+)(?P<rest>[^\r\n]{0,80})")
_TELLING = re.compile(rb"(?=.*[0-9!@#$%^&*+=~?])[^\s]{4,}|.*[a-z][A-Z].*|[A-Z][a-z]*[A-Z]\S*")
_PARTICIPLE = re.compile(rb"\w+(?:ed|en|ing|able|ible|ory|ful|less|ly)[.,;:!?]?|\w{1,3}")
_QUOTED = {ord('"'): re.compile(rb'"((?:[^"\\\n]|\\.)*+)"'), ord("'"): re.compile(rb"'([^'\n]*+)'")}
_SPACED_WORD = re.compile(rb"[^\s;\"'<{]+")
_COMMENT = re.compile(rb"[ \t]*(?:#|;|//|!|--[ \t]|\*)")
_TRAILING = b" \t,;"


def spaced_value(content: bytes, place: int, line_end: int, lead: bytes, name: bytes, dialect: Dialect) -> Iterator[Found]:
    """One word after a name and white space: in a directive, not in prose."""
    if lead and not name.startswith(b"-") and lead[-1:] not in b" \t#;!\"'$" and lead.strip() != b"//":
        return  # a part of something else: a MIME type, a section's head
    quoted = _QUOTED.get(content[place])
    word = (quoted.match(content, place) if quoted else None) or _SPACED_WORD.match(content, place)
    if (
        word is None
        or _OPTION.fullmatch(word[0])
        or not _LETTER.search(word[0])
        or harmless.SHELL_VARIABLE.fullmatch(word[0])
        or _NGINX_VARIABLE.match(content, place)
    ):
        return
    if (lead.endswith(b"!") and lead.strip() != b"!") or lead.split()[-1:] in _NAMED_FIRST or _is_placeholder(word[0], name):
        return  # a tag of YAML; what names something else first; a usage line ("--password PASSWORD", "unset TOKEN PASSWORD")
    comment = _COMMENT.match(lead) is not None
    if (told := _TOLD.match(content, place - 1)) and not comment and not word.lastindex and _TELLING.fullmatch(told["value"].rstrip(b".,;)")):
        yield from _told(told)
        return
    if comment and (told := _TOLD.match(content, place - 1)) and not word.lastindex:
        yield from _told(told)
        return
    rest = content[word.end() : min(line_end, word.end() + 64)].strip(_TRAILING + b"\r")
    if not word.lastindex and (rest.startswith(b"=") or harmless.FILE_NAME.fullmatch(word[0]) or harmless.COLUMN_TYPE.fullmatch(word[0])):
        return  # a key of several words, a file, a column
    if not word.lastindex and _reads_on(word[0], rest, lead, comment=comment):
        return
    yield *word.span(word.lastindex or 0), (Spelling.SHELL if dialect is Dialect.SHELL and not word.lastindex else _spelled(content[place]))


def _is_placeholder(word: bytes, name: bytes) -> bool:
    """``--db-password PASSWORD``, in a line of usage."""
    return word.isupper() and word.isalpha() and word.lower() in name


def _spelled(first: int) -> Spelling:
    return {ord('"'): Spelling.DOUBLE, ord("'"): Spelling.SINGLE}.get(first, Spelling.BARE)


def _reads_on(word: bytes, rest: bytes, lead: bytes, *, comment: bool) -> bool:
    """Whether a word after a name is a part of a sentence."""
    if word.strip(b".,;:!?()").lower().decode("latin-1") in words.PROSE:
        return True
    if comment:
        return bool(rest) or bool(lead.strip(b" \t#;!/*")) or _PARTICIPLE.fullmatch(word) is not None
    if lead.split()[-1:] == [b"match"]:
        return True  # a route map's condition
    if _POINTER.fullmatch(word) or (b"=" in lead and word.isalpha()):
        return True  # C; "Description=Forward Password Requests"
    lowly = word.rstrip(b".,:").isalpha() and word.islower()
    return lowly and (len(lead.split()) > 5 or rest.split(b" ", 1)[0].decode("latin-1").lower() in words.PROSE or word.endswith((b".", b",")))


def _told(told: re.Match[bytes]) -> Iterator[Found]:
    """``# password was hunter2``."""
    value, last = told["value"], not told["rest"].strip(b" \t.;,)")
    quoted = value[:1] in b"\"'"
    if quoted or _TELLING.fullmatch(value) or (last and value.lower().decode("latin-1") not in words.PROSE and not _PARTICIPLE.fullmatch(value)):
        start, end = told.span("value")
        yield start + quoted, end - quoted - (len(value) - len(value.rstrip(b".,;)")) if not quoted else 0), Spelling.BARE
