"""Times at the edges of what can be, and lines that are none: no parser falls over them, and none passes over them in silence."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.observations.journal.audit_log import AuditReading
from changelog_ledger.observations.journal.entries import entry_of
from changelog_ledger.observations.journal.login_table import LoginReading, LoginTable
from changelog_ledger.observations.journal.reading import JournalReading
from changelog_ledger.observations.journal.syslog_lines import SyslogLines
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.observations.packages import apk_log, dnf_log, pacman_log, zypp_history
from changelog_ledger.observations.packages.apt_history import AptHistory
from changelog_ledger.observations.packages.dpkg import DpkgLog
from changelog_ledger.observations.packages.unattended_upgrades import unattended_runs

from .log_lines import lines

NOW = datetime(2025, 6, 2, tzinfo=UTC)
ZONES = st.sampled_from(["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"])
YEARS = st.sampled_from([0, 1, 2, 1969, 1970, 2000, 2199, 2200, 9998, 9999])
OFFSETS = st.sampled_from(["", "Z", "+14:00", "-12:00", "-05:00", "+23:59", "-2359"])
CLOCKS = st.sampled_from(["12-31{}23:59:59", "01-01{}00:00:00", "02-30{}25:61:61"])

Parser = Callable[[Iterable[LogLine], LocalTimes], Iterator[object]]
PARSERS: dict[str, tuple[str, Parser]] = {
    "pacman": ("[{}] [ALPM] transaction started\n[{}] [ALPM] installed a (1-1)\n", pacman_log.transactions),
    "dnf": ("{} SUBDEBUG Installed: a-1-1.noarch\n", dnf_log.transactions),
    "apk": ("Running `apk add a` at {}\n(1/1) Installing a (1-r0)\n", lambda log, times: apk_log.transactions(log, times=times)),
    "zypper": ("{}|install|a|1|x86_64|root@h|repo|0|\n", zypp_history.transactions),
    "updater": ("{} INFO Starting unattended upgrades script\n", unattended_runs),
    "apt": ("Start-Date: {}\nInstall: a:amd64 (1)\nEnd-Date: {}\n", lambda log, times: AptHistory(times).stanzas(log)),
    "dpkg": ("{} startup archives install\n{} install a:amd64 <none> 1\n", lambda log, times: DpkgLog(times).runs(log)),
}


@pytest.mark.parametrize("name", PARSERS)
@given(st.lists(st.tuples(YEARS, CLOCKS, st.sampled_from("T "), OFFSETS), min_size=1, max_size=4), ZONES)
def test_no_parser_of_packages_falls_over_a_time(name: str, written: list[tuple[int, str, str, str]], zone: str) -> None:
    form, parser = PARSERS[name]
    text = "".join(form.replace("{}", f"{year:04}-{clock.format(between)}{offset}") for year, clock, between, offset in written)
    list(parser(lines(text), LocalTimes(ZoneInfo(zone))))


@pytest.mark.parametrize("name", ["pacman", "dnf"])
def test_a_time_that_cannot_be_is_counted(name: str) -> None:
    form, parser = PARSERS[name]
    times = LocalTimes(UTC)
    assert not list(parser(lines(form.replace("{}", "9999-12-31T23:59:59-0500")), times))
    [gap] = times.gaps("/var/log/x")
    assert "a time that cannot be" in gap.why


@given(YEARS, CLOCKS, OFFSETS, ZONES, st.sampled_from([1, 1970, 2025, 2191]))
def test_no_syslog_falls_over_a_time(year: int, clock: str, offset: str, zone: str, written: int) -> None:
    log, reading = SyslogLines(ZoneInfo(zone)), JournalReading("h", {})
    for line in (f"{year:04}-{clock.format('T')}{offset} h systemd[1]: Started nginx.service - A.", "Dec 31 23:59:59 h cron[1]: x"):
        entry = log.entry(line.encode(), "auth.log", datetime(max(written, 1970), 12, 31, tzinfo=UTC))
        if entry is not None:
            list(reading.read(entry))
            list(reading.settled(entry.at))


@pytest.mark.parametrize(
    "line",
    ["Mär 20 03:00:00 h sshd[1]: x", "20 mars 03:00:00 h sshd[1]: x", "Feb 30 03:00:00 h sshd[1]: x", "Mar  1 25:00:00 h sshd[1]: x", "garbage"],
)
def test_a_line_of_no_syslog_is_told_with_its_number(line: str) -> None:
    log = SyslogLines(UTC)
    for text in ("Mar  1 03:00:00 h sshd[1]: x", "Mar  1 03:00:00 h last message repeated 2 times", "  goes on", "", line):
        log.entry(text.encode(), "/var/log/auth.log", NOW)
    [gap] = log.strange.gaps()
    assert gap.why == "1 line that is none of a syslog (the first is line 4 of what was read); the rest was read"


@pytest.mark.parametrize("line", [b"garbage", b"type=LOGIN msg=audit(x:6): a", b"type=LOGIN msg=audit(99999999999999.1:3): a"])
def test_a_line_of_no_audit_log_is_told(line: bytes) -> None:
    reading = AuditReading("h", {})
    assert not list(reading.read(line, "/var/log/audit/audit.log"))
    [gap] = reading.strange.gaps()
    assert "no line that was read of it (1)" in gap.why


@given(st.integers(-(2**31), 2**31 - 1))
def test_a_record_of_a_time_that_cannot_be_is_counted(seconds: int) -> None:
    record = struct.Struct("<hxxi32s4s32s256shhiii16s20x")
    made = [record.pack(7, 1, b"pts/0", b"0", b"alex", b"", 0, 0, 0, at, 0, b"") for at in (1_748_740_000, 1_748_740_001, 1_748_740_002, seconds)]
    table, reading = LoginTable(), LoginReading("h")
    for each in table.records(b"".join(made)):
        list(reading.read(each, "/var/log/wtmp"))
    assert reading.timeless == ({"/var/log/wtmp": 1} if seconds < 0 else {})


@given(st.integers(-(10**30), 10**30))
def test_no_entry_of_a_journal_falls_over_a_time(microseconds: int) -> None:
    entry = entry_of({"__REALTIME_TIMESTAMP": str(microseconds), "MESSAGE": "x"})
    if entry is not None:
        list(JournalReading("h", {}).read(entry))
