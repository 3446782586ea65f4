"""What a probe is known again by: answers of another one are no answers of this one."""

from __future__ import annotations

import hashlib
import re
import shlex
import stat
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path, PurePath
from types import CodeType

from changelog_ledger.workflows.bisect_probe import Command, Probe

_LARGEST = 1 << 20
_INTERPRETER = re.compile(r"(ba|da|k|z)?sh|(python|perl|ruby|node|php|lua)[0-9.]*")
_OPERATORS = frozenset("();<>|&")


def probe_digest(probe: Command | Probe) -> str:
    """A digest of a command's words and of the program or script that it runs first, or of a function's code; empty where neither can be known.

    Of ``./check.sh``, ``python3 check.py --fast`` and ``/bin/sh check.sh`` the script is known, so that a mended one is another probe.
    """
    if callable(probe):
        return _function_digest(probe)
    words, leading = ([probe], _leading_words(probe)) if isinstance(probe, str) else (list(probe), list(probe))
    return _digest(repr(words).encode("utf-8", "surrogateescape"), *_programs(leading))


def _digest(*pieces: bytes) -> str:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(len(piece).to_bytes(8, "big") + piece)
    return found.hexdigest()


def _leading_words(line: str) -> list[str]:
    """The words of the first simple command of a shell's line."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        return list(takewhile(lambda word: not (set(word) <= _OPERATORS), lexer))
    except ValueError:  # an open quotation mark: the shell will say so
        return []


def _programs(words: Sequence[str]) -> Iterator[bytes]:
    """The contents of what is run: the program, or the script that an interpreter is given. What either reads besides is not looked at."""
    if not words:
        return
    scripts = [word for word in words[1:] if not word.startswith("-")] if _INTERPRETER.fullmatch(PurePath(words[0]).name) else []
    found = map(_content, (words[0], *scripts[:1]))
    yield from (content for content in found if content is not None)


def _content(name: str) -> bytes | None:
    """The content of a file, or of a large one its size and time."""
    try:
        found = Path(name).stat()
        if not stat.S_ISREG(found.st_mode):
            return None
        if found.st_size > _LARGEST:
            return f"{found.st_size} {found.st_mtime_ns}".encode()
        with Path(name).open("rb") as file:
            return file.read(_LARGEST)
    except (OSError, ValueError):  # no file, or none that we may read: then it is known by its name
        return None


def _function_digest(function: Callable[..., object]) -> str:
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return ""
    return _digest(f"{function.__module__}.{function.__qualname__}".encode(), *_code(code))


def _code(code: CodeType) -> Iterator[bytes]:
    """What a function does. What it closes over is not known."""
    yield code.co_code
    yield repr(code.co_names).encode()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        else:
            yield repr(constant).encode("utf-8", "surrogateescape")
