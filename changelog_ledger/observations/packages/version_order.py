"""Which of two versions is newer.

The order of deb-version(7), which rpm's and pacman's agree with wherever it matters here: an epoch first, then words and numbers in turn, ``~``
before anything, even the end. rpm's ``^`` comes right after the end. Python, npm and apk write what comes before a release as a word (``1.0rc1``,
``1.0.0-beta.2``, ``1.0_alpha``); there it is taken for a ``~``.
"""

from __future__ import annotations

import re

_NUMBERS = re.compile(r"(\d+)", re.ASCII)
_BEFORE_RELEASE = re.compile(r"[-_.]?(dev|alpha|beta|preview|pre|rc|a|b|c)(?=[-_.]?\d|[-_.]|$)", re.IGNORECASE)
_WRITES_IT_AS_A_WORD = frozenset(("pip", "npm", "apk", "flatpak"))
_END, _CARET, _TILDE = 0, 1, -1

Key = tuple[object, ...]


def is_newer(version: str, than: str, manager: str) -> bool:
    """Whether a version is newer than another one of the same package."""
    return _key(version, manager) > _key(than, manager)


def _key(version: str, manager: str) -> Key:
    epoch, colon, rest = version.strip().partition(":")
    if not colon:
        epoch, rest = "", version.strip()
    if manager in _WRITES_IT_AS_A_WORD:
        rest = _BEFORE_RELEASE.sub(_marked, rest)
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return _part(epoch), _part(upstream), _part(revision)


def _marked(word: re.Match[str]) -> str:
    """PEP 440: a development release comes before what is made of it."""
    return ("~~" if word[1].lower() == "dev" else "~") + word[1]


def _part(text: str) -> Key:
    """Words and numbers in turn, a word first and last, each comparable with what stands at the same place of another version."""
    return tuple(_number(piece) if at % 2 else _word(piece) for at, piece in enumerate(_NUMBERS.split(text)))


def _number(digits: str) -> tuple[int, str]:
    bare = digits.lstrip("0")  # not int(): a number may have any length
    return len(bare), bare


def _word(text: str) -> tuple[int, ...]:
    return (*(_order(character) for character in text), _END)


def _order(character: str) -> int:
    if character == "~":
        return _TILDE
    if character == "^":
        return _CARET
    return ord(character) if character.isalpha() else ord(character) + 0x110000
