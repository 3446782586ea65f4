"""History databases as DNF 4, DNF 5 and yum make them: their tables and columns, our rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

BEGAN = 1_748_747_564  # 2025-06-01T03:12:44Z
NOBODY = 4_294_967_295

_DNF4 = """
CREATE TABLE trans (id INTEGER PRIMARY KEY AUTOINCREMENT, dt_begin INTEGER NOT NULL, dt_end INTEGER, rpmdb_version_begin TEXT, rpmdb_version_end TEXT,
    releasever TEXT NOT NULL, user_id INTEGER NOT NULL, cmdline TEXT, state INTEGER NOT NULL, comment TEXT DEFAULT '');
CREATE TABLE repo (id INTEGER PRIMARY KEY, repoid TEXT NOT NULL);
CREATE TABLE console_output (id INTEGER PRIMARY KEY, trans_id INTEGER, file_descriptor INTEGER NOT NULL, line TEXT NOT NULL);
CREATE TABLE item (id INTEGER PRIMARY KEY, item_type INTEGER NOT NULL);
CREATE TABLE trans_item (id INTEGER PRIMARY KEY AUTOINCREMENT, trans_id INTEGER, item_id INTEGER, repo_id INTEGER, action INTEGER NOT NULL,
    reason INTEGER NOT NULL, state INTEGER NOT NULL, CONSTRAINT trans_item_unique_trans_item UNIQUE (trans_id, item_id));
CREATE TABLE rpm (item_id INTEGER NOT NULL UNIQUE, name TEXT NOT NULL, epoch INTEGER NOT NULL, version TEXT NOT NULL, release TEXT NOT NULL,
    arch TEXT NOT NULL);
CREATE TABLE comps_group (item_id INTEGER UNIQUE NOT NULL, groupid TEXT NOT NULL);
CREATE TABLE config (key TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO config VALUES ('version', '1.2');
"""
_DNF5 = """
CREATE TABLE trans_state (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO trans_state VALUES (1, 'Started'), (2, 'Ok'), (3, 'Error');
CREATE TABLE trans (id INTEGER PRIMARY KEY AUTOINCREMENT, dt_begin INTEGER NOT NULL, dt_end INTEGER, rpmdb_version_begin TEXT, rpmdb_version_end TEXT,
    releasever TEXT NOT NULL, user_id INTEGER NOT NULL, description TEXT, comment TEXT, state_id INTEGER);
CREATE TABLE pkg_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE arch (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE console_output (id INTEGER PRIMARY KEY, trans_id INTEGER, file_descriptor INTEGER NOT NULL, line TEXT NOT NULL);
CREATE TABLE item (id INTEGER PRIMARY KEY);
CREATE TABLE trans_item_action (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO trans_item_action VALUES (1,'Install'),(2,'Upgrade'),(3,'Downgrade'),(4,'Reinstall'),(5,'Remove'),(6,'Replaced'),(7,'Reason Change');
CREATE TABLE trans_item_reason (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO trans_item_reason VALUES (0,'None'),(1,'Dependency'),(2,'User'),(3,'Clean'),(4,'Weak Dependency'),(5,'Group'),(6,'External User');
CREATE TABLE trans_item_state (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO trans_item_state VALUES (1, 'Started'), (2, 'Ok'), (3, 'Error');
CREATE TABLE trans_item (id INTEGER PRIMARY KEY AUTOINCREMENT, trans_id INTEGER, item_id INTEGER, repo_id INTEGER, action_id INTEGER NOT NULL,
    reason_id INTEGER NOT NULL, state_id INTEGER NOT NULL);
CREATE TABLE rpm (item_id INTEGER NOT NULL UNIQUE, name_id INTEGER NOT NULL, epoch INTEGER NOT NULL, version TEXT NOT NULL, release TEXT NOT NULL,
    arch_id INTEGER NOT NULL);
INSERT INTO arch VALUES (1, 'x86_64'), (2, 'noarch');
"""
_YUM = """
CREATE TABLE trans_beg (tid INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, rpmdb_version TEXT NOT NULL, loginuid INTEGER);
CREATE TABLE trans_end (tid INTEGER PRIMARY KEY REFERENCES trans_beg, timestamp INTEGER NOT NULL, rpmdb_version TEXT NOT NULL,
    return_code INTEGER NOT NULL);
CREATE TABLE trans_cmdline (tid INTEGER NOT NULL, cmdline TEXT NOT NULL);
CREATE TABLE trans_error (mid INTEGER PRIMARY KEY, tid INTEGER NOT NULL, msg TEXT NOT NULL);
CREATE TABLE trans_data_pkgs (tid INTEGER NOT NULL, pkgtupid INTEGER NOT NULL, done BOOL NOT NULL DEFAULT FALSE, state TEXT NOT NULL);
CREATE TABLE pkgtups (pkgtupid INTEGER PRIMARY KEY, name TEXT NOT NULL, arch TEXT NOT NULL, epoch TEXT NOT NULL, version TEXT NOT NULL,
    release TEXT NOT NULL, checksum TEXT);
"""

Item = tuple[str, str, object, int, int]
"""Name, ``EPOCH:VERSION-RELEASE``, action, reason, state: as the database has them."""


def _parts(version: str) -> tuple[str, str, str]:
    epoch, _, rest = version.partition(":")
    upstream, _, release = rest.partition("-")
    return epoch, upstream, release


class Dnf4:
    """``history.sqlite``."""

    def __init__(self, path: Path, mode: str = "") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(path, isolation_level=None)
        if mode:
            self.connection.execute(f"PRAGMA journal_mode={mode}")
        self.connection.executescript(_DNF4)

    def add(self, began: int, items: Sequence[Item], *, ended: int | None = None, user: int = NOBODY, command: str = "", state: int = 1) -> int:
        add = self.connection.execute
        number = add("INSERT INTO trans VALUES (NULL, ?, ?, '', '', '9', ?, ?, ?, '')", (began, ended, user, command, state)).lastrowid
        for name, version, action, reason, done in items:
            item = add("INSERT INTO item VALUES (NULL, 1)").lastrowid
            add("INSERT INTO rpm VALUES (?, ?, ?, ?, ?, 'x86_64')", (item, name, *_parts(version)))
            add("INSERT INTO trans_item VALUES (NULL, ?, ?, 1, ?, ?, ?)", (number, item, action, reason, done))
        assert number is not None
        return number


class Dnf5:
    """``transaction_history.sqlite``."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.executescript(_DNF5)

    def add(self, began: int, items: Sequence[Item], *, ended: int | None = None, user: int = NOBODY, command: str = "", state: int = 2) -> None:
        add = self.connection.execute
        number = add("INSERT INTO trans VALUES (NULL, ?, ?, '', '', '42', ?, ?, '', ?)", (began, ended, user, command, state)).lastrowid
        for name, version, action, reason, done in items:
            item = add("INSERT INTO item VALUES (NULL)").lastrowid
            add("INSERT OR IGNORE INTO pkg_name (name) VALUES (?)", (name,))
            (name_id,) = add("SELECT id FROM pkg_name WHERE name = ?", (name,)).fetchone()
            epoch, upstream, release = _parts(version)
            add("INSERT INTO rpm VALUES (?, ?, ?, ?, ?, 1)", (item, name_id, epoch, upstream, release))
            add("INSERT INTO trans_item VALUES (NULL, ?, ?, 1, ?, ?, ?)", (number, item, action, reason, done))


class Yum:
    """``history-2023-01-01.sqlite``."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.executescript(_YUM)

    def add(self, began: int, items: Sequence[tuple[str, str, str]], *, ended: int | None, user: int | None, command: str, code: int = 0) -> None:
        add = self.connection.execute
        number = add("INSERT INTO trans_beg VALUES (NULL, ?, '', ?)", (began, user)).lastrowid
        if ended is not None:
            add("INSERT INTO trans_end VALUES (?, ?, '', ?)", (number, ended, code))
        add("INSERT INTO trans_cmdline VALUES (?, ?)", (number, command))
        for name, version, state in items:
            package = add("INSERT INTO pkgtups VALUES (NULL, ?, 'x86_64', ?, ?, ?, '')", (name, *_parts(version))).lastrowid
            add("INSERT INTO trans_data_pkgs VALUES (?, ?, 'TRUE', ?)", (number, package, state))
