"""Users and groups by name and number."""

from __future__ import annotations

import re

LARGEST_NUMBER = 2**32 - 2
"""The greatest user or group number: chown(2) takes 2**32 - 1 for "as it is"."""

_NUMBER = re.compile("[0-9]{1,10}")


def owner_number(text: str) -> int | None:
    """The number that a field of passwd(5) or group(5) says; None if that is none which a file can have."""
    number = int(text) if _NUMBER.fullmatch(text) else LARGEST_NUMBER + 1
    return number if number <= LARGEST_NUMBER else None
