"""``Ledger-Change: CHG-…``: what a message names, and what it has to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.gate.trailers import Named, chosen_for, named_in, to_name
from changelog_ledger.model.gate import Edit, Judged, Side


def judged(*changes: str, exempt: str = "", path: str = "a") -> Judged:
    return Judged(Edit(path, None, Side(0o100644, "a" * 40)), (), changes, exempt)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (["CHG-7K3M9Q"], ("CHG-7K3M9Q",)),
        (["chg-7k3m9q"], ("CHG-7K3M9Q",)),
        (["CHG-1, CHG-2;CHG-3 CHG-4"], ("CHG-1", "CHG-2", "CHG-3", "CHG-4")),
        (["CHG-1", "CHG-1", " CHG-2 "], ("CHG-1", "CHG-2")),
        (["", " , "], ()),
    ],
)
def test_what_a_message_names(values: list[str], named: tuple[str, ...]) -> None:
    assert named_in(values) == named


def test_what_one_change_covers_is_named_for_it() -> None:
    assert to_name([judged("CHG-1"), judged("CHG-2"), judged("CHG-1")]) == Named(("CHG-1", "CHG-2"), ())


def test_where_several_cover_an_edit_one_that_is_named_anyway_will_do() -> None:
    assert to_name([judged("CHG-2", "CHG-1"), judged("CHG-1")]) == Named(("CHG-1",), ())


def test_where_none_of_several_is_named_somebody_has_to_choose() -> None:
    unclear = judged("CHG-1", "CHG-2")
    assert to_name([unclear]) == Named((), (unclear,))
    assert to_name([unclear], ["CHG-2"]) == Named(("CHG-2",), ())
    assert to_name([unclear], ["CHG-9"]) == Named((), (unclear,))


def test_what_needs_no_change_names_none() -> None:
    assert to_name([judged(exempt="comments only"), judged("CHG-1", exempt="comes with the merge")]) == Named((), ())


def test_an_edit_is_put_down_to_the_change_that_is_named_or_the_only_one() -> None:
    assert chosen_for(judged("CHG-1", "CHG-2"), ["CHG-2"]) == "CHG-2"
    assert chosen_for(judged("CHG-1"), []) == "CHG-1"
    assert chosen_for(judged("CHG-1", "CHG-2"), ["CHG-3"]) == ""
    assert chosen_for(judged(), ["CHG-1"]) == ""


IDS = st.sampled_from(["CHG-1", "CHG-2", "CHG-3", "CHG-4"])


@given(st.lists(st.lists(IDS, max_size=3, unique=True), max_size=6), st.sets(IDS))
def test_every_covered_edit_is_named_for_or_unclear(covering: list[list[str]], preferred: set[str]) -> None:
    edits = [judged(*changes, path=str(number)) for number, changes in enumerate(covering)]
    found = to_name(edits, preferred)
    assert set(found.unclear) == {edit for edit in edits if edit.changes and not set(edit.changes) & set(found.changes)}
    assert set(found.changes) <= {change for edit in edits for change in edit.changes}
    assert to_name(edits, [*preferred, *found.changes]).unclear == found.unclear


@given(st.lists(st.text(max_size=20), max_size=5))
def test_names_are_words_in_capital_letters_each_once(values: list[str]) -> None:
    found = named_in(values)
    assert len(set(found)) == len(found)
    assert named_in([", ".join(found)]) == found
