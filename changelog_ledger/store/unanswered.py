"""What a database says when it does not do as it was told, in words for people."""

from __future__ import annotations

from changelog_ledger.errors import Busy, HomeError


def unanswered(description: str, said: str) -> Busy | HomeError:
    """The error for an ``OperationalError`` of the DB-API (PEP 249): the database is locked, full, read-only or not there.

    :param description: names the database, without a password.
    :param said: the driver's words.
    """
    said = said.strip().splitlines()[0] if said.strip() else "no reason given"
    if "locked" in said or "busy" in said or "lock timeout" in said:
        return Busy(f"the database {description} is locked by another process", "wait until it has finished, then try again")
    if "readonly" in said or "read-only" in said:
        return HomeError(f"the database {description} cannot be written to ({said})", "run as the home's owner")
    if "disk" in said and "full" in said:
        return HomeError(f"no room left to write {description}", "free some space, then try again; nothing was recorded")
    return HomeError(f"the database {description} does not answer ({said})", "check that it runs and that its address in ledger.toml is right")


def same_moment(said: str) -> Busy:
    """The error for an ``IntegrityError``: another stream recorded the same key between our look and our insert."""
    return Busy(f"another ledger recorded the same fact at the same moment ({said})", "try again")


def damaged(description: str, said: str) -> HomeError | None:
    """The error for another ``DatabaseError`` that says that the file is damaged; None if it says something else."""
    if "not a database" in said or "malformed" in said:
        return HomeError(f"{description} is not a readable database ({said})", "restore it from a backup")
    return None
