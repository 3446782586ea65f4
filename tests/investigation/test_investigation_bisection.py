"""The search over a history, and the least set of differences: laws."""

from __future__ import annotations

from itertools import combinations
from math import ceil, log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from changelog_ledger.errors import InvalidInput
from changelog_ledger.investigation.bisection import Search, answered, next_position, trials_left
from changelog_ledger.investigation.minimising import minimised
from changelog_ledger.model.bisection import Verdict


def searched(count: int, first_bad: int, skipped: frozenset[int] = frozenset()) -> tuple[Search, int]:
    """Search a history that turns bad at ``first_bad``; how it ended, after how many trials."""
    search, trials = Search(count), 0
    while (position := next_position(search)) is not None:
        assert position not in search.verdicts
        judged = Verdict.BAD if position >= first_bad else Verdict.GOOD
        search = answered(search, position, Verdict.SKIP if position in skipped else judged)
        trials += 1
    return search, trials


@st.composite
def histories(draw: st.DrawFn) -> tuple[int, int]:
    count = draw(st.integers(2, 500))
    return count, draw(st.integers(1, count - 1))


class TestSearch:
    @given(histories())
    def test_it_names_the_right_step_in_few_trials(self, history: tuple[int, int]) -> None:
        search, trials = searched(*history)
        assert list(search.candidates) == [history[1]]
        assert trials <= ceil(log2(history[0])) + 2

    @given(histories(), st.data())
    def test_with_skips_the_right_step_is_among_the_candidates_and_all_others_are_skipped(
        self, history: tuple[int, int], data: st.DataObject
    ) -> None:
        count, first_bad = history
        skipped = data.draw(st.frozensets(st.integers(1, count - 2))) if count > 2 else frozenset()
        search, _ = searched(count, first_bad, skipped)
        assert first_bad in search.candidates
        assert set(search.candidates) - {search.first_bad} <= skipped

    @given(histories())
    def test_it_says_how_many_trials_are_left(self, history: tuple[int, int]) -> None:
        _, trials = searched(*history)
        assert trials <= trials_left(Search(history[0]))

    def test_both_ends_come_first(self) -> None:
        search = Search(9)
        assert next_position(search) == 0
        search = answered(search, 0, Verdict.GOOD)
        assert next_position(search) == 8
        assert next_position(answered(search, 8, Verdict.BAD)) == 4

    def test_a_skipped_middle_gives_way_to_its_neighbour(self) -> None:
        search = Search(9, {0: Verdict.GOOD, 8: Verdict.BAD, 4: Verdict.SKIP})
        assert next_position(search) == 3

    def test_good_after_bad_is_refused(self) -> None:
        with pytest.raises(InvalidInput, match="cannot be good after one that is bad"):
            answered(Search(9, {0: Verdict.GOOD, 3: Verdict.BAD}), 5, Verdict.GOOD)


def reduced(count: int, needed: tuple[frozenset[int], ...], untold: frozenset[int] = frozenset()) -> tuple[tuple[int, ...], int]:
    """The least set where each of ``needed`` alone brings the trouble about; and after how many trials."""
    known: dict[tuple[int, ...], Verdict] = {}
    while (pending := (least := minimised(count, known)).pending) is not None:
        assert pending not in known
        assert 0 < len(pending) < count
        known[pending] = Verdict.BAD if any(set(each) <= set(pending) for each in needed) else Verdict.GOOD
        if untold & set(pending) and known[pending] is Verdict.GOOD:
            known[pending] = Verdict.SKIP
    return least.smallest, len(known)


class TestLeastSet:
    @given(st.integers(1, 300), st.data())
    def test_one_part_alone_is_found_by_halving(self, count: int, data: st.DataObject) -> None:
        part = data.draw(st.integers(0, count - 1))
        least, trials = reduced(count, (frozenset({part}),))
        assert least == (part,)
        assert trials <= 2 * ceil(log2(count) if count > 1 else 0)

    @given(st.integers(1, 40), st.data())
    @settings(deadline=None)
    def test_parts_that_are_needed_together_are_all_found(self, count: int, data: st.DataObject) -> None:
        needed = data.draw(st.frozensets(st.integers(0, count - 1), min_size=1))
        assert reduced(count, (needed,))[0] == tuple(sorted(needed))

    @given(st.integers(1, 25), st.data())
    def test_no_part_of_the_answer_can_be_left_out(self, count: int, data: st.DataObject) -> None:
        parts = st.frozensets(st.integers(0, count - 1), min_size=1)
        needed = tuple(data.draw(st.lists(parts, min_size=1, max_size=4)))
        least, _ = reduced(count, needed, data.draw(st.frozensets(st.integers(0, count - 1))))
        assert any(each <= set(least) for each in needed)
        for fewer in combinations(least, len(least) - 1):
            assert not any(each <= set(fewer) for each in needed)

    def test_of_nothing_nothing_is_tried(self) -> None:
        assert (minimised(0, {}).smallest, minimised(0, {}).pending) == ((), None)
        assert (minimised(1, {}).smallest, minimised(1, {}).pending) == ((0,), None)
