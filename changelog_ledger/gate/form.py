"""Whether two versions of a file differ in comments and form alone. Two proofs have to agree, for whoever passes here needs no change.

The format's parser finds the same tree in both. And without comments and white space both read alike: a parser may be sloppy where a program is not
(the order of ``allow`` and ``deny``, blanks within quotes, ``#includedir``).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from changelog_ledger.model.document import Document, FileVersion

_LINES = "lines"
_DATA = frozenset({"json", "json5", "toml", "yaml", "xml", "hcl"})
"""Formats whose grammars take any line end for the same, and need none at the end. Elsewhere programs differ: cron leaves out a last line without."""

_LONGEST = 1_000
"""Characters of a line: some programs read longer ones in pieces, and the second piece of a comment is no comment."""

_WHOLE = re.compile(r"\s*(?:#|;|//|!|--\s|/\*|<!--)")
"""How a line that is a comment begins."""
_TRAILING = re.compile(r"\s(?:[#;]|//\s).*$")
_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`)""")
_BEFORE_BLANKS = re.compile(r"\\[ \t]+$")
"""A backslash that continues no line."""

_BLANKS = re.compile(r"[ \t\r]+")

_CRONTABS = frozenset({"crontab", "user-crontab"})
"""Behind ``%`` stands what the command reads (crontab(5))."""

_TO_THE_LETTER = frozenset({"tmpfiles"})
"""The last column of a line may be the text of a file (tmpfiles.d(5))."""

_GUESSED = frozenset({"keyvalue"})
"""Files of which nobody knows who reads them: perhaps one that takes ``#`` behind a value for a part of it."""

_FIRST = re.compile(r"\s*(?:#[!%]|#\s?-\*-|#[a-z][\w-]*$|#\s*\w[\w-]*[=:]|<[?!])")
"""A first line that says what the file is: ``#!/bin/sh``, ``#cloud-config``, ``#%Module``, ``# syntax=docker/dockerfile:1``."""

_DIRECTIVE = re.compile(
    r"""(?ix)
      ^\s*[#]\s*(?: include(?:dir|_dir)?\b | (?:define|undef|ifn?def|if|elif|else|endif|pragma|clear|import)\b )   # sudoers, apt.conf, cpp
    | ^\s*[#]\d                                                          # sudoers: a user by number
    | ^\s*[#]\s*(?: syntax | escape | check | config-version | conf_file_ver | buildno | global_vdom )\s*=       # Dockerfile, FortiOS
    | ^\s*[#]\#\#\ (?:tuple|rules|logging|end|rate)\b                        # what ufw reads back from its rules
    | [#]\s*(?-i:BEGIN|END)\s+\S | [#]\s?Ansible: | [#]\ Puppet\ Name: | [#]\s*(?:chkconfig|jinja2)\s*:              # marks of tools in files
    | vy(?:os|atta)-config-version                                          # what a VyOS router migrates from
    | -\*- | \b(?:vim?|ex)(?:[<=>]?\d+)?:                                     # how an editor is to read it
    | \b[\w-]+\s*:\s*\$schema | \$schema\s*=
    | \{[\{%\#] | \{\$ | <[%?] | [$%]\{ | \$\( | `                               # templates: what they fill in or leave out
    | /\*[!+] | <!--\s*(?:[#\[]|esi) | <!\[ | \]-->                             # SQL and HTML that one program runs and another skips
    | \\\s*$                                                            # goes on in the next line
    """
)
"""What stands in a comment, or reads like one, and means something to some program."""


def why_not_form(before: FileVersion, after: FileVersion) -> str:
    """Why a difference that no key shows may mean something; empty if it is one of comments, white space or line ends alone.

    :param before: with its document, and ``after`` too.
    """
    old, new = before.document, after.document
    if old is None or new is None or _LINES in (old.format, new.format) or old.format != new.format:
        return "read by lines, so nothing tells a comment from a setting"
    if _written(old) != _written(new):
        return "the order of the settings differs"
    one, other = _text(before), _text(after)
    return "it is not UTF-8" if one is None or other is None else _of_texts(one, other, old.format)


def _of_texts(before: str, after: str, form: str) -> str:
    if form in _DATA:
        before, after = (text.replace("\r\n", "\n").removesuffix("\n") + "\n" for text in (before, after))
    if before.count("\r") != after.count("\r"):
        return "programs that read this format may take line ends differently"
    if before.endswith("\n") and not after.endswith("\n"):
        return "its last line has no end now, and some programs leave out such a line"
    lines = Counter(before.split("\n")), Counter(after.split("\n"))
    changed = [*(lines[0] - lines[1]), *(lines[1] - lines[0])]
    if any(len(line) > _LONGEST for line in changed):
        return f"a line of more than {_LONGEST:,} characters differs"
    if found := next((character for line in changed for character in line if _is_odd(character)), ""):
        return f"a line that differs holds a character that does not show (U+{ord(found):04X})"
    if [*_marks(before)] != [*_marks(after)]:
        return "a line that reads like a comment means something"
    return "" if _essence(form, before) == _essence(form, after) else "more than comments and white space differs"


def _written(document: Document) -> str:
    """A tree as text: two that differ in the order of their keys differ."""
    return json.dumps(document.root)


def _text(version: FileVersion) -> str | None:
    try:
        return None if version.content is None else version.content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _is_odd(character: str) -> bool:
    """Whether a character is a control, a separator or formatting other than space, tab and return: some programs end a line or a word there."""
    return character not in " \t\r" and unicodedata.category(character) in ("Cc", "Cf", "Co", "Cs", "Zs", "Zl", "Zp")


def _marks(text: str) -> Iterator[str]:
    """The lines that read like comments, or have one, and mean something."""
    for number, line in enumerate(text.split("\n")):
        if _means(number, line):
            yield line


def _means(number: int, line: str) -> bool:
    comment = line if _WHOLE.match(line) else found.group() if (found := _TRAILING.search(line)) else ""
    return bool(comment and _DIRECTIVE.search(comment)) or (number == 0 and _FIRST.match(line) is not None)


def _essence(form: str, text: str) -> str:
    """What is left without comments and without white space outside quotes. A comment that means something keeps its place."""
    return "".join(_essential(form, number, line) for number, line in enumerate(text.split("\n")))


def _essential(form: str, number: int, line: str) -> str:
    if _means(number, line) or _BEFORE_BLANKS.search(line):
        return f"\n{line}\n"
    if _WHOLE.match(line):
        return ""
    if form in _TO_THE_LETTER:
        return f"\n{line.strip()}\n"
    code = line if form in _GUESSED else _TRAILING.sub("", line)
    plain, sign, to_the_letter = line.partition("%") if form in _CRONTABS else (code, "", "")
    return "".join(_without_blanks(plain)) + sign + to_the_letter


def _without_blanks(line: str) -> Iterator[str]:
    for place, piece in enumerate(_QUOTED.split(line)):
        yield piece if place % 2 else _BLANKS.sub("", piece)
