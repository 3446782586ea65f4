"""Who was there, what follows from what, and times that are known as a range only."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.ranking.prior import PRIOR
from changelog_ledger.investigation import Material, choose_window, investigate
from changelog_ledger.model.change import Change, Status
from changelog_ledger.model.evidence import Confidence, Delta, Observation, Op, RecordedDelta
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import Reach, Target

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HV = Target.host("hv-03")


def at(minutes):
    return NOW - timedelta(minutes=minutes)


def upgraded(minutes=100, host=HV, **more):
    packages = [{"name": "openvswitch-switch", "before": "2.17.5", "after": "2.17.9", "action": "upgraded"}]
    summary = "openvswitch-switch 2.17.5 → 2.17.9 upgraded by unattended-upgrades"
    data = {"packages": packages, "unattended": True} | more
    return Observation(f"EV-P{host.name}{minutes}", "package-upgraded", host, at(minutes), summary, actor="unattended-upgrades", data=data)


def pending(minutes=99, what="restart-pending", **more):
    data = {"packages": ["openvswitch-switch"], "subject": "unit:ovs.service"} | more
    return Observation(f"EV-R{minutes}", what, HV, at(minutes), "ovs.service still runs replaced code", data=data)


def edited(earlier=60, later=30, mtime=None, path="/etc/app.ini"):
    difference = Delta(path, "pool", Op.CHANGED, "20", "2", mtime=None if mtime is None else at(mtime))
    return RecordedDelta(f"EV-{path}{later}", "hv-03", f"S{later}", at(earlier), at(later), difference)


def login(user, minutes, source="10.0.0.5"):
    data = {"user": user, "from": source, "session": f"{user}@{minutes}"}
    return Observation(f"EV-L{user}{minutes}", "login", HV, at(minutes), f"logged in from {source}", data=data)


def logout(user, since, minutes):
    return Observation(f"EV-O{user}{minutes}", "logout", HV, at(minutes), "logged out", data={"user": user, "session": f"{user}@{since}"})


def sudo(user, minutes, command):
    return Observation(f"EV-S{user}{minutes}", "sudo", HV, at(minutes), f"ran {command} as root", data={"user": user, "command": command})


def ran(change="CHG-1", start=110, end=90, **more):
    return Change(change, "Upgrade", Status.SUCCEEDED, (HV,), started_at=at(start), finished_at=at(end), **more)


def material(**more):
    window = choose_window([], now=NOW, since=at(600))
    return Material(target=HV, now=NOW, window=window, scope=(Reach(HV, 0),), **more)


def actors(report, path="/etc/app.ini"):
    (piece,) = [piece for piece in report.evidence if piece.path == path]
    return [actor.actor for actor in piece.possible_actors]


# ---- what follows from what


def test_an_upgrade_and_the_restart_that_is_pending_since_are_one_suspect():
    report = investigate(material(observations=[pending(), upgraded()]))
    (suspect,) = report.suspects
    assert suspect.title == "openvswitch-switch 2.17.5 → 2.17.9 upgraded by unattended-upgrades (hv-03); restart pending on hv-03"
    assert suspect.evidence == (upgraded().id, pending().id)
    assert suspect.occurred_at == at(100)
    assert "a process still runs the code of before" in [reason.text for reason in suspect.reasons]


def test_the_same_upgrade_on_other_hosts_does_not_hide_where_a_restart_is_pending():
    others = [upgraded(98 - n, Target.host(f"hv-0{n}")) for n in (1, 2, 4, 5, 6)]
    (suspect,) = investigate(material(observations=[*others, upgraded(), pending()])).suspects
    assert suspect.title.endswith("upgraded by unattended-upgrades (6 hosts); restart pending on hv-03")
    assert suspect.evidence[1] == pending().id


def test_a_pending_reboot_is_called_so():
    (suspect,) = investigate(material(observations=[upgraded(), pending(what="reboot-pending")])).suspects
    assert suspect.title.endswith("; reboot pending on hv-03")


def ended(minutes=20, what="service-restarted", closes="R1"):
    return Observation(f"EV-E{minutes}", what, HV, at(minutes), "ovs.service runs the new code", data={"closes": closes})


def test_the_end_of_a_pending_restart_is_said_and_is_a_suspect_by_itself():
    first, second = investigate(material(observations=[upgraded(), pending(ref="R1"), ended()]), PRIOR).suspects
    assert first.title.endswith("; restart no longer pending on hv-03")
    assert first.trigger.startswith("ovs.service runs the new code")  # only then the new code came into force
    assert "restart-pending" not in [reason.code for reason in first.reasons]
    assert second.title == "ovs.service runs the new code (hv-03)"
    (alone, _) = investigate(material(observations=[pending(ref="R1"), ended()]), PRIOR).suspects
    assert alone.title == "ovs.service still runs replaced code (hv-03); over by now"
    (still, _) = investigate(material(observations=[upgraded(), pending(ref="R1"), ended(closes="R2")]), PRIOR).suspects
    assert still.title.endswith("; restart pending on hv-03")


def test_what_is_pending_for_more_files_stands_for_what_was_before():
    more = pending(50, ref="R2", supersedes="R1")
    (suspect,) = investigate(material(observations=[upgraded(), pending(ref="R1"), more])).suspects
    assert suspect.title.endswith("; restart pending on hv-03")
    (over, _) = investigate(material(observations=[upgraded(), pending(ref="R1"), more, ended(closes="R2")]), PRIOR).suspects
    assert over.title.endswith("; restart no longer pending on hv-03")


@pytest.mark.parametrize(
    "other",
    [
        pending(packages=["bash"]),
        pending(packages=None),
        pending(packages="openvswitch-switch"),
        pending(130),
        replace(pending(), target=Target.host("hv-04")),
    ],
    ids=["another package", "no packages", "no list", "before the upgrade", "another host"],
)
def test_what_does_not_follow_is_a_suspect_of_its_own(other):
    assert len(investigate(material(observations=[upgraded(), other])).suspects) == 2


def test_it_follows_from_the_latest_upgrade_before_it():
    report = investigate(material(observations=[upgraded(500), upgraded(100), pending()]))
    (with_pending,) = [suspect for suspect in report.suspects if pending().id in suspect.evidence]
    assert upgraded(100).id in with_pending.evidence


def test_the_change_that_explains_the_upgrade_explains_the_pending_restart():
    late = pending(80)  # found when the change was over
    unattended = replace(upgraded(), data={**upgraded().data, "unattended": False}, actor="alex", summary="openvswitch-switch upgraded by alex")
    report = investigate(material(observations=[unattended, late], changes=[ran()]))
    assert [(piece.explained_by, piece.confidence) for piece in report.evidence] == [("CHG-1", Confidence.SCOPE)] * 2
    assert report.evidence[1].because == "it follows from a package transaction that CHG-1 explains"
    assert report.unlogged == ()


def version(earlier, later, before="2.17.5 amd64", after="2.17.9 amd64", key="dpkg/openvswitch-switch"):
    difference = Delta("@state/packages", key, Op.CHANGED, before, after)
    return RecordedDelta(f"EV-V{later}", "hv-03", f"S{later}", at(earlier), at(later), difference)


def test_the_version_that_a_snapshot_found_belongs_to_its_transaction():
    (suspect,) = investigate(material(observations=[upgraded(), pending()], deltas=[version(120, 60)])).suspects
    assert set(suspect.evidence) == {upgraded().id, pending().id, version(120, 60).id}
    for other in (version(99, 60), version(300, 101), version(120, 60, key="dpkg/openssl")):
        assert len(investigate(material(observations=[upgraded()], deltas=[other])).suspects) == 2


def test_of_an_architecture_too():
    assert len(investigate(material(observations=[upgraded()], deltas=[version(120, 60, key="dpkg/openvswitch-switch:amd64")])).suspects) == 1


def test_the_transaction_whose_time_is_known_decides_about_the_version():
    made_later = ran(start=90, end=70)  # between the two snapshots, and after the upgrade
    report = investigate(material(observations=[upgraded()], deltas=[version(120, 60)], changes=[made_later]))
    assert [piece.explained_by for piece in report.evidence] == ["", ""]
    assert "follows from a package transaction that no change explains: CHG-1 was started only afterwards" in report.evidence[1].because
    by_hand = replace(version(120, 60), explained_by="CHG-1")
    report = investigate(material(observations=[upgraded()], deltas=[by_hand], changes=[made_later]))
    assert [piece.explained_by for piece in report.evidence] == ["", "CHG-1"]


def test_a_version_that_came_and_went_needs_an_explanation_for_both():
    came, went = replace(upgraded(100), data={**upgraded().data, "unattended": False}, actor="alex", summary="up"), upgraded(50)
    deltas = [version(120, 60), version(60, 40, "2.17.9 amd64", "2.17.5 amd64")]
    report = investigate(material(observations=[came, went], deltas=deltas, changes=[ran()]))
    (piece,) = [piece for piece in report.evidence if piece.path]
    assert piece.unlogged
    assert piece.transient


# ---- times


def test_a_log_tells_whole_seconds():
    started = at(100) + timedelta(milliseconds=700)
    change = replace(ran(), started_at=started, finished_at=at(99))
    moment = replace(upgraded(100), actor="alex", data={}, summary="openssl upgraded by alex")
    (piece,) = investigate(material(observations=[moment], changes=[change])).evidence
    assert piece.explained_by == "CHG-1"
    before = replace(moment, at=at(100) - timedelta(seconds=1))
    (piece,) = investigate(material(observations=[before], changes=[change])).evidence
    assert piece.unlogged


def test_what_is_dated_in_the_last_second_of_a_change_may_have_been_after_it():
    moment = replace(upgraded(100), actor="alex", data={}, summary="openssl upgraded by alex")
    for end, confidence in ((timedelta(milliseconds=300), Confidence.TIME), (timedelta(seconds=1), Confidence.SCOPE)):
        change = replace(ran(), finished_at=at(100) + end)
        (piece,) = investigate(material(observations=[moment], changes=[change])).evidence
        assert (piece.explained_by, piece.confidence) == ("CHG-1", confidence)
    exact = replace(moment, at=at(100) + timedelta(milliseconds=200))
    (piece,) = investigate(material(observations=[exact], changes=[replace(ran(), finished_at=at(100) + timedelta(milliseconds=300))])).evidence
    assert piece.confidence is Confidence.SCOPE


@pytest.mark.parametrize(
    ("said", "earliest"), [(format_instant(at(300)), at(300)), ("long ago", at(100)), (7, at(100)), (format_instant(at(1)), at(100))]
)
def test_a_range_is_kept_as_one(said, earliest):
    (piece,) = investigate(material(observations=[upgraded(not_before=said)])).evidence
    assert (piece.not_before, piece.not_after) == (earliest, at(100))


def test_a_change_within_the_range_explains_it():
    seen = replace(upgraded(not_before=format_instant(at(300))), actor="alex", summary="openssl upgraded by alex")
    seen = replace(seen, data={**seen.data, "unattended": False})
    change = ran(start=200, end=190)
    (piece,) = investigate(material(observations=[seen], changes=[change])).evidence
    assert (piece.explained_by, piece.confidence) == ("CHG-1", Confidence.SCOPE)


# ---- who was there


def test_a_login_is_no_evidence_and_is_named_beside_what_nobody_logged():
    report = investigate(material(deltas=[edited()], circumstances=[login("alex", 70), login("kim", 500), logout("kim", 500, 400)]))
    assert [piece.kind for piece in report.evidence] == ["config"]
    assert actors(report) == ["alex"]
    assert [actor.actor for actor in report.present] == ["kim", "alex"]
    (suspect,) = report.suspects
    assert "alex" not in suspect.title


def test_the_likeliest_is_named_first_and_everybody_once():
    wrote = Observation("EV-W", "file-write", HV, at(45), "wrote /etc/app.ini", data={"user": "sam", "paths": ["/etc/app.ini"]})
    there = [login("alex", 70), login("kim", 70), sudo("kim", 50, "vim /etc/app.ini"), sudo("pat", 40, "systemctl restart app"), wrote]
    assert actors(investigate(material(deltas=[edited()], circumstances=there))) == ["sam", "kim", "pat"]


def test_a_file_with_a_time_of_its_own_asks_who_was_there_then():
    there = [login("alex", 58), logout("alex", 58, 56), login("kim", 48), login("pat", 40)]
    assert actors(investigate(material(deltas=[edited(mtime=45)], circumstances=there))) == ["kim"]


def test_numbers_of_sessions_begin_anew_with_every_boot():
    def session(user, minutes, out=None):
        data = {"user": user, "session": "1"}
        entry = [Observation(f"EV-L{user}", "login", HV, at(minutes), "logged in", data=data)]
        return entry + ([Observation(f"EV-O{user}", "logout", HV, at(out), "logged out", data=data)] if out else [])

    there = [*session("alex", 500, 480), *session("eve", 300, 55), *session("kim", 50)]
    reboots = [Observation(f"EV-B{minutes}", "reboot", HV, at(minutes), "booted") for minutes in (400, 52)]
    assert actors(investigate(material(deltas=[edited()], observations=reboots, circumstances=there))) == ["kim", "eve"]
    assert actors(investigate(material(deltas=[edited(470, 450)], observations=reboots, circumstances=there))) == []


def test_a_reboot_that_ends_several_says_so_in_a_list():
    reboot = Observation("EV-B", "reboot", HV, at(20), "booted", data={"closes": ["R1", "R7"]})
    first, second = investigate(material(observations=[upgraded(), pending(ref="R1"), reboot]), PRIOR).suspects
    assert first.title.endswith("; restart no longer pending on hv-03")
    assert second.title == "booted (hv-03)"


def test_a_reboot_is_not_explained_by_what_it_ended():
    mine = replace(upgraded(), actor="alex", summary="up", data={**upgraded().data, "unattended": False})
    reboot = Observation("EV-B", "reboot", HV, at(20), "booted", data={"closes": ["R1"]})
    report = investigate(material(observations=[mine, pending(ref="R1"), reboot], changes=[ran()]))
    assert [piece.kind for piece in report.unlogged] == ["reboot"]


def test_a_reboot_ends_every_login():
    reboot = Observation("EV-B", "reboot", HV, at(65), "booted")
    assert actors(investigate(material(deltas=[edited()], observations=[reboot], circumstances=[login("alex", 70)]))) == []


def test_a_package_transaction_may_have_written_the_file():
    report = investigate(material(deltas=[edited()], observations=[upgraded(45)]))
    assert actors(report) == ["unattended-upgrades"]
    (package,) = [piece for piece in report.evidence if piece.kind == "package"]
    assert package.possible_actors == ()
    nobody = replace(upgraded(45), actor="unknown", data={**upgraded().data, "manager": "apt"})
    assert actors(investigate(material(deltas=[edited()], observations=[nobody]))) == ["apt"]


def test_what_a_change_explains_asks_for_nobody():
    report = investigate(material(deltas=[edited()], changes=[ran(start=60, end=30)], circumstances=[login("alex", 70)]))
    assert [piece.possible_actors for piece in report.evidence] == [()]


def test_odd_data_of_imported_logins_is_no_trouble():
    odd = [
        Observation("EV-1", "login", HV, at(50), "x", data={"session": None, "user": 7}),
        Observation("EV-2", "file-write", HV, at(50), "x", data={"paths": 3}),
    ]
    odd.append(Observation("EV-3", "login", HV, at(50), "somebody came", actor="jo"))
    assert actors(investigate(material(deltas=[edited()], circumstances=odd))) == ["jo", "7"]
