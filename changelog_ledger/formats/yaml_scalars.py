"""Scalars and tags of YAML 1.1 as they are written."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from changelog_ledger.formats.written import text_as_written

_STRING_TAG = "tag:yaml.org,2002:str"
_COLLECTION_TAGS = ("", "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")


def scalar(event: yaml.ScalarEvent) -> str:
    """The scalar as written: its own tag in front, quotes only where its bare text would be no text (``"yes"``, ``"3"``, ``""``)."""
    value: str = event.value
    if event.tag and event.tag not in ("!", _STRING_TAG):
        return f"{_short(event.tag)} {value}"
    return value if event.implicit[0] else text_as_written(value, _reads_as_other)


def collection_tag(tag: str | None) -> str:
    """The tag of a mapping or sequence that says more than that it is one, else an empty text."""
    return "" if not tag or tag in _COLLECTION_TAGS else _short(tag)


def _short(tag: str) -> str:
    """A tag as it is mostly written; one that a directive made longer in full, between ``!<`` and ``>``."""
    short = tag.replace("tag:yaml.org,2002:", "!!")
    return short if short.startswith("!") else f"!<{short}>"


@cache
def _resolver() -> Any:
    return yaml.resolver.Resolver()


def _reads_as_other(text: str) -> bool:
    """Whether ``text``, without quotes, is a number, boolean, null, date, merge key or the tag of something in YAML 1.1."""
    return text.startswith("!") or (len(text) < 100 and _resolver().resolve(yaml.ScalarNode, text, (True, False)) != _STRING_TAG)
