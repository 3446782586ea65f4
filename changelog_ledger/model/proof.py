"""Proofs: what became of a checklist item whose command was run."""

from __future__ import annotations

from dataclasses import dataclass

from changelog_ledger.model.change import Item


@dataclass(frozen=True, slots=True)
class Proof:
    """How the command of a checklist item ended.

    :ivar item: as it stands afterwards: ticked if the command exited with 0.
    :ivar exit_code: as the shell has it; None if it was ended because it took too long.
    :ivar said: the last line of its output that says something, without secrets; or empty.
    """

    item: Item
    exit_code: int | None
    said: str = ""

    @property
    def proven(self) -> bool:
        """Whether it exited with 0."""
        return self.exit_code == 0
