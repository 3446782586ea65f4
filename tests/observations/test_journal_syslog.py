"""Lines of auth.log, secure, syslog and messages."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.observations.journal.reading import JournalReading
from changelog_ledger.observations.journal.syslog_lines import SyslogLines

from .journals import FAR, HOST, kinds

BERLIN = ZoneInfo("Europe/Berlin")
WRITTEN = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)

AUTH = """\
Jun  1 03:12:44 hv-03 sshd[4711]: Accepted publickey for alex from 10.0.0.5 port 50022 ssh2: ED25519 SHA256:3kPp0nCFmN1bVh0m
Jun  1 03:12:44 hv-03 sshd[4711]: pam_unix(sshd:session): session opened for user alex(uid=1000) by (uid=0)
Jun  1 03:12:44 hv-03 systemd-logind[700]: New session 42 of user alex.
Jun  1 03:13:02 hv-03 sudo:     alex : TTY=pts/0 ; PWD=/home/alex ; USER=root ; COMMAND=/usr/bin/vim /etc/nginx/nginx.conf
Jun  1 03:17:01 hv-03 CRON[4800]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)
Jun  1 03:30:00 hv-03 sshd[4711]: pam_unix(sshd:session): session closed for user alex
"""
SYSLOG = """\
2025-06-01T03:12:40.100000+02:00 hv-03 systemd[1]: Stopping nginx.service - A high performance web server...
2025-06-01T03:12:40.200000+02:00 hv-03 systemd[1]: nginx.service: Deactivated successfully.
2025-06-01T03:12:40.300000+02:00 hv-03 systemd[1]: Stopped nginx.service - A high performance web server.
2025-06-01T03:12:40.500000+02:00 hv-03 systemd[1]: Started nginx.service - A high performance web server.
2025-06-01T03:13:00.000000+02:00 hv-03 systemd[1]: Finished logrotate.service - Rotate log files.
2025-06-01T03:14:00.000000+02:00 hv-03 systemd[1]: app.service: Main process exited, code=killed, status=9/KILL
2025-06-01T03:14:00.000100+02:00 hv-03 systemd[1]: app.service: Failed with result 'signal'.
2025-06-01T03:20:00.000000+02:00 hv-03 rsyslogd: [origin software="rsyslogd" swVersion="8.2302.0"] exiting on signal 15.
2025-06-01T03:21:00.000000+02:00 hv-03 kernel: [    0.000000] Linux version 6.1.0-40-amd64 (debian-kernel@lists.debian.org) #1 SMP
2025-06-01T03:25:00.000000+02:00 hv-03 kernel: [   99.000000] Out of memory: Killed process 4711 (mysqld) total-vm:9000kB
"""


def read(text: str, written: datetime = WRITTEN) -> list[Seen]:
    lines, reading = SyslogLines(BERLIN), JournalReading(HOST, {})
    found = [
        seen for line in text.encode().splitlines() if (entry := lines.entry(line, "/var/log/auth.log", written)) for seen in reading.read(entry)
    ]
    return [*found, *reading.settled(FAR)]


def times(text: str, written: datetime) -> list[datetime]:
    lines = SyslogLines(BERLIN)
    return [entry.at for line in text.encode().splitlines() if (entry := lines.entry(line, "x", written))]


def test_an_authentication_log() -> None:
    login, sudo, logout = read(AUTH)
    assert (login.what, sudo.what, logout.what) == ("login", "sudo", "logout")
    assert login.at == datetime(2025, 6, 1, 1, 12, 44, tzinfo=UTC)
    assert login.data["session"] == logout.data["session"]
    assert sudo.summary == "alex ran /usr/bin/vim /etc/nginx/nginx.conf as root"


def test_a_syslog() -> None:
    found = read(SYSLOG)
    assert kinds(found) == ["service-restarted", "service-failed", "reboot", "oom-kill"]
    assert found[1].summary == "app.service failed: signal (killed 9)"
    assert found[2].data == {"kernel": "6.1.0-40-amd64", "unclean": False}


def test_a_syslog_that_goes_on_after_its_daemon_was_restarted_crashed() -> None:
    lines = SYSLOG.splitlines(keepends=True)
    lines.insert(8, "2025-06-01T03:20:10.000000+02:00 hv-03 sshd[1]: Server listening on 0.0.0.0 port 22.\n")
    assert [each.data["unclean"] for each in read("".join(lines)) if each.what == "reboot"] == [True]


def test_an_rfc_5424_line() -> None:
    words = "<86>1 2025-06-01T01:12:44Z hv-03 sshd 4711 - - Accepted password for ana from 10.0.0.6 port 1 ssh2"
    assert read(words)[0].data["user"] == "ana"


def test_the_year_is_the_file_s_and_goes_on_at_new_year() -> None:
    text = "Dec 31 23:59:59 h a: x\nJan  1 00:00:01 h a: x\nDec 31 23:59:58 h a: late\nJan  1 00:00:02 h a: x\n"
    found = times(text, datetime(2025, 1, 3, tzinfo=UTC))
    assert [each.astimezone(BERLIN).year for each in found] == [2024, 2025, 2024, 2025]


def test_a_leap_day_is_of_the_last_leap_year() -> None:
    assert times("Feb 29 12:00:00 h a: x\n", datetime(2025, 6, 1, tzinfo=UTC))[0].year == 2024


def test_the_hour_that_occurs_twice_follows_from_the_line_before() -> None:
    found = times("Oct 27 02:50:00 h a: x\nOct 27 02:10:00 h a: x\n", datetime(2024, 10, 28, tzinfo=UTC))
    assert [each.hour for each in found] == [0, 1]


def test_what_is_no_line_is_passed_over() -> None:
    text = "garbage\nJun 99 03:12:44 h a: x\nJum  1 03:12:44 h a: x\n2025-13-01T00:00:00Z h a: x\n\n"
    assert times(text, WRITTEN) == []


PARTS = st.sampled_from(
    [
        "Jun  1 03:12:44 ",
        "Feb 29 00:00:00 ",
        "2025-06-01T03:12:44+02:00 ",
        "<13>1 ",
        "hv-03 ",
        "systemd[1]: ",
        "Stopped a.service - x",
        "Feb 30 25:61:61 ",
    ]
)


@given(st.lists(st.lists(PARTS | st.text(max_size=6), max_size=6), max_size=8))
def test_no_line_raises(lines: list[list[str]]) -> None:
    read("\n".join("".join(parts) for parts in lines).encode("utf-8", "replace").decode())


@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    SyslogLines(BERLIN).entry(data, "x", WRITTEN)
