"""Standard changes: planned from a template of ``ledger.toml``."""

from __future__ import annotations

from changelog_ledger.changes.draft import Draft
from changelog_ledger.changes.templates import find_template, from_approved, from_template
from changelog_ledger.model.change import Change
from changelog_ledger.model.policy import Template
from changelog_ledger.workflows.workspace import Workspace


def templates(workspace: Workspace) -> tuple[Template, ...]:
    """The home's templates, by name."""
    return tuple(sorted(workspace.settings.templates, key=lambda template: template.name))


def filled_in(workspace: Workspace, draft: Draft) -> Draft:
    """What was asked for, with what its template says besides; as it is where no template is named.

    :raises NotFound: if there is no such template, with the names most like it.
    """
    if not draft.template:
        return draft
    return from_template(draft, find_template(draft.template, workspace.settings.templates))


def marked_as_from(workspace: Workspace, change: Change, name: str) -> Change:
    """A change that was planned from the template of this name; as it is where no template is named.

    :raises NotFound: if there is no such template.
    """
    return from_approved(change, find_template(name, workspace.settings.templates)) if name else change
