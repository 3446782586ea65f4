"""Whose records an ingestion reads, and below which root."""

from __future__ import annotations

import os

from changelog_ledger.errors import InvalidInput, NotFound
from changelog_ledger.sources.rooted import look_at_root
from changelog_ledger.workflows.collect_state import is_own_machine
from changelog_ledger.workflows.record_seen import ingested_host
from changelog_ledger.workflows.workspace import Workspace


def host_below(workspace: Workspace, host: str | None, root: str) -> str:
    """The host whose records lie below a root: this machine if None.

    :raises NotFound: if the ledger does not know it, or there is no such directory.
    That this machine's records are another host's is believed and said aloud: a home may know this machine by another name, but a forgotten
    ``--root`` looks the same.

    :raises InvalidInput: if the root is no directory.
    """
    name = ingested_host(workspace, host)
    hint = "--root names the directory that stands for the host's /; is it mounted?"
    try:
        look_at_root(root)
    except FileNotFoundError as error:
        raise NotFound(f"there is no directory {root}", hint) from error
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{root} cannot be read as a root: {getattr(error, 'strerror', None) or error}", hint) from error
    if os.path.realpath(root) == "/" and not is_own_machine(workspace, name, root):
        own = workspace.settings.host
        workspace.warn(f"the records below / are those of this machine, {own}; they are recorded as {name}'s, as asked (an image: --root DIR)")
    return name
