"""Tell the users: the message about a change, from a built-in template or one of the home's own."""

from __future__ import annotations

from datetime import UTC, tzinfo
from pathlib import Path

from changelog_ledger.changes.announcement_texts import MARKDOWN, TEXTS, Moment
from changelog_ledger.changes.announcing import LISTED_BY, announcement, usual_moment
from changelog_ledger.errors import InvalidInput
from changelog_ledger.model.change import Change
from changelog_ledger.reports.escape import printable
from changelog_ledger.workflows.home_templates import missing_template, read_template, template_file
from changelog_ledger.workflows.record_change import find_change
from changelog_ledger.workflows.workspace import Workspace
from changelog_ledger.workflows.zones import zone_named


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
    file = template_file(home, "announce", name or moment, "md" if markdown else "txt")
    if file.is_file():
        return read_template(file), str(file)
    if name:
        raise missing_template(file, "announce", LISTED_BY)
    return (MARKDOWN if markdown else TEXTS)[moment], "the built-in template"


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
