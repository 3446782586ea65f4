"""The rules of incidents: which step leads where, in which order times come, and that nothing that was said is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from changelog_ledger.changes.incidents import Particulars, checked_times, linked, new_incident, reopened, resolved, updated, with_fix
from changelog_ledger.errors import InvalidInput, InvalidTime, TransitionRefused
from changelog_ledger.model.incident import REOPENED, Incident, IncidentState, Link, LinkKind, Period
from changelog_ledger.model.topology import Target
from changelog_ledger.store.incident_codec import incident_from_json, incident_to_json, step_body, with_step

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ON = [Target.service("shop")]


def fresh(**said: str) -> Incident:
    times = {"recorded_at": NOON, "began_at": NOON - MINUTE, "detected_at": NOON}
    return new_incident(id="INC-7K3M9Q", title="Shop  answers\n502", on=ON, actor="kim", said=Particulars(**said), **times)


def link(what: str, kind: LinkKind = LinkKind.CONFIRMED, minutes: int = 1) -> Link:
    return Link(kind, what, NOON + minutes * MINUTE, "kim")


class TestSteps:
    def test_an_incident_that_is_opened(self) -> None:
        incident = fresh(impact=" High ", urgency="medium")
        assert (incident.title, incident.state, incident.priority) == ("Shop answers 502", IncidentState.OPEN, 2)

    def test_the_way_through(self) -> None:
        incident = updated(fresh(), Particulars(acknowledged_at=NOON + MINUTE), at=NOON + MINUTE, actor="kim")
        assert incident.state is IncidentState.ACKNOWLEDGED
        incident = updated(incident, Particulars(mitigated_at=NOON + 2 * MINUTE), at=NOON + 5 * MINUTE, actor="kim", note="moved away")
        assert incident.state is IncidentState.MITIGATED
        assert incident.notes[-1].text == "moved away"
        incident = resolved(incident, at=NOON + 9 * MINUTE, actor="kim")
        assert incident.state is IncidentState.RESOLVED
        assert [note.step for note in incident.notes] == ["acknowledged", "mitigated", "resolved"]

    def test_a_time_may_be_said_when_all_is_over(self) -> None:
        over = resolved(fresh(), at=NOON + 9 * MINUTE, actor="kim")
        assert updated(over, Particulars(mitigated_at=NOON + MINUTE), at=NOON + 20 * MINUTE, actor="kim").mitigated_at == NOON + MINUTE
        with pytest.raises(InvalidTime, match=r"it was resolved at .*, before it was mitigated at"):
            updated(over, Particulars(mitigated_at=NOON + 10 * MINUTE), at=NOON + 20 * MINUTE, actor="kim")

    def test_what_an_import_says_is_kept_by_a_reopening(self) -> None:
        imported = replace(fresh(), mitigated_at=NOON + MINUTE, resolved_at=NOON + 2 * MINUTE, reviewed_at=NOON + 3 * MINUTE)
        again = reopened(imported, "502 again", at=NOON + 4 * MINUTE, actor="sam")
        assert again.state is IncidentState.OPEN
        assert [(note.step, note.at, note.actor) for note in again.notes] == [
            ("mitigated", NOON + MINUTE, "kim"),
            ("resolved", NOON + 2 * MINUTE, "kim"),
            ("reviewed", NOON + 3 * MINUTE, "kim"),
            (REOPENED, NOON + 4 * MINUTE, "sam"),
        ]
        with pytest.raises(InvalidTime, match="before it was reopened"):
            resolved(again, at=NOON + 3 * MINUTE, actor="sam")
        with pytest.raises(InvalidTime, match="before it was reopened"):
            updated(again, Particulars(mitigated_at=NOON + 3 * MINUTE), at=NOON + 5 * MINUTE, actor="sam")

    def test_what_is_refused(self) -> None:
        over = resolved(fresh(), at=NOON + MINUTE, actor="kim")
        with pytest.raises(TransitionRefused):
            resolved(over, at=NOON + 2 * MINUTE, actor="kim")
        with pytest.raises(TransitionRefused):
            reopened(fresh(), "why not", at=NOON + MINUTE, actor="kim")
        with pytest.raises(InvalidInput, match="why"):
            reopened(over, "", at=NOON + 2 * MINUTE, actor="kim")
        with pytest.raises(InvalidTime):
            reopened(over, "early", at=NOON, actor="kim")
        with pytest.raises(InvalidInput):
            updated(over, Particulars(), at=NOON, actor="kim")
        with pytest.raises(InvalidTime, match="never resolved"):
            checked_times(replace(fresh(), reviewed_at=NOON + MINUTE))

    def test_links(self) -> None:
        incident = linked(linked(fresh(), link("CHG-000001")), link("CHG-000002", LinkKind.FIX))
        assert incident.fix == "CHG-000002"
        again = linked(incident, link("CHG-000001", LinkKind.CLEARED))
        assert [(each.what, each.kind) for each in again.links] == [("CHG-000002", "fix"), ("CHG-000001", "cleared")]
        assert with_fix(again, link("CHG-000001", LinkKind.FIX)) == replace(again, fix="CHG-000001"), "a judgement stands"
        assert linked(fresh(), link("the backup", LinkKind.FIX)).fix == ""
        assert linked(incident, link("CHG-000001")) == incident, "what is said twice is said once"

    def test_the_same_link_again_is_no_second_one_whoever_says_it(self) -> None:
        said = replace(link("CHG-000001"), because="put back, and it works")
        incident = linked(fresh(), said)
        for again in (replace(said, at=said.at + MINUTE, actor="sam"), replace(said, because="", at=said.at + MINUTE)):
            assert linked(incident, again) == incident
        better = replace(said, because="measured", at=said.at + MINUTE)
        assert linked(incident, better).links == (better,)
        assert linked(incident, replace(said, kind=LinkKind.CLEARED, because="")).links[0].because == "", "why it was confirmed does not clear it"

    def test_users_could_work_until_it_was_reopened(self) -> None:
        incident = resolved(fresh(), at=NOON + 20 * MINUTE, actor="kim")
        incident = updated(incident, Particulars(mitigated_at=NOON + 10 * MINUTE), at=NOON + 21 * MINUTE, actor="kim")
        assert (incident.working_between, incident.users_out_for) == ((), 11 * MINUTE)
        incident = reopened(incident, "502 again", at=NOON + 40 * MINUTE, actor="kim")
        assert incident.users_out_for is None
        incident = resolved(incident, at=NOON + 50 * MINUTE, actor="kim")
        assert incident.working_between == (Period(NOON + 10 * MINUTE, NOON + 40 * MINUTE),)
        assert incident.users_out_for == 21 * MINUTE


moments = st.integers(0, 60).map(lambda minutes: NOON + minutes * MINUTE)
words = st.sampled_from(["", "x", "line\nline", "ü \x07"])
steps = st.one_of(
    st.builds(lambda at, note: lambda incident: updated(incident, Particulars(acknowledged_at=at), at=at, actor="kim", note=note), moments, words),
    st.builds(lambda at, note: lambda incident: updated(incident, Particulars(mitigated_at=at), at=at, actor="kim", note=note), moments, words),
    st.builds(lambda at, text: lambda incident: updated(incident, Particulars(title=text, symptom=text), at=at, actor="sam"), moments, words),
    st.builds(
        lambda at, path: lambda incident: updated(incident, Particulars(path=path), at=at, actor="sam"), moments, st.sampled_from(["hotfix", "patch"])
    ),
    st.builds(lambda at, note: lambda incident: resolved(incident, at=at, actor="kim", note=note), moments, words),
    st.builds(lambda at, why: lambda incident: reopened(incident, why, at=at, actor="kim"), moments, words),
    st.builds(
        lambda what, kind, minutes, because: lambda incident: linked(incident, replace(link(what, kind, minutes), because=because)),
        st.sampled_from(["CHG-000001", "EV-0000000001", "words"]),
        st.sampled_from(LinkKind),
        st.integers(0, 60),
        st.sampled_from(["", "put back", "measured"]),
    ),
)


@given(st.lists(steps, max_size=14))
@example([lambda incident, what=what: linked(incident, link(what)) for what in ("CHG-000001", "words", "CHG-000001")])
def test_whatever_is_tried_in_whatever_order(tried: list) -> None:
    """A step is refused in words or leads to an incident whose times are in order; no note and no linked thing is lost; facts say it all."""
    incident = fresh()
    state = incident_to_json(incident)
    for step in tried:
        try:
            after = step(incident)
        except InvalidInput as error:
            assert error.hint
            continue
        assert checked_times(after) == after
        assert after.notes[: len(incident.notes)] == incident.notes
        assert {each.what for each in incident.links} <= {each.what for each in after.links}
        for each in after.links:  # a link is said once, and its reason is kept
            assert linked(after, replace(each, at=each.at + MINUTE, actor="lee")).links == after.links
            assert linked(after, replace(each, because="")).links == after.links
        spans = [(period.since, period.until) for period in after.working_between]
        assert sorted(spans) == spans
        assert all(since < until for since, until in spans)
        if after.users_out_until is not None:
            assert timedelta(0) <= after.users_out_for <= after.users_out_until - after.began_at
        standing = [note for position, note in enumerate(after.notes) if position not in after.corrected_notes]
        for name in ("mitigated_at", "resolved_at"):
            since = max((number for number, note in enumerate(standing) if note.step == REOPENED), default=-1)
            said = [note.at for note in standing[since + 1 :] if note.step == name.removesuffix("_at")]
            assert said == [moment for moment in [getattr(after, name)] if moment is not None], "one note tells of it: the last word"
        for name in ("mitigated_at", "resolved_at"):  # what a step takes back is in a note
            before = getattr(incident, name)
            if before is not None and getattr(after, name) is None:
                assert before in {note.at for note in after.notes}
        state = with_step(state, step_body(incident, after, "update"))
        assert incident_from_json(state) == after
        incident = after
