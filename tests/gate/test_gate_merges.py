"""What follows from the sides of a merge: the three-way rule, by ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.gate.merges import Outcome, outcome
from changelog_ledger.model.gate import Side

A, B, C, D = (Side(0o100644, letter * 40) for letter in "abcd")
FOLLOWS, OWN, BY_CONTENT = Outcome.FOLLOWS, Outcome.OWN, Outcome.BY_CONTENT
SIDES = st.sampled_from([None, A, B, C])


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "result", "expected"),
    [
        (A, A, B, B, FOLLOWS),  # they altered it
        (A, B, A, B, FOLLOWS),  # we did
        (A, B, B, B, FOLLOWS),  # both did the same
        (A, A, A, A, FOLLOWS),
        (None, None, B, B, FOLLOWS),  # they added it
        (A, A, None, None, FOLLOWS),  # they removed it
        (A, A, B, A, OWN),  # what they altered is dropped
        (A, A, A, B, OWN),  # nobody did that
        (A, A, B, C, OWN),
        (A, B, C, B, BY_CONTENT),  # one side: it may hold all that the other altered, or somebody chose it
        (A, B, C, D, BY_CONTENT),  # both altered it: perhaps in different lines
        (A, B, None, B, OWN),  # altered here, removed there
        (A, B, C, None, OWN),
        (None, B, C, D, OWN),  # both added it
        (None, None, None, A, OWN),
    ],
)
def test_where_one_side_altered_it_that_side_is_taken(
    base: Side | None, ours: Side | None, theirs: Side | None, result: Side | None, expected: Outcome
) -> None:
    assert outcome(result, [ours, theirs], base) is expected
    assert outcome(result, [theirs, ours], base) is expected


def test_a_mode_is_a_difference() -> None:
    executable = Side(0o100755, A.blob)
    assert outcome(executable, [A, A], A) is OWN
    assert outcome(executable, [A, executable], A) is FOLLOWS


@given(SIDES, SIDES, SIDES, SIDES)
def test_only_what_the_three_way_rule_gives_follows(base: Side | None, ours: Side | None, theirs: Side | None, result: Side | None) -> None:
    trivial = {theirs} if ours == base else {ours} if theirs == base or ours == theirs else set()
    assert (outcome(result, [ours, theirs], base) is FOLLOWS) == (result in trivial)


@given(st.lists(SIDES, min_size=1, max_size=5), SIDES, SIDES)
def test_of_many_sides_only_what_one_of_them_or_the_base_has_follows(sides: list[Side | None], base: Side | None, result: Side | None) -> None:
    if outcome(result, sides, base) is FOLLOWS:
        assert result in {*sides, base}
        assert {side for side in sides if side != base} <= {result}
