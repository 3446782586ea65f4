"""Tell the users: the message about a change, from a built-in template or one of the home's own."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from pathlib import Path

from changelog_ledger.changes.announcement_texts import MARKDOWN, TEXTS, Moment
from changelog_ledger.changes.announcing import announcement, usual_moment
from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.model.change import Change
from changelog_ledger.reports.escape import printable
from changelog_ledger.workflows.record_change import find_change
from changelog_ledger.workflows.workspace import Workspace
from changelog_ledger.workflows.zones import zone_named

TEMPLATE_FOLDER = "templates"
LARGEST_TEMPLATE = 64 * 1024

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def announce(workspace: Workspace, identifier: str, *, at: str | None = None, template: str = "", markdown: bool = False, zone: tzinfo = UTC) -> str:
    """The message about a change.

    :param at: ``before``, ``start`` or ``end``; what fits the change's status if None.
    :param template: ``NAME`` for ``templates/announce-NAME.txt`` (``.md`` for Markdown) in the home; if empty, the file named after the moment where
        there is one, else the built-in text.
    :param zone: the zone of the times where the change was planned in none.
    :raises NotFound: if there is no such change or template.
    :raises InvalidInput: for an unknown moment, one that does not fit the change's status, or a template that cannot be filled.
    """
    change = find_change(workspace, identifier)
    moment = usual_moment(change) if at is None else _moment(at)
    text, called = _template(workspace.home, moment, template, markdown)
    return announcement(change, moment, text, _zone_of(change, zone), _in_markdown if markdown else printable, called)


def _moment(text: str) -> Moment:
    try:
        return Moment(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no moment of a change", f"it is one of {', '.join(Moment)}") from error


def _template(home: Path, moment: Moment, name: str, markdown: bool) -> tuple[str, str]:
    """The text of the template, and how to call it."""
    if name and not _NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} cannot name a template", "use letters, digits, _ and -")
    file = home / TEMPLATE_FOLDER / f"announce-{name or moment}.{'md' if markdown else 'txt'}"
    if file.is_file():
        return _read(file), str(file)
    if name:
        raise NotFound(f"there is no template {file}", f"there are {_there(file)}; ledger change announce --fields lists what it may name")
    return (MARKDOWN if markdown else TEXTS)[moment], "the built-in template"


def _there(file: Path) -> str:
    found = sorted(other.name for other in file.parent.glob(f"announce-*{file.suffix}"))
    return ", ".join(found[:10]) or f"none in {file.parent}"


def _read(file: Path) -> str:
    with file.open("rb") as opened:
        content = opened.read(LARGEST_TEMPLATE + 1)
    if len(content) > LARGEST_TEMPLATE:
        raise InvalidInput(f"{file} is larger than {LARGEST_TEMPLATE // 1024} KiB", "a template is a short text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} is not UTF-8 (byte {error.start + 1})", "save it as UTF-8") from error


def _zone_of(change: Change, zone: tzinfo) -> tzinfo:
    """The zone that the change was planned in, where this machine knows it."""
    try:
        return zone_named(change.zone) if change.zone else zone
    except InvalidInput:
        return zone


def _in_markdown(text: str) -> str:
    """A line of a value, none of which becomes markup."""
    from changelog_ledger.reports.markdown import inline

    return inline(text) if text else ""
