"""apt's, dpkg's and the updater's logs, each by itself and together."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.model.ingestion import PackageAction, PackageChange
from changelog_ledger.model.log_lines import LogLine
from changelog_ledger.observations.local_times import LocalTimes
from changelog_ledger.observations.packages.apt_history import AptHistory
from changelog_ledger.observations.packages.apt_times import AptTimes
from changelog_ledger.observations.packages.debian import DebianHistory
from changelog_ledger.observations.packages.dpkg import DpkgLog
from changelog_ledger.observations.packages.transactions import seen
from changelog_ledger.observations.packages.unattended_upgrades import unattended_runs
from changelog_ledger.observations.packages.version_order import is_newer

LATER = datetime(2025, 6, 2, tzinfo=UTC)

UPGRADE = """\
2025-06-01 03:12:44 startup archives unpack
2025-06-01 03:12:45 upgrade openvswitch-switch:amd64 2.17.5-1 2.17.9-1
2025-06-01 03:12:45 status half-configured openvswitch-switch:amd64 2.17.5-1
2025-06-01 03:12:45 status unpacked openvswitch-switch:amd64 2.17.9-1
2025-06-01 03:12:46 startup packages configure
2025-06-01 03:12:46 configure openvswitch-switch:amd64 2.17.9-1 <none>
2025-06-01 03:12:47 status installed openvswitch-switch:amd64 2.17.9-1
"""
STANZA = """
Start-Date: 2025-06-01  03:12:44
Commandline: /usr/bin/unattended-upgrade
Upgrade: openvswitch-switch:amd64 (2.17.5-1, 2.17.9-1)
End-Date: 2025-06-01  03:12:47
"""
UPDATER = """\
2025-06-01 03:12:40,123 INFO Starting unattended upgrades script
2025-06-01 03:12:43,456 INFO Packages that will be upgraded: openvswitch-switch
2025-06-01 03:12:48,789 INFO All upgrades installed
"""


def lines(text, source="/var/log/x"):
    content = text if isinstance(text, bytes) else text.encode()
    place, found = 0, []
    for line in content.split(b"\n")[:-1]:
        found.append(LogLine(line, source, place))
        place += len(line) + 1
    return found


def runs(text, zone=UTC):
    return list(DpkgLog(LocalTimes(zone)).runs(lines(text)))


def stanzas(text):
    return list(AptHistory(LocalTimes(UTC)).stanzas(lines(text)))


class Joined:
    """What the three say together."""

    def __init__(self, dpkg="", apt="", updater="", now=LATER):
        self.held, self.notes = [], []
        history = DebianHistory(AptTimes(stanzas(apt)), list(unattended_runs(lines(updater), LocalTimes(UTC))), now, self.held.append, self.notes)
        self.found = list(history.transactions(stanzas(apt), runs(dpkg)))
        self.seen = [seen(each, "hv-03") for each in self.found]


# dpkg.log


def test_a_run_of_dpkg():
    (run,) = [run for run in runs(UPGRADE) if run.changes]
    assert run.changes == (PackageChange("openvswitch-switch", PackageAction.UPGRADED, "2.17.5-1", "2.17.9-1", "amd64"),)
    assert (run.written_at, run.purpose, run.unsettled) == ("2025-06-01 03:12:44", "archives unpack", ())


def test_times_are_the_hosts():
    assert runs(UPGRADE, ZoneInfo("Europe/Berlin"))[0].at == datetime(2025, 6, 1, 1, 12, 44, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "action", "before", "after"),
    [
        ("install a:amd64 <none> 1.0", "installed", "", "1.0"),
        ("upgrade a:amd64 1.9 1.10", "upgraded", "1.9", "1.10"),
        ("upgrade a:amd64 1.10 1.9", "downgraded", "1.10", "1.9"),
        ("upgrade a:amd64 1.0~rc1 1.0", "upgraded", "1.0~rc1", "1.0"),
        ("upgrade a:amd64 1:1.0 2.0", "downgraded", "1:1.0", "2.0"),
        ("upgrade a:amd64 1.0 1.0", "reinstalled", "1.0", "1.0"),
        ("remove a:amd64 1.0 <none>", "removed", "1.0", ""),
        ("purge a:amd64 1.0 <none>", "purged", "1.0", ""),
        ("install a:amd64 1.0 1.1", "installed", "", "1.1"),
    ],
)
def test_what_a_line_means(line, action, before, after):
    (run,) = runs(f"2025-06-01 03:12:44 startup archives install\n2025-06-01 03:12:44 {line}\n")
    assert run.changes == (PackageChange("a", PackageAction(action), before, after, "amd64"),)


def test_a_removal_and_a_purge_are_one_change():
    text = "2025-06-01 03:12:44 startup packages purge\n" + "".join(
        f"2025-06-01 03:12:44 {line}\n"
        for line in ("remove a:all 1 <none>", "status config-files a:all 1", "purge a:all 1 <none>", "status not-installed a:all <none>")
    )
    (run,) = runs(text)
    assert [(change.action, change.before) for change in run.changes] == [(PackageAction.PURGED, "1")]
    assert run.unsettled == ()


@pytest.mark.parametrize("state", ["half-configured a:all 2", "half-installed a:all 2", "unpacked a:all 2", "installed a:all 1"])
def test_what_is_left_half_done_failed(state):
    (run,) = runs(f"2025-06-01 03:12:44 startup archives install\n2025-06-01 03:12:44 upgrade a:all 1 2\n2025-06-01 03:12:45 status {state}\n")
    assert run.unsettled == (("a", state.split()[0]),)


def test_what_is_not_dpkgs_is_counted_and_passed_over():
    log = DpkgLog(LocalTimes(UTC))
    found = list(log.runs(lines(b"hello\n\xff\xfe\n2025-99-99 99:99:99 startup x\n2025-06-01 03:1\n" + UPGRADE.encode())))
    assert [len(run.changes) for run in found] == [1, 0]
    assert log.strange == {"/var/log/x": 4}


@given(st.lists(st.one_of(st.binary(max_size=80), st.sampled_from(UPGRADE.encode().split(b"\n")), st.sampled_from(STANZA.encode().split(b"\n")))))
def test_no_bytes_raise(texts):
    found = lines(b"\n".join(texts) + b"\n")
    list(DpkgLog(LocalTimes(UTC)).runs(found))
    list(AptHistory(LocalTimes(UTC)).stanzas(found))
    list(unattended_runs(found, LocalTimes(UTC)))


@given(st.from_regex(r"([0-9]:)?[0-9]{1,3}(\.[0-9]{1,3}){0,2}([~+][a-c][0-9])?(-[0-9]{1,2})?", fullmatch=True), st.data())
def test_the_shorter_way_to_compare_versions_is_the_same(version, data):
    """Mostly the same version with other numbers, for which the shorter way is."""
    other = "".join(data.draw(st.sampled_from("0123456789")) if each.isdigit() else each for each in version)
    (run,) = runs(f"2025-06-01 03:12:44 startup archives install\n2025-06-01 03:12:44 upgrade a:all {version} {other}\n")
    expected = "upgraded" if is_newer(other, version, "dpkg") else "downgraded"
    assert run.changes[0].action == ("reinstalled" if version == other else expected)


# apt's history


def test_a_stanza():
    (stanza,) = stanzas(
        """
Start-Date: 2025-06-01  14:00:00
Commandline: apt-get install nginx=1.22.1-9 curl
Requested-By: alex (1000)
Install: nginx:amd64 (1.22.1-9), nginx-common:amd64 (1.22.1-9, automatic)
Upgrade: curl:amd64 (7.88.1-10, 7.88.1-11)
Downgrade: jq:amd64 (1.7, 1.6)
Reinstall: bash:amd64 (5.2)
Remove: apache2:amd64 (2.4)
Purge: ed:amd64 (1.19)
Error: Sub-process /usr/bin/dpkg returned an error code (1)
End-Date: 2025-06-01  14:00:09
"""
    )
    assert (stanza.requested_by, stanza.error[:11], stanza.ended_at) == ("alex", "Sub-process", datetime(2025, 6, 1, 14, 0, 9, tzinfo=UTC))
    assert [(change.name, str(change.action), change.before, change.after, change.automatic) for change in stanza.changes] == [
        ("nginx", "installed", "", "1.22.1-9", False),
        ("nginx-common", "installed", "", "1.22.1-9", True),
        ("curl", "upgraded", "7.88.1-10", "7.88.1-11", False),
        ("jq", "downgraded", "1.7", "1.6", False),
        ("bash", "reinstalled", "5.2", "5.2", False),
        ("apache2", "removed", "2.4", "", False),
        ("ed", "purged", "1.19", "", False),
    ]


# together


def test_in_the_hour_that_occurs_twice_both_logs_tell_of_the_same():
    """dpkg alone was at work in the first of the two hours, so that its log is read an hour later than apt's."""
    berlin = ZoneInfo("Europe/Berlin")
    by_hand = UPGRADE.replace("2025-06-01 03:12", "2025-10-26 02:50").replace("openvswitch-switch", "other")
    dpkg = by_hand + UPGRADE.replace("2025-06-01 03:12", "2025-10-26 02:10")
    apt = list(AptHistory(LocalTimes(berlin)).stanzas(lines(STANZA.replace("2025-06-01  03:12", "2025-10-26  02:10"))))
    found = runs(dpkg, berlin)
    times = AptTimes(apt)
    assert found[-1].at - apt[0].at == timedelta(hours=1, seconds=2)
    assert [times.transaction(run) for run in found if run.changes] == [None, apt[0].at]


def test_the_same_an_hour_after_apt_is_dpkgs_own():
    assert [each.manager for each in Joined(UPGRADE + UPGRADE.replace("03:12", "04:12"), STANZA).found] == ["apt", "dpkg"]


def test_the_silent_update():
    joined = Joined(UPGRADE, STANZA, UPDATER)
    (one,) = joined.seen
    assert one.summary == "openvswitch-switch 2.17.5-1 → 2.17.9-1 upgraded by unattended-upgrades"
    assert (one.what, one.actor, one.at) == ("package-upgraded", "unattended-upgrades", datetime(2025, 6, 1, 3, 12, 44, tzinfo=UTC))
    assert one.data == {
        "manager": "apt",
        "packages": [{"name": "openvswitch-switch", "action": "upgraded", "before": "2.17.5-1", "after": "2.17.9-1", "architecture": "amd64"}],
        "packages_total": 1,
        "command": "/usr/bin/unattended-upgrade",
        "unattended": True,
        "outcome": "succeeded",
        "ended_at": "2025-06-01T03:12:47Z",
    }
    assert not joined.held


def test_dpkg_outside_of_apt_is_told_by_itself():
    by_hand = UPGRADE.replace("03:12", "09:30").replace("archives unpack", "archives install")
    joined = Joined(UPGRADE + by_hand, STANZA)
    assert [(each.manager, each.written_at[11:]) for each in joined.found] == [("apt", "03:12:44"), ("dpkg", "09:30:44")]
    assert joined.seen[1].actor == ""


def test_dpkgs_states_tell_that_it_failed():
    joined = Joined(UPGRADE.replace("status installed", "status half-configured").replace("status unpacked", "status half-configured"), STANZA)
    (one,) = joined.seen
    assert (one.data["outcome"], one.data["error"]) == ("failed", "openvswitch-switch is half-configured")
    assert one.summary.startswith("failed: openvswitch-switch 2.17.5-1 → 2.17.9-1")


def test_an_error_of_apt_tells_that_it_failed():
    joined = Joined(apt=STANZA.replace("End-Date", "Error: Sub-process /usr/bin/dpkg returned an error code (1)\nEnd-Date"))
    assert joined.seen[0].data["error"] == "Sub-process /usr/bin/dpkg returned an error code (1)"
    assert joined.seen[0].data["outcome"] == "failed"


def test_apt_without_an_end_may_still_run():
    unfinished = STANZA.partition("End-Date")[0]
    joined = Joined(UPGRADE, unfinished, now=datetime(2025, 6, 1, 3, 13, tzinfo=UTC))
    assert not joined.found
    assert joined.held == [0]
    assert joined.notes == ["apt's transaction of 2025-06-01 03:12:44 has no end yet; it is recorded next time"]


def test_apt_without_an_end_was_interrupted_when_nothing_goes_on():
    joined = Joined(UPGRADE.partition("2025-06-01 03:12:46")[0], STANZA.partition("End-Date")[0])
    (one,) = joined.seen
    assert one.data["outcome"] == "interrupted"
    assert one.summary.startswith("interrupted: ")
    assert "ended_at" not in one.data
    assert not joined.held


def test_after_an_interrupted_transaction_what_is_about_other_packages_is_dpkgs_own():
    other = UPGRADE.replace("openvswitch-switch", "mended").replace("03:12", "03:40")
    joined = Joined(UPGRADE + other, STANZA.partition("End-Date")[0] + STANZA.replace("03:12", "04:00"))
    assert [(each.manager, each.changes[0].name) for each in joined.found] == [
        ("dpkg", "mended"),
        ("apt", "openvswitch-switch"),
        ("apt", "openvswitch-switch"),
    ]


def test_dpkgs_last_run_is_left_while_it_may_go_on():
    soon = datetime(2025, 6, 1, 3, 12, 48, tzinfo=UTC)
    half = UPGRADE.partition("2025-06-01 03:12:46")[0]
    assert Joined(half, now=soon).held == [0]
    assert not Joined(half, now=soon).found
    assert len(Joined(half).found) == 1


def test_the_updater_that_failed_before_it_began_is_seen():
    log = UPDATER.replace("INFO All upgrades installed", "ERROR Lock could not be acquired (another package manager running?)")
    (one,) = Joined(updater=log).seen
    assert (one.what, one.data["outcome"], one.data["unattended"]) == ("package-upgraded", "failed", True)
    assert one.data["error"] == "Lock could not be acquired (another package manager running?)"


def test_the_updater_tells_that_a_reboot_is_due():
    log = UPDATER + "2025-06-01 03:12:49,000 WARNING Found /var/run/reboot-required, rebooting\n"
    assert Joined(apt=STANZA, updater=log).seen[0].data["reboot_required"] is True


def test_several_packages_those_asked_for_first():
    text = """
Start-Date: 2025-06-01  14:00:00
Commandline: apt-get install nginx
Requested-By: alex (1000)
Install: libx:amd64 (1, automatic), nginx-common:amd64 (1.22, automatic), nginx:amd64 (1.22)
Upgrade: zlib1g:amd64 (1, 2)
End-Date: 2025-06-01  14:00:09
"""
    (one,) = Joined(apt=text).seen
    assert one.summary == "1 package upgraded, 3 installed by alex: nginx 1.22, zlib1g 1 → 2, and 2 more"
    assert one.what == "package-upgraded"
    assert [package["name"] for package in one.data["packages"]] == ["nginx", "zlib1g", "libx", "nginx-common"]


def test_more_than_two_hundred_packages_are_counted():
    names = ", ".join(f"p{number}:amd64 (1, 2)" for number in range(1000))
    (one,) = Joined(apt=f"\nStart-Date: 2025-06-01  14:00:00\nUpgrade: {names}\nEnd-Date: 2025-06-01  14:00:09\n").seen
    assert (len(one.data["packages"]), one.data["packages_total"]) == (200, 1000)


def test_the_reference_is_the_records():
    renamed = [seen(each, "hv-03") for each in Joined(UPGRADE, STANZA, UPDATER).found]
    assert renamed[0].ref == Joined(apt=STANZA).seen[0].ref
    assert renamed[0].ref != Joined(apt=STANZA.replace("2.17.9-1", "2.17.9-2")).seen[0].ref
