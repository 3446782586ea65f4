"""What the past says of a suspect: taken back, without its companion, by a stranger, judged before, in a freeze, and whom it can reach."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from benchmarks.ranking.prior import PRIOR
from changelog_ledger.investigation import Material, choose_window, investigate
from changelog_ledger.investigation.history import History
from changelog_ledger.investigation.past import companions
from changelog_ledger.model.change import Change, Freeze, Level, Status
from changelog_ledger.model.evidence import Delta, Observation, Op, RecordedDelta
from changelog_ledger.model.incident import Incident, Link, LinkKind, Trace
from changelog_ledger.model.topology import Health, Mark, Reach, Target

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WEB, SHOP, MAIL = Target.host("web-01"), Target.service("shop"), Target.service("mail")


def at(hours):
    return NOW - timedelta(hours=hours)


def edit(path, hours, before="1", after="2", snapshot="", change=""):
    difference = Delta(path, "key", Op.CHANGED, before, after)
    return RecordedDelta(f"EV-{path}-{hours}", "web-01", snapshot or f"S{hours}", at(hours + 1), at(hours), difference, change=change)


def change(number, hours, actor="ann", title="Tune", on=(WEB,), paths=()):
    times = {"started_at": at(hours), "finished_at": at(hours - 0.1)}
    return Change(f"CHG-{number}", title, Status.SUCCEEDED, on, actor=actor, paths=paths, **times)


def question(history, deltas=(), changes=(), observations=()):
    marks = (Mark("m1", SHOP, Health.GOOD, at(10)), Mark("m2", SHOP, Health.BAD, at(1)))
    return Material(
        target=SHOP,
        now=NOW,
        window=choose_window(marks, now=NOW),
        scope=(Reach(SHOP, 0), Reach(WEB, 0)),
        deltas=deltas,
        changes=changes,
        observations=observations,
        runs_on={SHOP: frozenset({"web-01"})},
        history=history,
    )


def said(material, code):
    return [reason.text for suspect in investigate(material, PRIOR).suspects for reason in suspect.reasons if reason.code == code]


def test_a_file_that_changed_without_what_always_changes_with_it():
    together = [edit(path, hours, snapshot=f"S{hours}") for hours in (100, 200, 300) for path in ("/etc/zone", "/etc/serial")]
    assert said(question(History(deltas=together), [edit("/etc/zone", 3)]), "lacks-companion") == [
        "/etc/zone changed without /etc/serial, which changed with it 3 of 3 times before"
    ]
    both = [edit("/etc/zone", 3, snapshot="now"), edit("/etc/serial", 3, snapshot="now")]
    assert said(question(History(deltas=together), both), "lacks-companion") == []


def test_companions_need_three_times_and_no_release():
    assert companions([edit(path, hours, snapshot=f"S{hours}") for hours in (1, 2) for path in ("/a", "/b")]) == {}
    release = [edit(f"/{number}", hours, snapshot=f"S{hours}") for hours in (1, 2, 3) for number in range(40)]
    assert companions(release) == {}


def test_a_change_in_a_freeze():
    frozen = Freeze("FRZ-1", "Quarter end", at(50), at(0), (SHOP, WEB))
    assert said(question(History(freezes=[frozen]), changes=[change(1, 3)]), "in-freeze") == ["made in a freeze: Quarter end"]
    assert said(question(History(freezes=[replace(frozen, on=(MAIL,))]), changes=[change(1, 3)]), "in-freeze") == []


def judged(kind, what="CHG-OLD", **trace):
    incident = Incident("INC-1", "Shop down", (SHOP,), at(500), at(500), at(500), "ann", impact=Level.HIGH)
    return incident, Link(kind, what, at(499), "ann", because="a test showed it", traces=(Trace(**trace),) if trace else ())


def test_what_was_the_cause_before_is_suspected_again_and_what_was_cleared_is_not():
    deltas = [edit("/etc/app.conf", 3)]
    cause = judged(LinkKind.CONFIRMED, path="/etc/app.conf", key="key")
    assert said(question(History(judged=[cause]), deltas), "former-incident") == ["the like of it was the cause of INC-1 (Shop down)"]
    cleared = judged(LinkKind.CLEARED, path="/etc/app.conf")
    assert said(question(History(judged=[cleared]), deltas), "formerly-cleared") == ["the like of it was cleared in INC-1 (Shop down)"]
    seen = [Observation("O1", "oom-kill", WEB, at(2), "killed java 4711 on web-01")]
    again = judged(LinkKind.CONFIRMED, shape="oom-kill killed java # on ")
    assert said(question(History(judged=[again]), observations=seen), "former-incident")


def test_the_like_of_the_cause_of_this_very_trouble_is_no_former_cause():
    incident, link = judged(LinkKind.CONFIRMED, path="/etc/app.conf", key="key")
    asked = question(History(judged=[(incident, link)]), [edit("/etc/app.conf", 3)])
    assert said(asked, "former-incident")
    ours = replace(incident, began_at=asked.window.onset)
    assert not said(replace(asked, history=replace(asked.history, judged=[(ours, link)])), "former-incident")


def test_who_confirms_or_clears_a_suspect_moves_it_at_once():
    changes = [change(1, 1.1), change(2, 5)]
    plain = [suspect.change for suspect in investigate(question(History(), changes=changes)).suspects]
    assert plain == ["CHG-1", "CHG-2"]
    cleared = question(History(judged=[judged(LinkKind.CLEARED, "CHG-1")]), changes=changes)
    assert [suspect.change for suspect in investigate(cleared).suspects] == ["CHG-2", "CHG-1"]
    assert said(cleared, "cleared") == ["cleared by ann in INC-1: a test showed it"]
    confirmed = question(History(judged=[judged(LinkKind.CONFIRMED, "CHG-2")]), changes=changes)
    assert [suspect.change for suspect in investigate(confirmed).suspects] == ["CHG-2", "CHG-1"]


def test_one_judgement_counts_once():
    itself = judged(LinkKind.CONFIRMED, "EV-/etc/app.conf-3", path="/etc/app.conf", key="key")
    asked = question(History(judged=[itself]), [edit("/etc/app.conf", 3)])
    assert said(asked, "confirmed")
    assert not said(asked, "former-incident")


def test_the_blast_radius_is_compared_with_what_fails_and_what_works():
    db, cache = Target.host("db-01"), Target.host("cache-01")
    below = {SHOP: frozenset({SHOP, WEB, db}), MAIL: frozenset({MAIL, db, cache})}
    changes = [change(1, 2, on=(db,)), change(2, 2, on=(WEB,)), change(3, 2, on=(cache,))]
    both_fail = History(health={SHOP: Health.BAD, MAIL: Health.BAD}, below=below)
    assert said(question(both_fail, changes=changes), "blast-radius")[0] == "all 2 failing targets depend on it"
    one_works = History(health={SHOP: Health.BAD, MAIL: Health.GOOD}, below=below)
    report = investigate(question(one_works, changes=changes), PRIOR)
    by_change = {suspect.change: {reason.code for reason in suspect.reasons} for suspect in report.suspects}
    assert "blast-radius" in by_change["CHG-2"]
    assert "reaches-healthy" in by_change["CHG-1"] & by_change["CHG-3"]


def test_work_that_was_done_before_in_other_places_is_usual():
    before = [replace(change(number, 300 + number, title=f"Rotate logs of web-0{number}, part {number}"), id=f"CHG-B{number}") for number in (1, 2)]
    asked = question(History(changes=before), changes=[change(1, 3, title="Rotate logs of web-01, part 7"), change(2, 3, title="New pool")])
    assert said(asked, "usual-work") == ["the same sort of work was done 2 more times in these months"]


def test_our_own_words_for_a_difference_say_nothing_of_its_field():
    added = replace(edit("/etc/foo", 3), delta=Delta("/etc/foo", None, Op.ADDED, None, "x"))
    asked = replace(question(History(), [added]), symptom="refuses connections, too many open files")
    assert not said(asked, "symptom-subject")


def test_five_hours_are_near_where_nothing_else_happens_and_far_where_much_does():
    def nearness(crowd):
        asked = question(History(), changes=[change(1, 6, title="Rename pool"), *(change(number, 5.9, title="x") for number in range(2, crowd))])
        suspect = next(suspect for suspect in investigate(asked, PRIOR).suspects if suspect.change == "CHG-1")
        return next(reason.value for reason in suspect.reasons if reason.code == "time-before-onset")

    assert nearness(2) > nearness(10) > nearness(60) > 0
