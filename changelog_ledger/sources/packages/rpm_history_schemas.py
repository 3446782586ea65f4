"""Three schemas of one history: how DNF 5, DNF 4 and yum keep transactions, and what their numbers mean."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from changelog_ledger.model.packages import RpmItem, RpmTransaction

_NOBODY = (0xFFFF_FFFF, -1)
"""The login UID of a process that nobody's login began (audit, ``loginuid`` unset)."""
_LONGEST = 4_000
_LINES_OF_ERROR = 5

_DNF4_VERBS = {
    1: "install",
    2: "downgrade",
    3: "downgraded",
    4: "obsolete",
    5: "obsoleted",
    6: "upgrade",
    7: "upgraded",
    8: "remove",
    9: "reinstall",
    10: "reinstalled",
}
"""libdnf, ``TransactionItemAction``. 11 is a change of the reason."""
_DNF5_VERBS = {
    "Install": "install",
    "Upgrade": "upgrade",
    "Downgrade": "downgrade",
    "Reinstall": "reinstall",
    "Remove": "remove",
    "Replaced": "replaced",
}
_YUM_VERBS = {
    "Install": "install",
    "True-Install": "install",
    "Dep-Install": "install",
    "Update": "upgrade",
    "Updated": "upgraded",
    "Downgrade": "downgrade",
    "Downgraded": "downgraded",
    "Reinstall": "reinstall",
    "Reinstalled": "reinstalled",
    "Erase": "remove",
    "Obsoleting": "obsolete",
    "Obsoleted": "obsoleted",
}
_DNF4_REASONS = {1: "dependency", 2: "user", 3: "clean", 4: "weak-dependency", 5: "group"}
_DNF5_REASONS = {"Dependency": "dependency", "User": "user", "Clean": "clean", "Weak Dependency": "weak-dependency", "Group": "group"}
_YUM_REASONS = {"True-Install": "user", "Dep-Install": "dependency"}
_DNF4_STATES = {1: "succeeded", 2: "failed"}
"""libdnf, ``TransactionState``; of an item 1 is done, 2 an error."""
_DNF5_STATES = {"Ok": "succeeded", "Error": "failed"}


class Row(NamedTuple):
    """One item of a transaction with the transaction's own columns; any of them may be anything in a damaged database."""

    number: Any
    began: Any
    ended: Any
    user: Any
    command: Any
    state: Any
    action: Any
    reason: Any
    item_state: Any
    name: Any
    epoch: Any
    version: Any
    release: Any
    architecture: Any


@dataclass(frozen=True, slots=True)
class Schema:
    """How one of the three keeps transactions.

    :ivar query: gives :class:`Row` by row, a transaction's together, oldest first.
    :ivar done: states of an item that was really done.
    :ivar errors: gives the words of a failed transaction.
    """

    manager: str
    query: str
    verbs: Mapping[Any, str]
    reasons: Mapping[Any, str]
    outcomes: Mapping[Any, str]
    done: frozenset[Any]
    errors: str

    def transaction(self, rows: Sequence[Row], user_name: Callable[[int], str], connection: sqlite3.Connection) -> RpmTransaction:
        """The transaction of these rows."""
        first = rows[0]
        outcome = self.outcomes.get(first.state, "unknown")
        return RpmTransaction(
            self.manager,
            _number(first.began) or 0,
            _number(first.ended),
            _user(first.user, user_name),
            _text(first.command),
            outcome,
            self._items(rows),
            self._error(connection, first.number) if outcome == "failed" else "",
        )

    def _items(self, rows: Sequence[Row]) -> tuple[RpmItem, ...]:
        """The packages: where some were done and some were not, those that were."""
        known = [row for row in rows if row.action in self.verbs and isinstance(row.name, str)]
        done = [row for row in known if row.item_state in self.done]
        items = [self._item(row) for row in done or known]
        placed = {(item.name, item.version) for item in items if item.verb != "obsolete"}
        return tuple(
            RpmItem(item.name, item.version, item.architecture, "install", item.reason) if item.verb == "obsolete" else item
            for item in items
            if item.verb != "obsolete" or (item.name, item.version) not in placed
        )

    def _item(self, row: Row) -> RpmItem:
        epoch, release = _text(row.epoch), _text(row.release)
        version = f"{_text(row.version)}-{release}" if release else _text(row.version)
        return RpmItem(
            row.name,
            f"{epoch}:{version}" if epoch not in ("", "0") else version,
            _text(row.architecture),
            self.verbs[row.action],
            self.reasons.get(row.reason, ""),
        )

    def _error(self, connection: sqlite3.Connection, number: object) -> str:
        try:
            lines = [_text(line) for (line,) in connection.execute(self.errors, (number, _LINES_OF_ERROR))]
        except sqlite3.OperationalError:  # this version of the schema has no such table
            return ""
        return "\n".join(line.strip() for line in lines if line.strip())


def schema_of(connection: sqlite3.Connection) -> Schema | None:
    """Which schema a database has; None if it is none of the three.

    :raises sqlite3.Error: if it is no database, or damaged.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if {"trans_beg", "trans_data_pkgs", "pkgtups"} <= tables:
        return _yum(tables)
    if not {"trans", "trans_item", "rpm"} <= tables:
        return None
    columns = {row[1] for row in connection.execute("PRAGMA table_info(trans)")}
    if "state_id" in columns:
        return _dnf5(tables, columns, {row[1] for row in connection.execute("PRAGMA table_info(rpm)")})
    return _dnf4(columns, {row[1] for row in connection.execute("PRAGMA table_info(trans_item)")})


def _dnf4(columns: set[str], item_columns: set[str]) -> Schema:
    state = "state" if "state" in columns else "done"
    item_state = "state" if "state" in item_columns else "done"
    query = (
        f"SELECT t.id, t.dt_begin, t.dt_end, t.user_id, t.cmdline, t.{state}, i.action, i.reason, i.{item_state},"
        " r.name, r.epoch, r.version, r.release, r.arch"
        " FROM trans t LEFT JOIN trans_item i ON i.trans_id = t.id LEFT JOIN rpm r ON r.item_id = i.item_id ORDER BY t.id, i.id"
    )
    errors = "SELECT line FROM console_output WHERE trans_id = ? AND file_descriptor = 2 ORDER BY id LIMIT ?"
    return Schema("dnf", query, _DNF4_VERBS, _DNF4_REASONS, _DNF4_STATES, frozenset((1,)), errors)


def _dnf5(tables: set[str], columns: set[str], rpm_columns: set[str]) -> Schema:
    command = "description" if "description" in columns else "cmdline"
    names = next((table for table in ("pkg_name", "pkg_names") if table in tables), "")
    architectures = next((table for table in ("arch", "archs") if table in tables), "")
    is_apart = "name_id" in rpm_columns and names and architectures
    name = "n.name" if is_apart else "r.name"
    architecture = "h.name" if is_apart else "r.arch"
    join = f" LEFT JOIN {names} n ON n.id = r.name_id LEFT JOIN {architectures} h ON h.id = r.arch_id" if is_apart else ""
    query = (
        f"SELECT t.id, t.dt_begin, t.dt_end, t.user_id, t.{command}, ts.name, a.name, w.name, s.name,"
        f" {name}, r.epoch, r.version, r.release, {architecture}"
        " FROM trans t LEFT JOIN trans_state ts ON ts.id = t.state_id LEFT JOIN trans_item i ON i.trans_id = t.id"
        " LEFT JOIN trans_item_action a ON a.id = i.action_id LEFT JOIN trans_item_reason w ON w.id = i.reason_id"
        f" LEFT JOIN trans_item_state s ON s.id = i.state_id LEFT JOIN rpm r ON r.item_id = i.item_id{join} ORDER BY t.id, i.id"
    )
    errors = "SELECT line FROM console_output WHERE trans_id = ? AND file_descriptor = 2 ORDER BY id LIMIT ?"
    return Schema("dnf", query, _DNF5_VERBS, _DNF5_REASONS, _DNF5_STATES, frozenset(("Ok",)), errors)


def _yum(tables: set[str]) -> Schema:
    command, join = ("c.cmdline", " LEFT JOIN trans_cmdline c ON c.tid = b.tid") if "trans_cmdline" in tables else ("''", "")
    query = (
        f"SELECT b.tid, b.timestamp, e.timestamp, b.loginuid, {command},"
        " CASE WHEN e.return_code IS NULL THEN 'unknown' WHEN e.return_code = 0 THEN 'succeeded' ELSE 'failed' END,"
        " d.state, d.state, 1, p.name, p.epoch, p.version, p.release, p.arch"
        f" FROM trans_beg b LEFT JOIN trans_end e ON e.tid = b.tid{join}"
        " LEFT JOIN trans_data_pkgs d ON d.tid = b.tid LEFT JOIN pkgtups p ON p.pkgtupid = d.pkgtupid ORDER BY b.tid, d.rowid"
    )
    outcomes = {"succeeded": "succeeded", "failed": "failed"}
    errors = "SELECT msg FROM trans_error WHERE tid = ? ORDER BY mid LIMIT ?"
    return Schema("yum", query, _YUM_VERBS, _YUM_REASONS, outcomes, frozenset((1,)), errors)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _text(value: object) -> str:
    """A column as text; NULL and what is no text or number are nothing."""
    return str(value)[:_LONGEST].strip() if isinstance(value, str | int) else ""


def _user(value: object, user_name: Callable[[int], str]) -> str:
    if not isinstance(value, int) or value in _NOBODY or value < 0:
        return ""
    return user_name(value) or str(value)
