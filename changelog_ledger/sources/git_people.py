"""Who commits: what git will write down as the author (git-commit(1), "COMMIT INFORMATION")."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from changelog_ledger.model.gate import Person


def author(inherited: Mapping[str, str], setting: Callable[[str], str]) -> Person:
    """The author of the commit that is being made; git tells its hooks where it was named (``--author``), else the settings do.

    :param setting: answers a setting of git, or empty.
    """

    def said(variable: str, *names: str) -> str:
        return inherited.get(variable) or next((value for name in names if (value := setting(name))), "")

    address = said("GIT_AUTHOR_EMAIL", "author.email", "user.email") or inherited.get("EMAIL", "")
    return Person(said("GIT_AUTHOR_NAME", "author.name", "user.name"), address)
