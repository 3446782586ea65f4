"""Accounts and groups as the machine sees them (nsswitch.conf(5)), those of directory services included.

Of a password it is said whether it is set or locked, never its hash.

Asked by getent(1): a directory that does not answer would hold the C library, and with it this whole process, for as long as it likes.
"""

from __future__ import annotations

from changelog_ledger.sources.state.probe import CollectionFailed, NotAvailable, Probe
from changelog_ledger.sources.state.trees import Tree, text_of


def users(probe: Probe) -> str:
    """See the module."""
    passwords = _passwords(probe)
    accounts = [line.split(":") for line in _database(probe, "passwd")]
    groups = [line.split(":") for line in _database(probe, "group")]
    return text_of(
        {
            "users": {fields[0]: _account(fields, passwords) for fields in accounts if len(fields) >= 7},
            "groups": {fields[0]: {"gid": fields[2], "members": sorted(filter(None, fields[3].split(",")))} for fields in groups if len(fields) >= 4},
        }
    )


def _database(probe: Probe, name: str) -> list[str]:
    try:
        return probe.run("getent", name).splitlines()
    except NotAvailable:
        return probe.text(f"/etc/{name}").splitlines()


def _passwords(probe: Probe) -> dict[str, str] | None:
    """What shadow(5) says of each; None where one may not look, as anybody but root: then ``unknown`` is said of each."""
    try:
        lines = probe.text("/etc/shadow").splitlines()
    except NotAvailable:
        return {}
    except CollectionFailed:
        if probe.privileged:  # fenced in, or the disk fails
            raise
        return None
    return {name: _standing(rest.partition(":")[0]) for name, _, rest in (line.partition(":") for line in lines)}


def _standing(field: str) -> str:
    if field.startswith(("!", "*")):
        return "locked"
    return "set" if field else "empty"


def _account(fields: list[str], passwords: dict[str, str] | None) -> Tree:
    name, field, uid, gid, _, home, shell = fields[:7]
    shadowed = "unknown" if passwords is None else passwords.get(name, "elsewhere")
    return {"uid": uid, "gid": gid, "home": home, "shell": shell, "password": shadowed if field == "x" else _standing(field)}
