"""Net evidence, and which change explains it."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.investigation import attribute, net_evidence, observed
from changelog_ledger.model.change import Change, Note, Status
from changelog_ledger.model.evidence import Confidence, Delta, Evidence, Observation, Op, RecordedDelta
from changelog_ledger.model.topology import EVERYTHING, Target

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WEB, SHOP = Target.host("web-01"), Target.service("shop")
RUNS_ON = {SHOP: frozenset({"web-01", "web-02"})}


def at(minutes):
    return NOW - timedelta(minutes=minutes)


def delta(id="EV-1", earlier=60, later=30, before="1", after="2", op=Op.CHANGED, path="/etc/a.conf", key="k", mtime=None, **more):  # noqa: A002
    return RecordedDelta(
        id, "web-01", f"S{later}", at(earlier), at(later), Delta(path, key, op, before, after, mtime=None if mtime is None else at(mtime)), **more
    )


def change(id="CHG-1", started=50, finished=40, on=(WEB,), status=Status.SUCCEEDED, **more):  # noqa: A002
    return Change(
        id,
        id,
        status,
        on,
        started_at=at(started) if started is not None else None,
        finished_at=at(finished) if finished is not None else None,
        **more,
    )


def judged(deltas, changes):
    deltas = [deltas] if isinstance(deltas, RecordedDelta) else deltas
    (evidence,) = attribute(net_evidence(deltas), changes, RUNS_ON, NOW)
    return evidence


def test_net_evidence_runs_from_the_first_before_to_the_last_after():
    (piece,) = net_evidence([delta("EV-2", 30, 10, "2", "3"), delta("EV-1", 60, 30, "1", "2")])
    evidence = piece.evidence
    assert (evidence.id, evidence.before, evidence.after, evidence.not_before, evidence.not_after) == ("EV-2", "1", "3", at(60), at(10))
    assert evidence.parts == ("EV-1", "EV-2")
    assert evidence.summary == "/etc/a.conf k 1 → 3"
    assert not evidence.transient


@pytest.mark.parametrize(
    ("first", "second", "op", "transient"),
    [
        (("1", "2", Op.CHANGED), ("2", "1", Op.CHANGED), Op.CHANGED, True),
        ((None, "2", Op.ADDED), ("2", "3", Op.CHANGED), Op.ADDED, False),
        ((None, "2", Op.ADDED), ("2", None, Op.REMOVED), Op.ADDED, True),
        (("1", None, Op.REMOVED), (None, "2", Op.ADDED), Op.CHANGED, False),
        (("1", "2", Op.CHANGED), ("2", None, Op.REMOVED), Op.REMOVED, False),
        ((None, None, Op.OPAQUE), (None, None, Op.OPAQUE), Op.OPAQUE, False),
    ],
)
def test_what_two_differences_come_to(first, second, op, transient):
    parts = [delta(f"EV-{n}", 60 - 30 * n, 30 - 30 * n, *values) for n, values in enumerate((first, second))]
    (piece,) = net_evidence(parts)
    assert (piece.evidence.op, piece.evidence.transient) == (op, transient)


def renamed_key(id, earlier, later, before, after):  # noqa: A002
    part = delta(id, earlier, later, before, after, Op.MOVED, key=after)
    return replace(part, delta=replace(part.delta, note=f"renamed from {before}"))


def test_sums_do_not_cross_renames():
    """What is called A before and after is not the same thing."""
    parts = [
        delta("EV-1", 60, 50, "1", "2", key="A/x"),
        renamed_key("EV-2", 50, 40, "A", "B"),
        renamed_key("EV-3", 40, 30, "D", "A"),
        delta("EV-4", 40, 30, "3", "1", key="A/x"),
        delta("EV-5", 30, 20, "1", "5", key="A/x"),
    ]
    for order in (parts, parts[::-1]):
        pieces = {piece.evidence.parts: piece.evidence for piece in net_evidence(order)}
        assert set(pieces) == {("EV-1",), ("EV-2",), ("EV-3",), ("EV-4", "EV-5")}
        assert not any(evidence.transient for evidence in pieces.values())
        assert (pieces["EV-4", "EV-5"].before, pieces["EV-4", "EV-5"].after) == ("3", "5")


def test_sums_go_on_where_nothing_was_renamed():
    """Other files, the file as such, and what has another place only."""
    parts = [
        delta("EV-1", 60, 50, "1", "2", path="/etc/b.conf"),
        delta("EV-2", 60, 50, {"mode": "0644"}, {"mode": "0600"}, Op.METADATA, key=None),
        delta("EV-3", 60, 50, "1", "2", path="/etc/c.conf"),
        renamed_key("EV-4", 50, 40, "A", "B"),
        delta("EV-5", 50, 40, 1, 2, Op.MOVED, path="/etc/c.conf", key="z"),
        delta("EV-6", 30, 20, "2", "1", path="/etc/b.conf"),
        delta("EV-7", 30, 20, {"mode": "0600"}, {"mode": "0644"}, Op.METADATA, key=None),
        delta("EV-8", 30, 20, "2", "1", path="/etc/c.conf"),
    ]
    sums = {piece.evidence.parts for piece in net_evidence(parts) if piece.evidence.transient}
    assert sums == {("EV-1", "EV-6"), ("EV-2", "EV-7"), ("EV-3", "EV-8")}


def test_the_files_own_time_counts_only_between_the_snapshots():
    assert net_evidence([delta(mtime=45)])[0].evidence.seen_at == at(45)
    assert net_evidence([delta(mtime=90)])[0].evidence.seen_at == at(30)


@pytest.mark.parametrize(
    ("evidence", "known", "confidence"),
    [
        (delta(), change(), Confidence.SCOPE),
        (delta(), change(on=(SHOP,)), Confidence.SCOPE),
        (delta(), change(on=(EVERYTHING,)), Confidence.TIME),
        (delta(), change(on=(Target.host("db-01"),)), Confidence.NONE),
        (delta(), change(paths=("/etc/**",)), Confidence.SCOPE),
        (delta(), change(paths=("/srv/**",)), Confidence.NONE),
        (delta(), change(started=90, finished=61), Confidence.NONE),
        (delta(), change(started=29, finished=20), Confidence.NONE),
        (delta(), change(started=90, finished=None, status=Status.STARTED), Confidence.SCOPE),
        (delta(), change(started=None, finished=None, status=Status.CANCELLED, planned_start=at(50), planned_end=at(40)), Confidence.NONE),
        (delta(), change(started=None, finished=None, status=Status.APPROVED, planned_start=at(50), planned_end=at(40)), Confidence.TIME),
        (delta(), change(started=None, finished=None, status=Status.APPROVED, planned_start=at(20), planned_end=at(10)), Confidence.NONE),
        (delta(mtime=55), change(), Confidence.TIME),
        (delta(mtime=45), change(), Confidence.SCOPE),
        (delta(mtime=50 + 1 / 60), change(), Confidence.SCOPE),
        (delta(change="CHG-1"), change(paths=("/etc/a.conf",)), Confidence.EXPLICIT),
        (delta(change="CHG-1"), change(paths=("/srv/**",)), Confidence.NONE),
        (delta(explained_by="CHG-1"), change(started=900, finished=800, paths=("/srv/**",)), Confidence.EXPLICIT),
    ],
)
def test_how_surely_a_change_explains_a_difference(evidence, known, confidence):
    got = judged(evidence, [known])
    assert got.confidence is confidence
    assert got.explained_by == ("" if confidence is Confidence.NONE else "CHG-1")
    assert got.because


@pytest.mark.parametrize(
    ("known", "confidence"),
    [
        (change(started=900, finished=800, paths=("hosts/web-01/**",)), Confidence.EXPLICIT),  # neither time nor globs are asked
        (change(started=None, finished=None, status=Status.APPROVED), Confidence.EXPLICIT),
        (change(on=(Target.host("db-01"),), status=Status.ROLLED_BACK), Confidence.EXPLICIT),
        (change(started=900, finished=800, status=Status.CANCELLED), Confidence.NONE),
        (change("CHG-2", 900, 800), Confidence.NONE),  # the one that is meant is not known here
        (change("CHG-2"), Confidence.SCOPE),  # another one made at that time may still explain it
    ],
)
def test_what_the_gate_let_in_is_its_changes(known, confidence):
    got = judged(delta(expected_by="CHG-1"), [known])
    assert got.confidence is confidence
    assert (got.explained_by == "CHG-1") == (confidence is Confidence.EXPLICIT)
    assert (got.because == "these very bytes were let in by the gate under CHG-1") == (confidence is Confidence.EXPLICIT)


def test_a_word_by_hand_and_the_changes_own_run_come_before_what_the_gate_let_in():
    changes = [change("CHG-1"), change("CHG-2", 900, 800)]
    assert judged(delta(expected_by="CHG-2", explained_by="CHG-1"), changes).because == "attributed by hand"
    assert judged(delta(expected_by="CHG-2", change="CHG-1"), changes).explained_by == "CHG-1"
    outside = [change("CHG-1", paths=("/srv/**",)), changes[1]]
    assert judged(delta(expected_by="CHG-2", change="CHG-1"), outside).explained_by == "CHG-2", "another's run found it, and it is not that one's"


def test_a_file_that_the_gate_let_go():
    gone = delta(op=Op.REMOVED, key=None, after=None, expected_by="CHG-1")
    assert judged(gone, [change(started=900, finished=800)]).because == "its removal was let in by the gate under CHG-1"
    key = delta(op=Op.REMOVED, after=None, expected_by="CHG-1")
    assert judged(key, [change(started=900, finished=800)]).because.startswith("these very bytes")


def test_bytes_that_were_let_in_and_altered_by_hand_later_are_not_explained():
    parts = [delta("EV-1", 60, 30, "1", "2", expected_by="CHG-1"), delta("EV-2", 30, 10, "2", "3")]
    assert judged(parts, [change(started=900, finished=800)]).confidence is Confidence.NONE


def test_why_none_does():
    assert "outside its declared paths" in judged(delta(change="CHG-1"), [change(paths=("/srv/**",))]).because
    assert "CHG-1 had finished before" in judged(delta(), [change(started=90, finished=61)]).because
    assert judged(delta(), []).because == "no change names host:web-01 at that time"


def test_the_narrowest_then_the_latest_of_equals():
    assert judged(delta(), [change("CHG-1", 45), change("CHG-2", 50, paths=("/etc/**",))]).explained_by == "CHG-2"
    assert judged(delta(), [change("CHG-1", 50), change("CHG-2", 45, on=(SHOP,))]).explained_by == "CHG-1"
    assert judged(delta(), [change("CHG-1", 45), change("CHG-2", 50)]).explained_by == "CHG-1"


def test_every_part_must_be_explained():
    parts = [delta("EV-1", 60, 30, "1", "2"), delta("EV-2", 30, 10, "2", "3")]
    got = judged(parts, [change("CHG-1", 20, 15)])
    assert got.confidence is Confidence.NONE
    assert got.because.startswith("only 1 of its 2 parts are explained")
    assert judged(parts, [change("CHG-1", 20, 15), change("CHG-2", 50, 40)]).explained_by == "CHG-1"


def test_a_roll_back_explains_what_it_took_back():
    rolled = replace(change(started=500, finished=490, status=Status.ROLLED_BACK), notes=(Note(at(45), "ada", "", "rolled-back"),))
    assert judged(delta(), [rolled]).explained_by == "CHG-1"


def test_an_observation_is_explained_by_target_and_time():
    seen = Observation("01X", "service-restarted", WEB, at(45), "nginx restarted")
    (evidence,) = attribute(observed([seen]), [change(paths=("/etc/nginx/**",))], RUNS_ON, NOW)
    assert (evidence.kind, evidence.op, evidence.confidence) == ("restart", Op.OBSERVED, Confidence.SCOPE)
    (machine,) = attribute(observed([replace(seen, what="package-upgraded", data={"unattended": True})]), [change()], RUNS_ON, NOW)
    assert machine.confidence is Confidence.TIME


CHANGES = st.builds(
    lambda n, start, length, on, paths, status: change(f"CHG-{n}", start, max(start - length, 0), (on,), status, paths=paths),
    st.integers(0, 99),
    st.integers(0, 120),
    st.integers(0, 60),
    st.sampled_from([WEB, SHOP, EVERYTHING, Target.host("db-01")]),
    st.sampled_from([(), ("/etc/**",), ("/srv/**",)]),
    st.sampled_from([Status.SUCCEEDED, Status.FAILED, Status.STARTED]),
)
DELTAS = st.lists(
    st.builds(
        lambda n, later, path, run, said: delta(f"EV-{n}", later + 20, later, path=path, change=run, expected_by=said),
        st.integers(0, 99),
        st.integers(0, 100),
        st.sampled_from(["/etc/a.conf", "/srv/b.conf"]),
        st.sampled_from(["", "CHG-1"]),
        st.sampled_from(["", "CHG-2"]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda part: part.id,
)
STRENGTH = [Confidence.NONE, Confidence.TIME, Confidence.SCOPE, Confidence.EXPLICIT]


@given(DELTAS, st.lists(CHANGES, max_size=6, unique_by=lambda known: known.id), CHANGES)
def test_one_more_change_never_makes_evidence_less_explained(deltas, changes, extra):
    pieces = net_evidence(deltas)
    fewer = attribute(pieces, [known for known in changes if known.id != extra.id], RUNS_ON, NOW)
    more = attribute(pieces, [*(known for known in changes if known.id != extra.id), extra], RUNS_ON, NOW)
    for before, after in zip(fewer, more, strict=True):
        assert STRENGTH.index(after.confidence) >= STRENGTH.index(before.confidence)


def test_a_verdict_changes_nothing_else_of_the_evidence():
    filled = Evidence(**{each.name: f"a {each.name}" for each in fields(Evidence)})
    verdict = {"confidence": Confidence.SCOPE, "because": "it was being made", "explained_by": "CHG-1"}
    assert filled.judged(**verdict) == replace(filled, **verdict)
