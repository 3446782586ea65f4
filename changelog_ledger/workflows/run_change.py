"""Making a change, whole (:mod:`~changelog_ledger.workflows.making`) or as a command (:mod:`~changelog_ledger.workflows.run_command`)."""

from changelog_ledger.workflows.making import making
from changelog_ledger.workflows.run_command import run_command

__all__ = ["making", "run_command"]
