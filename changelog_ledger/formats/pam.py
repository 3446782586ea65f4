"""PAM services, pam.d(5): ``auth[pam_unix.so]/control``, ``password[pam_pwquality.so]/arguments[0]``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from changelog_ledger.formats.entries import Entry, tree
from changelog_ledger.formats.grammar import Format, Parsed, Unparsable
from changelog_ledger.formats.logical_lines import LogicalLine, Piece, bracketed_words, logical_lines, members
from changelog_ledger.model.document import ListPolicy

_TYPES = ("auth", "account", "password", "session")
_INCLUDE = "@include"
_COMMON = re.compile(r"(?:.*[-_])?(auth|account|password|session)(?:[-_].*)?")


def read(text: str) -> Parsed:
    """The stacks of a service: for each type its modules in their order, which are known by name where that is unique.

    ``@include common-auth`` stands in the stack that its name says, another one in the stack of the line before it. A leading ``-`` (be
    silent if the module is missing) is a key of its own.

    :raises Unparsable: if a line is neither of these.
    """
    return tree(_stacked(text))


def _stacked(text: str) -> Iterator[Entry]:
    stack = _INCLUDE
    for line in logical_lines("\n".join(line.split("#")[0] for line in text.split("\n"))):
        words = list(bracketed_words(line))
        kind = words[0].text.lower()
        if kind == _INCLUDE and len(words) == 2:
            stack = _stack_of(words[1].text, stack)
            yield _included(stack, words[1])
        elif kind.removeprefix("-") in _TYPES and len(words) >= 3:
            stack = kind.removeprefix("-")
            yield _module(stack, kind.startswith("-"), words, line)
        else:
            raise Unparsable("not a type, control and module", line.line)


def _stack_of(included: str, stack: str) -> str:
    found = _COMMON.fullmatch(included)
    return found[1] if found else stack


def _included(stack: str, file: Piece) -> Entry:
    return Entry(stack, (Entry("module", f"{_INCLUDE} {file.text}", file.line),), file.line, listed=True)


def _module(stack: str, is_silent: bool, words: list[Piece], line: LogicalLine) -> Entry:
    _, control, module, *arguments = words
    silent = [Entry("silent if missing", "", line.line)] if is_silent else []
    settings = (
        Entry("control", control.text, control.line),
        Entry("module", module.text, module.line),
        *members("arguments", arguments, module.line),
    )
    return Entry(stack, (*silent, *settings), line.line, listed=True)


FORMATS = (Format("pam", read, tuple(ListPolicy((stack,), ("module",)) for stack in (*_TYPES, _INCLUDE))),)
