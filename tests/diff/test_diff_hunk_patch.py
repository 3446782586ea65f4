"""Hunks applied one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.diff.hunk_patch import line_hunks, text_lines, with_hunks

TEXTS = st.lists(st.sampled_from([b"a\n", b"b\n", b"c", b"\r\n", b"\xff\n", b"\n"]), max_size=12).map(b"".join)


@given(TEXTS, TEXTS)
def test_all_hunks_give_the_text_after_and_none_that_before(before: bytes, after: bytes) -> None:
    between = line_hunks(before, after)
    assert with_hunks(before, after, range(len(between)), between) == after
    assert with_hunks(before, after, (), between) == before
    assert bool(between) == (before != after)


@given(TEXTS, TEXTS, st.data())
def test_some_hunks_and_then_the_others_give_the_text_after(before: bytes, after: bytes, data: st.DataObject) -> None:
    between = line_hunks(before, after)
    chosen = data.draw(st.frozensets(st.sampled_from(range(len(between))))) if between else frozenset()
    halfway = with_hunks(before, after, chosen, between)
    rest = line_hunks(halfway, after)
    assert with_hunks(halfway, after, range(len(rest)), rest) == after


@given(st.binary(max_size=200))
def test_lines_are_the_bytes_again(content: bytes) -> None:
    assert "".join(text_lines(content)).encode("utf-8", "surrogateescape") == content


def test_one_of_two_hunks() -> None:
    before, after = b"1\n2\n3\n4\n5\n", b"one\n2\n3\n4\n5\nsix\n"
    between = line_hunks(before, after)
    assert with_hunks(before, after, {1}, between) == b"1\n2\n3\n4\n5\nsix\n"
