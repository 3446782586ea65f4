"""The history databases of DNF 5, DNF 4 and yum, read and understood."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.observations.packages import dnf_history
from changelog_ledger.observations.packages.transactions import Outcome, Transaction, seen
from changelog_ledger.sources.packages.rpm_history import HistoryUnreadable, rpm_histories, rpm_history

from .rpm_histories import BEGAN, Dnf4, Dnf5, Yum

DNF4 = "/var/lib/dnf/history.sqlite"
DNF5 = "/usr/lib/sysimage/libdnf5/transaction_history.sqlite"
YUM = "/var/lib/yum/history/history-2023-01-01.sqlite"
NOW = datetime.fromtimestamp(BEGAN, UTC) + timedelta(days=30)


def read(root: Path) -> list[Transaction]:
    return [each for path in rpm_histories(str(root)) for each in dnf_history.transactions(rpm_history(str(root), path), path, NOW)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    passwd = tmp_path / "etc/passwd"
    passwd.parent.mkdir()
    passwd.write_text("root:x:0:0::/root:/bin/sh\nalex:x:1000:1000::/home/alex:/bin/sh\n")
    return tmp_path


def below(root: Path, path: str) -> Path:
    return root / path.lstrip("/")


def test_dnf4_who_asked_what_was_done_and_how_it_ended(root):
    history = Dnf4(below(root, DNF4))
    history.add(
        BEGAN,
        [
            ("openssl-libs", "1:3.0.7-27.el9", 6, 1, 1),
            ("openssl-libs", "1:3.0.7-25.el9", 7, 1, 1),
            ("nginx", "0:1.20.1-20.el9", 1, 2, 1),
            ("nginx-core", "0:1.20.1-20.el9", 1, 1, 1),
            ("old-http", "0:1-1", 5, 2, 1),
        ],
        ended=BEGAN + 40,
        user=1000,
        command="dnf install -y nginx",
    )
    history.add(BEGAN + 5000, [], ended=BEGAN + 5001, command="dnf mark install nginx")
    (transaction,) = read(root)
    assert transaction.changes == (
        PackageChange("openssl-libs", PackageAction.UPGRADED, "1:3.0.7-25.el9", "1:3.0.7-27.el9", "x86_64"),
        PackageChange("nginx", PackageAction.INSTALLED, "", "1.20.1-20.el9", "x86_64"),
        PackageChange("nginx-core", PackageAction.INSTALLED, "", "1.20.1-20.el9", "x86_64", automatic=True),
        PackageChange("old-http", PackageAction.REMOVED, "1-1", "", "x86_64", automatic=True),
    )
    observation = seen(transaction, "web-01")
    assert observation.actor == "alex"
    assert observation.at == datetime.fromtimestamp(BEGAN, UTC)
    assert observation.data["outcome"] == "succeeded"
    assert observation.data["unattended"] is False
    assert observation.data["packages"][0]["name"] == "nginx"  # asked for
    assert observation.source == DNF4


def test_dnf4_a_timer_has_nobody_and_a_failure_has_words(root):
    history = Dnf4(below(root, DNF4))
    number = history.add(
        BEGAN,
        [("a", "0:2-1", 6, 2, 1), ("a", "0:1-1", 7, 2, 1), ("b", "0:2-1", 6, 2, 2), ("b", "0:1-1", 7, 2, 2)],
        ended=BEGAN + 4,
        command="/usr/bin/dnf-automatic /etc/dnf/automatic.conf --timer",
        state=2,
    )
    history.connection.execute("INSERT INTO console_output VALUES (NULL, ?, 2, 'cpio: No space left on device')", (number,))
    (transaction,) = read(root)
    assert (transaction.requested_by, transaction.tool, transaction.unattended) == ("", "dnf-automatic", True)
    assert (transaction.outcome, transaction.error) == (Outcome.FAILED, "cpio: No space left on device")
    assert [each.name for each in transaction.changes] == ["a"]  # b was not done


def test_one_that_may_still_run_is_left_for_later_and_one_that_died_is_told(root):
    history = Dnf4(below(root, DNF4))
    history.add(BEGAN, [("a", "0:2-1", 6, 2, 1)], state=0)
    history.add(int(NOW.timestamp()) - 60, [("b", "0:2-1", 6, 2, 0)], state=0)
    (died,) = read(root)
    assert died.outcome is Outcome.INTERRUPTED


def test_dnf5(root):
    history = Dnf5(below(root, DNF5))
    history.add(
        BEGAN,
        [
            ("openssl-libs", "1:3.2.2-9.fc42", 2, 1, 2),
            ("openssl-libs", "1:3.2.2-8.fc42", 6, 1, 2),
            ("nano", "0:8.1-1.fc42", 5, 2, 2),
            ("vim", "2:9.1-1.fc42", 7, 2, 2),
        ],
        ended=BEGAN + 9,
        user=1234,
        command="dnf5 upgrade",
    )
    (transaction,) = read(root)
    assert [(each.name, str(each.action), each.before, each.after) for each in transaction.changes] == [
        ("openssl-libs", "upgraded", "1:3.2.2-8.fc42", "1:3.2.2-9.fc42"),
        ("nano", "removed", "8.1-1.fc42", ""),
    ]
    assert (transaction.requested_by, transaction.manager) == ("1234", "dnf")  # no such user in the image: the number


def test_yum(root):
    history = Yum(below(root, YUM))
    history.add(
        BEGAN,
        [("openssl", "1:1.0.2k-26.el7", "Update"), ("openssl", "1:1.0.2k-25.el7", "Updated"), ("libx", "0:1-1", "Dep-Install")],
        ended=BEGAN + 9,
        user=1000,
        command="update openssl",
    )
    history.add(BEGAN + 100, [("nano", "0:2.3-1", "Erase")], ended=BEGAN + 101, user=NOBODY_YUM, command="-y remove nano", code=1)
    update, removal = read(root)
    assert update.changes[0] == PackageChange("openssl", PackageAction.UPGRADED, "1:1.0.2k-25.el7", "1:1.0.2k-26.el7", "x86_64")
    assert update.changes[1].automatic
    assert (update.manager, update.requested_by, update.outcome) == ("yum", "alex", Outcome.SUCCEEDED)
    assert (removal.requested_by, removal.outcome) == ("", Outcome.FAILED)


NOBODY_YUM = 4_294_967_295


def test_yums_history_is_left_out_where_dnf_took_it_over(root):
    Yum(below(root, YUM)).connection.close()
    assert rpm_histories(str(root)) == (YUM,)
    Dnf4(below(root, DNF4)).connection.close()
    Dnf5(below(root, DNF5)).connection.close()
    assert rpm_histories(str(root)) == (DNF5, DNF4)


def test_what_lies_in_a_write_ahead_log_is_read_and_nothing_is_written(root):
    history = Dnf4(below(root, DNF4), mode="WAL")
    history.connection.execute("PRAGMA wal_autocheckpoint=0")
    history.add(BEGAN, [("a", "0:2-1", 1, 2, 1)], ended=BEGAN + 1)
    folder = below(root, DNF4).parent
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert before["history.sqlite-wal"]
    (transaction,) = read(root)
    assert transaction.changes[0].name == "a"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_database_is_read_without_a_trace(root):
    history = Dnf4(below(root, DNF4))
    history.add(BEGAN, [("a", "0:2-1", 1, 2, 1)], ended=BEGAN + 1)
    history.connection.close()
    folder = below(root, DNF4).parent
    folder.chmod(0o500)
    try:
        assert len(read(root)) == 1
        assert [path.name for path in folder.iterdir()] == ["history.sqlite"]
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_what_is_no_database_says_so(root, content):
    file = below(root, DNF4)
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(HistoryUnreadable):
        list(rpm_history(str(root), DNF4))


def test_a_damaged_one_gives_what_comes_before_the_damage(root):
    history = Dnf4(below(root, DNF4))
    for number in range(400):
        history.add(BEGAN + number * 1000, [(f"package-{number}", "0:2-1", 1, 2, 1)], ended=BEGAN + number * 1000 + 1, command="x" * 300)
    history.connection.close()
    data = bytearray(below(root, DNF4).read_bytes())
    data[len(data) // 2 : len(data) // 2 + 8192] = b"\xa5" * 8192
    below(root, DNF4).write_bytes(data)
    found: list[object] = []
    with pytest.raises((HistoryUnreadable, StopIteration)):
        rows = rpm_history(str(root), DNF4)
        while True:
            found.append(next(rows))
    assert len(found) <= 400


def test_columns_of_any_kind_do_no_harm(root):
    history = Dnf4(below(root, DNF4))
    history.add(BEGAN, [("a", "0:2-1", 1, 2, 1)], ended=BEGAN + 1)
    history.connection.execute("UPDATE trans SET dt_begin = 'soon', user_id = x'00ff', cmdline = x'ff', state = 'done'")
    history.add(2**62, [("b", "0:2-1", 1, 2, 1)], ended=-5)
    history.add(BEGAN, [("c", "0:2-1", 99, 77, 1)], ended=BEGAN + 1)
    history.connection.execute("UPDATE rpm SET name = x'fffe' WHERE name = 'a'")
    assert read(root) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_one_that_may_not_be_read_says_so(root):
    Dnf4(below(root, DNF4)).connection.close()
    below(root, DNF4).chmod(0)
    with pytest.raises(HistoryUnreadable) as raised:
        list(rpm_history(str(root), DNF4))
    assert raised.value.is_forbidden


def test_a_link_does_not_lead_out_of_the_root(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "history.sqlite"
    Dnf4(outside).connection.close()
    link = below(root, DNF4)
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    with pytest.raises(HistoryUnreadable):
        list(rpm_history(str(root), DNF4))


def test_a_schema_of_nobody_is_no_error_of_sqlite(root):
    file = below(root, DNF4)
    file.parent.mkdir(parents=True)
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE something (id INTEGER)")
    with pytest.raises(HistoryUnreadable, match="none of the tables"):
        list(rpm_history(str(root), DNF4))
