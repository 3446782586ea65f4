"""Scalars as they are written, for formats that tell a number from a text.

``8080`` and ``"8080"`` are different values in JSON, TOML and YAML, and a service may start with one and not with the other. A tree holds
strings only, so a *text* that would be read as something else without its quotes is shown in quotes; everything else is shown bare. Distinct
values stay distinct: a text that begins with a quote is quoted too.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MASKED = r"<secret:[0-9a-f]{2,64}>"
"""What stands in place of a secret. Where that was a number, or bare, it is no value of its format any more, and is read as a text."""

_SURROGATE = re.compile("[\ud800-\udfff]")


class Bare(str):
    """A scalar that is no text (number, boolean, null, date), as written. Marked so by the parser's library, a plain ``str`` in the tree."""

    __slots__ = ()


def text_as_written(text: str, reads_as_other: Callable[[str], bool]) -> str:
    """``text`` bare if that cannot be taken for something else, else in double quotes."""
    if text.startswith('"') or reads_as_other(text):
        return f'"{encodable(text)}"'
    return encodable(text)


def encodable(text: str) -> str:
    """``text`` with lone surrogates written as escapes: no database and no terminal takes them."""
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) if not text.isascii() else text
