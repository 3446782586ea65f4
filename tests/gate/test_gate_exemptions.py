"""What needs no change: authors that the policy names, and edits of comments or form alone."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.gate.exemptions import exempt_author, exempt_edit, names_of
from changelog_ledger.model.evidence import Delta, Op
from changelog_ledger.model.gate import GatePolicy, Person, Stand

BOT = Person("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com")


@pytest.mark.parametrize(
    ("written", "exempt"),
    [
        ("renovate[bot]", True),
        ("Renovate[Bot]", True),
        ("renovate*", True),
        ("*@users.noreply.github.com", True),
        ("*[bot]*", True),
        ("renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>", True),
        ("*", True),
        ("renovate", False),
        ("renovateb", False),  # brackets are brackets
        ("renovate?bot?", False),
        ("*renovate[bot]", True),
        ("renovate[bot]renovate[bot]", False),
        ("renovate[bot]*renovate[bot]*x", False),
    ],
)
def test_an_author_goes_by_name_address_or_both(written: str, exempt: bool) -> None:
    assert exempt_author(GatePolicy(exempt_authors=(written,)), BOT) == (f"{written} is exempt" if exempt else "")


@given(st.text(alphabet="ab*", max_size=8), st.text(alphabet="ab", max_size=8))
def test_a_star_stands_for_any_text_and_everything_else_for_itself(written: str, name: str) -> None:
    fits = re.compile(".*".join(re.escape(part) for part in written.split("*")), re.DOTALL).fullmatch
    expected = any(fits(text) for text in (name, f"{name} <{name}>"))
    assert bool(exempt_author(GatePolicy(exempt_authors=(written,)), Person(name, name))) == expected


def test_many_stars_take_no_more_than_their_share_of_time() -> None:
    def seconds(length: int) -> float:
        policy = GatePolicy(exempt_authors=("*a" * 200 + "b",))
        best = []
        for _ in range(3):
            begun = time.process_time()
            for _ in range(20):
                exempt_author(policy, Person("a" * length, ""))
            best.append(time.process_time() - begun)
        return min(best)

    assert seconds(40_000) < 4 * 8 * max(seconds(5_000), 1e-4)


def test_who_somebody_is_in_the_ledger() -> None:
    policy = GatePolicy(people=(("Anna@Example.org", "a.meier"), ("Bob", "bob")))
    assert names_of(policy, Person("Anna Meier", "anna@example.org"), "root") == {"anna meier", "anna@example.org", "anna", "root", "a.meier"}
    assert names_of(policy, Person("", ""), "") == frozenset()


def opaque(note: str) -> Delta:
    return Delta("/x", None, Op.OPAQUE, note=note)


ALLOW, REFUSE = Stand.ALLOW, Stand.REFUSE


@pytest.mark.parametrize(
    ("note", "comments", "form", "exempt"),
    [
        ("comments only", ALLOW, REFUSE, True),
        ("comments only", REFUSE, ALLOW, False),
        ("white space only", REFUSE, ALLOW, True),
        ("white space only", ALLOW, REFUSE, False),
        ("comments and white space only", ALLOW, ALLOW, True),
        ("comments and white space only", ALLOW, REFUSE, False),
        ("comments and white space only", REFUSE, ALLOW, False),
        ("line ends only (LF → CRLF)", ALLOW, ALLOW, True),
        ("final newline only", ALLOW, ALLOW, True),
        ("encoding only (utf-8 → utf-16)", ALLOW, ALLOW, False),
        ("no difference in meaning", ALLOW, ALLOW, False),
        ("order only (of keys)", ALLOW, ALLOW, False),
        ("order only (list policy: set)", ALLOW, ALLOW, False),
        ("differs only in what is redacted", ALLOW, ALLOW, False),
        ("too large to be looked into", ALLOW, ALLOW, False),
        ("submodule", ALLOW, ALLOW, False),
        ("", ALLOW, ALLOW, False),
    ],
)
def test_comments_and_form_where_the_policy_allows_them(note: str, comments: Stand, form: Stand, exempt: bool) -> None:
    assert exempt_edit(GatePolicy(comments_only=comments, format_only=form), [opaque(note)]) == (note if exempt else "")


@pytest.mark.parametrize(
    "deltas",
    [
        [],
        [opaque("comments only"), Delta("/x", "workers", Op.CHANGED, "1", "2")],
        [Delta("/x", None, Op.METADATA, note="mode")],
        [Delta("/x", "workers", Op.OPAQUE, note="comments only")],
        [Delta("/x", None, Op.CHANGED, note="comments only")],
    ],
)
def test_whatever_else_differs_needs_a_change(deltas: list[Delta]) -> None:
    assert exempt_edit(GatePolicy(), deltas) == ""
