"""Standard changes: planned from a template of ``ledger.toml``."""

from __future__ import annotations

from changelog_ledger.changes.templates import Draft, find_template, from_template
from changelog_ledger.model.policy import Template
from changelog_ledger.workflows.workspace import Workspace


def templates(workspace: Workspace) -> tuple[Template, ...]:
    """The home's templates, by name."""
    return tuple(sorted(workspace.settings.templates, key=lambda template: template.name))


def filled_in(workspace: Workspace, draft: Draft, template: str) -> Draft:
    """What was asked for, with what the template of this name says besides; as it is where no template is named.

    :raises NotFound: if there is no such template, with the names most like it.
    """
    if not template:
        return draft
    return from_template(draft, find_template(template, workspace.settings.templates))
