"""Changes looked up by time give what a look at every one of them gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.investigation.acting import ChangesByTarget, Known, Question, meets
from changelog_ledger.model.change import Change, Note, Status
from changelog_ledger.model.topology import EVERYTHING, Target

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(seconds=40)
HOST, SHOP = Target.host("web-01"), Target.service("shop")

moments = st.integers(0, 20).map(lambda halves: BEGIN + timedelta(seconds=halves / 2))


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    made = []
    for number in range(draw(st.integers(0, 8))):
        started, finished = sorted((draw(moments), draw(moments)))
        status = draw(st.sampled_from(Status))
        on = draw(st.sampled_from([(HOST,), (SHOP,), (EVERYTHING,), (EVERYTHING, HOST), (Target.host("db-01"),)]))
        back = (Note(draw(moments), "ann", "", step=Status.ROLLED_BACK),) if draw(st.booleans()) else ()
        plan = {"planned_start": started, "planned_end": finished}
        done = {"started_at": started, "finished_at": draw(st.sampled_from([finished, None]))}
        made.append(Change(f"CHG-{number}", "a change", status, on, notes=back, **(plan if draw(st.booleans()) else done)))
    return made


@st.composite
def questions(draw: st.DrawFn) -> Question:
    first, last = sorted((draw(moments), draw(moments)))
    return Question(draw(st.sampled_from([HOST, EVERYTHING])), "/etc/hosts", draw(st.sampled_from([first, last])), last)


def _reaching(known: Known, question: Question) -> bool:
    on = known.change.on
    return question.target == EVERYTHING or EVERYTHING in on or HOST in on or SHOP in on


@given(changes(), questions())
def test_what_was_made_at_a_time_is_found_as_by_looking_at_every_change(made: list[Change], question: Question) -> None:
    known = ChangesByTarget(made, {SHOP: frozenset({"web-01"})}, NOW)
    found = known.reaching(question.target).fitting(question)
    spans = {each.change.id: [*each.windows, *([each.planned] if each.planned else [])] for each in known.by_id.values() if _reaching(each, question)}
    assert {each.change.id for each, _ in found} == {name for name, own in spans.items() if any(meets(span, question) for span in own)}
    assert len({each.change.id for each, _ in found}) == len(found)


@given(changes(), questions())
def test_where_nothing_was_made_at_a_time_the_nearest_comes_first(made: list[Change], question: Question) -> None:
    known = ChangesByTarget(made, {SHOP: frozenset({"web-01"})}, NOW)
    reaching = known.reaching(question.target)
    if reaching.fitting(question):
        return
    gaps = {
        each.change.id: min(max(question.not_before - end, begin - question.not_after) for begin, end in each.windows)
        for each in known.by_id.values()
        if each.windows and _reaching(each, question)
    }
    found = list(dict.fromkeys(each.change.id for each in reaching.nearest(question)))
    assert found == sorted(gaps, key=lambda name: (gaps[name], name))
