"""Templates of messages that the home has: ``templates/KIND-NAME.txt`` (``.md`` for Markdown), read with care."""

from __future__ import annotations

import re
from pathlib import Path

from changelog_ledger.errors import InvalidInput, NotFound

TEMPLATE_FOLDER = "templates"
LARGEST_TEMPLATE = 64 * 1024

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def template_file(home: Path, kind: str, name: str, extension: str = "txt") -> Path:
    """Where the template ``name`` of a kind of message lies, if there is one.

    :raises InvalidInput: if nothing can be called so.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} cannot name a template", "use letters, digits, _ and -")
    return home / TEMPLATE_FOLDER / f"{kind}-{name}.{extension}"


def missing_template(file: Path, kind: str, listed_by: str) -> NotFound:
    """What is said where there is no such template: which ones there are, and what lists the fields."""
    return NotFound(f"there is no template {file}", f"there are {_there(file, kind)}; {listed_by} lists what it may name")


def read_template(file: Path) -> str:
    """The text of a template.

    :raises InvalidInput: if it is larger than 64 KiB or not UTF-8.
    """
    with file.open("rb") as opened:
        content = opened.read(LARGEST_TEMPLATE + 1)
    if len(content) > LARGEST_TEMPLATE:
        raise InvalidInput(f"{file} is larger than {LARGEST_TEMPLATE // 1024} KiB", "a template is a short text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} is not UTF-8 (byte {error.start + 1})", "save it as UTF-8") from error


def _there(file: Path, kind: str) -> str:
    found = sorted(other.name for other in file.parent.glob(f"{kind}-*{file.suffix}"))
    return ", ".join(found[:10]) or f"none in {file.parent}"
