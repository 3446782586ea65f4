"""DNF's, yum's and zypper's logs, in their real formats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.observations.packages import dnf_log, yum_log, zypp_history
from changelog_ledger.observations.packages.rpm_names import parsed_rpm_name
from changelog_ledger.observations.packages.settled import settled
from changelog_ledger.observations.packages.transactions import Outcome, reference, seen

from .log_lines import at, berlin, lines

# ---- names


@pytest.mark.parametrize(
    ("written", "name", "version", "architecture"),
    [
        ("openssl-libs-1:3.0.7-27.el9.x86_64", "openssl-libs", "1:3.0.7-27.el9", "x86_64"),
        ("1:openssl-1.0.1e-16.el6_5.7.i686", "openssl", "1:1.0.1e-16.el6_5.7", "i686"),
        ("0:bash-5.1.8-9.el9.x86_64", "bash", "5.1.8-9.el9", "x86_64"),
        ("bash-0:5.1.8-9.el9.x86_64", "bash", "5.1.8-9.el9", "x86_64"),
        ("python3-dateutil-1:2.6.1-6.el8.noarch", "python3-dateutil", "1:2.6.1-6.el8", "noarch"),
        ("vim-enhanced-2:8.2.2637-20.el9_1", "vim-enhanced", "2:8.2.2637-20.el9_1", ""),
        ("nano", "nano", "", ""),
        ("java-1.8.0-openjdk", "java-1.8.0-openjdk", "", ""),
        ("nodejs-1:18.20.4-1.module+el9.4.0+22195+c221878e.x86_64", "nodejs", "1:18.20.4-1.module+el9.4.0+22195+c221878e", "x86_64"),
    ],
)
def test_a_name_has_parts(written, name, version, architecture):
    assert parsed_rpm_name(written) == (name, version, architecture)


# ---- dnf.rpm.log, dnf.log

DNF_RPM = """\
2025-06-24T03:12:40+0200 INFO --- logging initialized ---
2025-06-24T03:12:44+0200 SUBDEBUG Upgrade: openssl-libs-1:3.0.7-27.el9.x86_64
2025-06-24T03:12:45+0200 SUBDEBUG Upgrade: openssl-1:3.0.7-27.el9.x86_64
2025-06-24T03:12:46+0200 SUBDEBUG Installed: kernel-core-5.14.0-503.el9.x86_64
2025-06-24T03:12:50+0200 INFO warning: /etc/ssh/sshd_config created as /etc/ssh/sshd_config.rpmnew
2025-06-24T03:12:58+0200 SUBDEBUG Upgraded: openssl-1:3.0.7-25.el9.x86_64
2025-06-24T03:12:59+0200 SUBDEBUG Upgraded: openssl-libs-1:3.0.7-25.el9.x86_64
2025-06-24T04:00:02+0200 INFO --- logging initialized ---
2025-06-24T09:30:00+0200 INFO --- logging initialized ---
2025-06-24T09:30:03+0200 SUBDEBUG Erase: nano-5.6.1-6.el9.x86_64
"""


def test_dnf_new_and_old_version_of_a_package_are_one_change():
    first, second = dnf_log.transactions(lines(DNF_RPM), berlin())
    assert first.changes == (
        PackageChange("openssl-libs", PackageAction.UPGRADED, "1:3.0.7-25.el9", "1:3.0.7-27.el9", "x86_64"),
        PackageChange("openssl", PackageAction.UPGRADED, "1:3.0.7-25.el9", "1:3.0.7-27.el9", "x86_64"),
        PackageChange("kernel-core", PackageAction.INSTALLED, "", "5.14.0-503.el9", "x86_64"),
    )
    assert (first.at, first.ended_at) == (at("2025-06-24T01:12:44+00:00"), at("2025-06-24T01:12:59+00:00"))
    assert second.changes == (PackageChange("nano", PackageAction.REMOVED, "5.6.1-6.el9", "", "x86_64"),)
    assert seen(first, "web-01").what == "package-upgraded"


def test_dnf_local_times_without_an_offset():
    old = "2019-10-27 02:50:00,123 SUBDEBUG Installed: a-1-1.fc30.noarch\n"
    (transaction,) = dnf_log.transactions(lines(old), berlin())
    assert transaction.at == datetime(2019, 10, 27, 0, 50, 0, 123000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("verbs", "change"),
    [
        ("Downgrade: a-1-1.noarch|Downgraded: a-2-1.noarch", PackageChange("a", PackageAction.DOWNGRADED, "2-1", "1-1", "noarch")),
        ("Reinstall: a-1-1.noarch|Reinstalled: a-1-1.noarch", PackageChange("a", PackageAction.REINSTALLED, "1-1", "1-1", "noarch")),
        ("Obsoleted: b-1-1.noarch", PackageChange("b", PackageAction.REMOVED, "1-1", "", "noarch", automatic=True)),
        ("Upgraded: a-1-1.noarch", PackageChange("a", PackageAction.UPGRADED, "1-1", "", "noarch")),
        ("Upgrade: a-2-1.x86_64|Upgraded: a-1-1.noarch", PackageChange("a", PackageAction.UPGRADED, "1-1", "2-1", "x86_64")),
    ],
)
def test_dnf_every_verb(verbs, change):
    log = "".join(f"2025-06-24T03:12:4{second}Z SUBDEBUG {verb}\n" for second, verb in enumerate(verbs.split("|")))
    (transaction,) = dnf_log.transactions(lines(log), berlin())
    assert transaction.changes == (change,)


DNF_LOG = """\
2025-06-24T14:36:20+0200 INFO --- logging initialized ---
2025-06-24T14:36:20+0200 DDEBUG timer: config: 3 ms
2025-06-24T14:36:20+0200 DDEBUG Command: dnf install -y nginx
2025-06-24T14:36:20+0200 DDEBUG Base command: install
2025-06-24T14:36:25+0200 DEBUG RPM transaction over.
2025-06-24T14:36:26+0200 INFO
Installed:
  nginx-2:1.20.1-20.el9.x86_64              nginx-core-2:1.20.1-20.el9.x86_64

Upgraded:
  openssl-libs-1:3.0.7-27.el9.x86_64

2025-06-24T14:36:26+0200 INFO Complete!
2025-06-24T15:00:00+0200 INFO --- logging initialized ---
2025-06-24T15:00:00+0200 DDEBUG Command: dnf makecache --timer
"""


def test_dnf_log_has_the_command_and_what_stood_on_the_screen():
    (transaction,) = dnf_log.transactions(lines(DNF_LOG), berlin())
    assert transaction.command == "dnf install -y nginx"
    assert transaction.outcome is Outcome.SUCCEEDED
    assert [(each.name, str(each.action), each.after) for each in transaction.changes] == [
        ("nginx", "installed", "2:1.20.1-20.el9"),
        ("nginx-core", "installed", "2:1.20.1-20.el9"),
        ("openssl-libs", "upgraded", "1:3.0.7-27.el9"),
    ]
    assert transaction.asked_for == {"nginx"}
    assert seen(transaction, "h").actor == "dnf"


def test_dnf_a_failure_is_told():
    failed = (
        "2025-06-24T14:36:20Z DDEBUG Command: dnf upgrade\n2025-06-24T14:36:21Z SUBDEBUG Upgrade: a-2-1.noarch\n"
        "2025-06-24T14:36:22Z ERROR Error: Transaction failed\n"
    )
    (transaction,) = dnf_log.transactions(lines(failed), berlin())
    assert (transaction.outcome, transaction.error) == (Outcome.FAILED, "Error: Transaction failed")
    assert seen(transaction, "h").summary.startswith("failed: ")


# ---- yum.log

YUM = """\
Dec 30 23:58:01 Updated: openssl-1:1.0.2k-24.el7_9.x86_64
Jan 02 04:00:10 Updated: bash-4.2.46-35.el7_9.x86_64
Jan 02 04:00:12 Installed: 2:nginx-1.20.1-10.el7.x86_64
Jan 02 04:00:20 Erased: nano
Jun 24 14:36:25 Updated: openssl-1:1.0.2k-26.el7_9.x86_64
"""


def test_yum_the_year_follows_from_the_order():
    found = list(yum_log.transactions(lines(YUM), berlin(), datetime(2024, 6, 24, 14, 36, 30)))
    assert [each.at.date().isoformat() for each in found] == ["2023-12-30", "2024-01-02", "2024-06-24"]
    assert [len(each.changes) for each in found] == [1, 3, 1]
    assert found[1].changes[1] == PackageChange("nginx", PackageAction.INSTALLED, "", "2:1.20.1-10.el7", "x86_64")
    assert found[1].changes[2] == PackageChange("nano", PackageAction.REMOVED, "", "")


def test_yum_a_log_that_ends_long_before_it_was_last_touched():
    found = list(yum_log.transactions(lines(YUM), berlin(), datetime(2025, 3, 1)))
    assert [each.at.year for each in found] == [2022 + 1, 2024, 2024]


def test_yum_the_reference_has_no_year_in_it():
    """A copied file is younger than the original, and the same transactions are in it."""
    first = [reference(each, "h") for each in yum_log.transactions(lines(YUM), berlin(), datetime(2024, 7, 1))]
    second = [reference(each, "h") for each in yum_log.transactions(lines(YUM), berlin(), datetime(2026, 7, 1))]
    assert first == second


def test_yum_a_leap_day():
    log = "Feb 29 10:00:00 Updated: a-1-1.noarch\nFeb 30 10:00:00 Updated: b-1-1.noarch\n"
    (transaction,) = yum_log.transactions(lines(log), berlin(), datetime(2024, 3, 1))
    assert (transaction.at.month, transaction.at.day) == (2, 29)
    assert not list(yum_log.transactions(lines(log), berlin(), datetime(2023, 3, 1)))


# ---- zypp/history

ZYPP = """\
# 2025-06-01 10:00:00 libpcre2-8-0-10.42-1.1.x86_64.rpm installed ok
2025-06-01 10:00:00|install|openssl-3|3.1.4-150600.5.1|x86_64||repo-oss|aaa|
2025-06-24 14:36:20|command|root@web-01|'zypper' '-n' 'install' 'nginx'|
2025-06-24 14:36:25|install|libpcre2-8-0|10.42-150600.1.26|x86_64||repo-oss|b4d6389437e3|
2025-06-24 14:36:26|install|nginx|1.21.5-150600.10.3.1|x86_64|root@web-01|repo-oss|d7e42c9d83f9|
2025-06-24 14:40:00|radd   |packman|http://packman.example/|
2025-06-24 14:41:00|command|alice@web-01|'zypper' 'up'|
2025-06-24 14:41:02|install|openssl-3|3.1.4-150600.5.7|x86_64||repo-update|ccc|
2025-06-24 14:41:03|patch  |openSUSE-SLE-15.6-2025-1|1|noarch|repo-update|important|security|needed|applied|
2025-06-24 14:50:00|command|root@web-01|'zypper' 'rm' 'nano'|
2025-06-24 14:50:02|remove |nano|7.2-1.1|x86_64|root@web-01|
"""


def test_zypper_an_install_of_what_was_there_is_an_upgrade():
    first, nginx, update, removal = zypp_history.transactions(lines(ZYPP), berlin())
    assert first.changes[0].action is PackageAction.INSTALLED
    assert update.changes == (PackageChange("openssl-3", PackageAction.UPGRADED, "3.1.4-150600.5.1", "3.1.4-150600.5.7", "x86_64"),)
    assert (update.requested_by, update.command) == ("alice", "'zypper' 'up'")
    assert removal.changes == (PackageChange("nano", PackageAction.REMOVED, "7.2-1.1", "", "x86_64"),)
    assert nginx.at == at("2025-06-24T12:36:25+00:00")
    assert [(each.name, each.automatic) for each in nginx.changes] == [("libpcre2-8-0", True), ("nginx", False)]
    assert seen(nginx, "h").summary == "2 packages installed by root: nginx 1.21.5-150600.10.3.1, libpcre2-8-0 10.42-150600.1.26"


def test_zypper_what_was_there_before_does_not_alter_the_reference():
    """The lines before may have been rotated away."""
    whole = list(zypp_history.transactions(lines(ZYPP), berlin()))
    rest = list(zypp_history.transactions(lines(ZYPP.split("\n", 2)[2]), berlin()))
    assert [reference(each, "h") for each in whole[1:]] == [reference(each, "h") for each in rest]
    assert rest[1].changes[0].action is PackageAction.INSTALLED


def test_zypper_a_failure_and_a_pipe_in_a_column():
    log = (
        "2025-06-24 14:41:00|command|root@h|'zypper' 'in' 'a\\|b'|\n2025-06-24 14:41:01|install|a|1-1|noarch|root@h|r|x|\n"
        "# 2025-06-24 14:41:02 b-1-1.noarch.rpm install failed\n# rpm output:\n"
    )
    (transaction,) = zypp_history.transactions(lines(log), berlin())
    assert transaction.command == "'zypper' 'in' 'a|b'"
    assert (transaction.outcome, transaction.error) == (Outcome.FAILED, "b-1-1.noarch.rpm install failed")


# ---- all of them


BAD = [
    b"",
    b"\xff\xfe\x00 not text",
    b"2025-13-45T99:99:99Z SUBDEBUG Installed: a-1-1.noarch",
    b"Xxx 99 10:00:00 Updated: a",
    b"2025-02-31 10:00:00|install|a|1|noarch|||",
    b"2025-06-24 10:00:00|install|",
    b"2025-06-24 10:00:00|install||1|noarch|||",
    b"2025-06-24T03:12:44+0200 SUBDEBUG Upgraded:",
]


@pytest.mark.parametrize("line", BAD)
def test_bad_lines_are_passed_over(line):
    assert not list(dnf_log.transactions(lines(line), berlin()))
    assert not list(yum_log.transactions(lines(line), berlin(), datetime(2025, 1, 1)))
    assert not list(zypp_history.transactions(lines(line), berlin()))


PIECES = st.sampled_from([*DNF_RPM.split("\n"), *DNF_LOG.split("\n"), *YUM.split("\n"), *ZYPP.split("\n"), *(each.decode("latin-1") for each in BAD)])
LINES = st.lists(st.one_of(PIECES, st.text(max_size=80), st.builds(lambda text, cut: text[:cut], PIECES, st.integers(0, 60))), max_size=25)


@given(LINES)
def test_none_of_them_ever_raises(text):
    log = lines("\n".join(text).encode("utf-8", "surrogatepass"))
    everything = [
        *dnf_log.transactions(log, berlin()),
        *yum_log.transactions(log, berlin(), datetime(2025, 1, 1)),
        *zypp_history.transactions(log, berlin()),
    ]
    assert all(each.changes for each in everything)
    for each in everything:
        seen(each, "h")


def test_the_last_transaction_may_still_run():
    now, notes = at("2025-06-24T12:51:00+00:00"), []
    assert len(list(settled(zypp_history.transactions(lines(ZYPP), berlin()), now, notes))) == 3
    assert notes == ["zypper: its last transaction may not have ended yet; it is recorded next time"]
    assert len(list(settled(zypp_history.transactions(lines(ZYPP), berlin()), now + timedelta(minutes=20), notes))) == 4
    assert len(notes) == 1
