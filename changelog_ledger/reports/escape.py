"""Untrusted text made harmless for a terminal, a JSON document and a shell.

Titles, paths, keys and values come from hosts and people. A file name may hold an escape sequence that repaints the screen, a right-to-left
override that turns a path around, or nothing visible at all. People shall see *that* it does.
"""

from __future__ import annotations

import re
import shlex

_CONTROLS = r"\x00-\x1f\x7f-\x9f"
_INVISIBLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Bidi controls, zero-width characters, separators, fillers, variation selectors and tags: what Unicode calls ignorable by default."""

_SURROGATES = r"\ud800-\udfff"
_HIDDEN = re.compile(f"[{_CONTROLS}{_INVISIBLE}{_SURROGATES}]")
_HIDDEN_IN_JSON = re.compile(rf"[\x7f-\x9f{_INVISIBLE}{_SURROGATES}]")
_ODD_SPACE = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str) -> str:
    """``text`` on one line, with everything that a terminal would obey or not show written as an escape: ``\\n``, ``\\x1b``, ``\\u202e``.

    A byte that could not be decoded (a lone surrogate of PEP 383) reads ``\\xNN``. Plain text comes back unchanged.
    """
    return _HIDDEN.sub(_visible, text)


def printable_lines(text: str) -> list[str]:
    """The lines of ``text``, each as :func:`printable` shows it; line ends are kept as lines."""
    return [printable(line) for line in text.split("\n")]


def printable_value(text: str) -> str:
    """As :func:`printable`, and spaces that only look like spaces are shown too: in a value they are often the fault itself."""
    return _ODD_SPACE.sub(_visible, printable(text))


def json_safe(document: str) -> str:
    """JSON text whose strings hold no raw character that a terminal would obey; it means the same, and it always encodes as UTF-8."""
    return _HIDDEN_IN_JSON.sub(_json_escape, document)


def shell_word(text: str) -> str:
    """``text`` as one word of a shell command that can be pasted, with nothing hidden in it."""
    if printable(text) == text:
        return shlex.quote(text)
    return "$'" + "".join(_shell_character(character) for character in text) + "'"


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    number = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if number <= 0x7F:
        return f"\\x{number:02x}"
    if 0xDC80 <= number <= 0xDCFF:  # the byte itself; U+0080 to U+00FF read \u00NN, so that both can be told apart
        return f"\\x{number - 0xDC00:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _json_escape(match: re.Match[str]) -> str:
    number = ord(match.group())
    if number <= 0xFFFF:
        return f"\\u{number:04x}"
    high, low = divmod(number - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _shell_character(character: str) -> str:
    if character in "\\'":
        return "\\" + character
    return printable(character)
