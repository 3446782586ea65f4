"""The timeline of an incident: what is in it, in which order, and that nothing is lost when it is folded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.investigation.moment_folding import FOLDED_FROM, folded
from changelog_ledger.investigation.timeline import Course, explained_within, span_of, timeline, unfolded
from changelog_ledger.model.change import Change, Note, Status
from changelog_ledger.model.evidence import Confidence, Evidence, Op
from changelog_ledger.model.incident import Incident, Link, LinkKind, Moment, MomentKind, Told
from changelog_ledger.model.topology import Health, Mark, Target

SHOP, WEB = Target.service("shop"), Target.host("web-01")
NOON = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


INCIDENT = Incident("INC-AAAAAA", "Shop answers 502", (SHOP,), at(0), at(5), at(6), "alex", symptom="502", resolved_at=at(60))
GOOD = Mark("M1", SHOP, Health.GOOD, at(-120), "probe")
AGAIN = Mark("M2", SHOP, Health.GOOD, at(61), "probe")


def drift(name: str, minutes: float, explained_by: str = "") -> Evidence:
    when, confidence = at(minutes), Confidence.SCOPE if explained_by else Confidence.NONE
    return Evidence(
        name, "config", WEB, Op.CHANGED, when, when, when, f"/etc/{name} 1 → 2", f"/etc/{name}", explained_by=explained_by, confidence=confidence
    )


def change(name: str, minutes: float, title: str = "Raise limit") -> tuple[Change, tuple[Note, ...]]:
    steps = (Note(at(minutes - 600), "kim", "", "approved"), Note(at(minutes), "kim", "", "started"), Note(at(minutes + 5), "kim", "", "succeeded"))
    return Change(name, title, Status.SUCCEEDED, (WEB,)), steps


def link(kind: LinkKind, what: str, minutes: float | None = None, **said: str) -> Link:
    return Link(kind, what, at(30), "kim", happened_at=None if minutes is None else at(minutes), **said)


def course(*, incident: Incident = INCIDENT, **known: object) -> Course:
    return Course(incident, at(600), **{"marks": (GOOD, AGAIN), "own": frozenset([SHOP])} | known)  # type: ignore[arg-type]


class TestCorrections:
    def test_a_time_that_was_corrected_is_no_fact(self) -> None:
        notes = (Note(at(50), "kim", "", "mitigated"), Note(at(20), "kim", "moved away", "mitigated"), Note(at(60), "kim", "", "resolved"))
        found = timeline(course(incident=replace(INCIDENT, mitigated_at=at(20), notes=notes)))
        assert [(moment.at, moment.text) for moment in found if "mitigated" in moment.text] == [(at(20), "incident mitigated: moved away")]

    def test_what_was_said_with_it_stays(self) -> None:
        notes = (Note(at(50), "kim", "moved away", "mitigated"), Note(at(20), "kim", "", "mitigated"))
        found = timeline(course(incident=replace(INCIDENT, mitigated_at=at(20), notes=notes)))
        (said,) = [moment for moment in found if "moved away" in moment.text]
        assert (said.kind, "corrected later" in said.text) == (MomentKind.NOTE, True)

    def test_twice_with_a_reopening_between_is_twice(self) -> None:
        notes = (Note(at(20), "kim", "", "resolved"), Note(at(30), "kim", "again", "reopened"), Note(at(60), "kim", "", "resolved"))
        assert texts(course(incident=replace(INCIDENT, notes=notes)), MomentKind.INCIDENT).count("incident resolved") == 2


def texts(found: Course, kind: MomentKind) -> list[str]:
    return [moment.text for moment in timeline(found) if moment.kind is kind]


class TestSpan:
    def test_from_the_last_good_mark_to_the_resolution_and_the_good_mark(self):
        span = span_of(INCIDENT, (AGAIN, GOOD), frozenset([SHOP]), at(600))
        assert (span.since, span.until, span.last_good, span.good_again) == (at(-120), at(60), GOOD, AGAIN)

    def test_of_two_targets_the_one_that_was_seen_working_least_recently(self):
        marks = (GOOD, replace(GOOD, id="M0", target=WEB, at=at(-300)), replace(GOOD, id="M3", target=WEB, at=at(-200)))
        assert span_of(INCIDENT, marks, frozenset([SHOP, WEB]), at(600)).since == at(-200)

    def test_without_a_mark_a_day_before_it_began(self):
        assert span_of(INCIDENT, (), frozenset(), at(600)).since == NOON - timedelta(days=1)

    def test_while_it_lasts_up_to_now(self):
        assert span_of(replace(INCIDENT, resolved_at=None), (), frozenset(), at(600)).until == at(600)


class TestWhatIsInIt:
    def test_changes_and_what_nobody_logged_within_the_span(self):
        found = course(steps=[change("CHG-1", -30), change("CHG-2", -900)], evidence=[drift("EV-1", -20), drift("EV-2", -900), drift("EV-3", 70)])
        assert texts(found, MomentKind.CHANGE) == ["Raise limit: started", "Raise limit: succeeded"]
        assert texts(found, MomentKind.DRIFT) == ["/etc/EV-1 1 → 2"]

    def test_what_changes_explain_is_left_to_them_and_counted(self):
        found = course(steps=[change("CHG-1", -30)], evidence=[drift("EV-1", -29, "CHG-1"), drift("EV-2", -28, "CHG-1"), drift("EV-3", 90, "CHG-1")])
        assert texts(found, MomentKind.DRIFT) == []
        assert explained_within(found) == 2

    @pytest.mark.parametrize("kind", [LinkKind.CONFIRMED, LinkKind.CONTRIBUTING])
    def test_a_latent_cause_is_in_it_however_long_before(self, kind):
        incident = replace(INCIDENT, links=(link(kind, "EV-1", -90_000),))
        found = timeline(course(incident=incident, evidence=[drift("EV-1", -90_000), drift("EV-2", -80_000)]))
        assert found[0].text == "/etc/EV-1 1 → 2"
        assert found[0].role == {"confirmed": "trigger", "contributing": "contributing"}[kind]
        assert "EV-2" not in {moment.what for moment in found}

    def test_a_linked_thing_that_the_record_has_no_more_stands_there_by_its_title(self):
        incident = replace(INCIDENT, links=(link(LinkKind.CONFIRMED, "EV-GONE", -40, title="web-01 /etc/x 1 → 2"),))
        told = [moment for moment in timeline(course(incident=incident)) if moment.role == "trigger"]
        assert [(moment.at, moment.text) for moment in told] == [(at(-40), "web-01 /etc/x 1 → 2")]

    @pytest.mark.parametrize(("kind", "role"), [("confirmed", "trigger"), ("fix", "fix"), ("cleared", "cleared"), ("related", "related")])
    def test_roles_come_from_links(self, kind, role):
        incident = replace(INCIDENT, links=(link(LinkKind(kind), "CHG-1"),))
        found = timeline(course(incident=incident, steps=[change("CHG-1", 20)]))
        assert [moment.role for moment in found if moment.kind is MomentKind.CHANGE] == [role, role]

    def test_what_was_said_and_told_is_in_it_though_it_was_after_the_end(self):
        incident = replace(
            INCIDENT, notes=(Note(at(90), "kim", "calm again"), Note(at(40), "kim", "", "mitigated")), told=(Told(at(95), "kim", "Solved."),)
        )
        found = timeline(course(incident=incident))
        assert [(moment.kind, moment.text) for moment in found if moment.at >= at(90)] == [
            (MomentKind.NOTE, "calm again"),
            (MomentKind.TOLD, "Solved."),
        ]
        assert [moment.text for moment in found if moment.at == at(40)] == ["incident mitigated"]

    def test_a_bad_mark_at_the_onset_says_that_it_began(self):
        broken = Mark("M3", SHOP, Health.BAD, at(0), "probe", symptom="502")
        assert not [text for text in texts(course(marks=(GOOD, AGAIN, broken)), MomentKind.INCIDENT) if "began" in text]
        assert [text for text in texts(course(), MomentKind.INCIDENT) if "began" in text] == ["the trouble began, as far as is known: 502"]


class TestFolding:
    def test_a_hundred_differences_are_one_line_that_counts_them(self):
        found = [moment for moment in timeline(course(evidence=[drift(f"EV-{n:03}", n / 60) for n in range(100)])) if moment.kind is MomentKind.DRIFT]
        assert [(moment.folded, moment.at, moment.until) for moment in found] == [(100, at(0), at(99 / 60))]
        assert found[0].text == "100 differences that no change explains; the first: /etc/EV-000 1 → 2"

    def test_a_few_stand_by_themselves(self):
        assert len(texts(course(evidence=[drift(f"EV-{n}", n) for n in range(FOLDED_FROM - 1)]), MomentKind.DRIFT)) == FOLDED_FROM - 1

    def test_what_is_linked_is_never_folded(self):
        incident = replace(INCIDENT, links=(link(LinkKind.CONFIRMED, "EV-5"),))
        found = timeline(course(incident=incident, evidence=[drift(f"EV-{n}", n) for n in range(10)]))
        assert [moment.text for moment in found if moment.role] == ["/etc/EV-5 1 → 2"]
        assert [moment.folded for moment in found if moment.kind is MomentKind.DRIFT and not moment.role] == [5, 4]

    def test_a_good_mark_between_bad_ones_stays_between_them(self):
        states = [Health.BAD] * 5 + [Health.GOOD] + [Health.BAD] * 5
        marks = [Mark(f"M{number}", SHOP, state, at(number), "probe") for number, state in enumerate(states, 10)]
        found = [moment for moment in timeline(course(marks=[GOOD, *marks])) if moment.kind is MomentKind.MARK]
        assert [(moment.text, moment.folded) for moment in found] == [
            ("seen working", 1),
            ("seen broken (5 times)", 5),
            ("seen working", 1),
            ("seen broken (5 times)", 5),
        ]


MOMENTS = st.builds(
    Moment,
    at=st.integers(0, 60).map(at),
    kind=st.sampled_from(MomentKind),
    text=st.sampled_from(["a", "b"]),
    where=st.sampled_from([None, SHOP, WEB]),
    actor=st.sampled_from(["", "kim"]),
    role=st.sampled_from(["", "", "", "trigger"]),
)
EVIDENCE = st.lists(st.tuples(st.integers(0, 30), st.integers(-200, 90), st.booleans()), max_size=30, unique_by=lambda each: each[0])
COURSES = st.tuples(EVIDENCE, st.lists(st.integers(-200, 90), max_size=6), st.lists(st.tuples(st.booleans(), st.integers(-200, 90)), max_size=15))


def known(drawn: tuple[list[tuple[int, int, bool]], list[int], list[tuple[bool, int]]]) -> Course:
    pieces, changes, marks = drawn
    return course(
        incident=replace(INCIDENT, links=(link(LinkKind.CONFIRMED, "EV-3", -10), link(LinkKind.CLEARED, "CHG-1"))),
        evidence=[drift(f"EV-{name}", minutes, "CHG-1" if explained else "") for name, minutes, explained in pieces],
        steps=[change(f"CHG-{number}", minutes) for number, minutes in enumerate(changes)],
        marks=[Mark(f"M{n}", SHOP, Health.GOOD if good else Health.BAD, at(minutes), "p") for n, (good, minutes) in enumerate(marks)],
    )


@given(st.lists(MOMENTS, max_size=60))
def test_folding_loses_no_moment_and_keeps_the_order(moments):
    lines = folded(moments)
    assert sum(line.folded for line in lines) == len(moments)
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert sorted(moment.at for moment in moments if moment.role) == [line.at for line in lines if line.role]


@given(st.lists(MOMENTS, max_size=60), st.randoms())
def test_folding_does_not_depend_on_the_order_of_what_is_given(moments, random):
    shuffled = list(moments)
    random.shuffle(shuffled)
    assert folded(shuffled) == folded(moments)


@given(COURSES, st.randoms())
def test_a_timeline_is_in_order_and_does_not_depend_on_the_order_of_what_is_given(drawn, random):
    found = known(drawn)
    mixed = replace(found, **{name: random.sample(list(getattr(found, name)), len(getattr(found, name))) for name in ("marks", "steps", "evidence")})
    lines = timeline(found)
    assert lines == timeline(mixed)
    assert [line.at for line in lines] == sorted(line.at for line in lines)


@given(COURSES)
def test_nothing_in_the_span_is_lost_silently(drawn):
    found = known(drawn)
    span = span_of(found.incident, found.marks, found.own, found.now)
    pieces = [moment for moment in unfolded(found) if moment.kind is MomentKind.DRIFT]
    within = [piece for piece in found.evidence if span.holds(piece.seen_at) or piece.id == "EV-3"]
    assert len(pieces) + explained_within(found) == len(within)
    assert {moment.what for moment in pieces} >= {piece.id for piece in within if piece.unlogged}
