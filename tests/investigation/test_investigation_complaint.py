"""What is read out of a complaint, clause by clause."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.investigation.complaint import said_to_have_begun, understood


@pytest.mark.parametrize(
    ("text", "fails", "works"),
    [
        ("mail does not arrive, the sites themselves work", {"mail"}, {"sit"}),
        ("no answer over tcp, over quic it still answers", {"tcp"}, {"quic"}),
        ("Query API is down; Loculus on the same machine is fine", {"query"}, {"loculu"}),
        ("routers healthy but requests time out", set(), {"router"}),
        ("login does not work", {"login"}, set()),
        ("nothing works", set(), set()),
        ("", set(), set()),
    ],
)
def test_what_is_said_to_work_is_told_from_what_fails(text, fails, works):
    complaint = understood(text)
    assert fails <= complaint.failing
    assert works <= complaint.working
    assert not complaint.failing & complaint.working


def test_subjects_come_from_what_fails_only():
    assert "mail" in understood("no mail notifications, login works").subjects
    assert "access" not in understood("no mail notifications, login works").subjects


def test_when_it_began_is_no_complaint_about_clocks():
    assert understood("users cannot log in since a few minutes").subjects == understood("users cannot log in").subjects
    assert "time" in understood("clock is ten minutes ahead").subjects


def test_how_wide_it_is():
    assert understood("some users cannot log in").partly
    assert not understood("nobody can log in").partly


def test_what_is_told_of_most_is_surest():
    subjects = understood("mail is not delivered, smtp inbox empty, sometimes slow").subjects
    assert subjects["mail"] == max(subjects.values()) == 1.0


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("no mail since the evening", 1, 8),
        ("for two hours nobody can print", 1, 4),
        ("began 3 days ago", 36, 144),
        ("login fails since this morning", 0.5, 8),
        ("slow since about half an hour", 0.25, 1),
        ("orders missing since yesterday", 8, 36),
    ],
)
def test_a_complaint_may_say_since_when(text, least, most):
    began = said_to_have_begun(text)
    assert (began[0], began[-1]) == (timedelta(hours=least), timedelta(hours=most))
    assert list(began) == sorted(began)


@pytest.mark.parametrize("text", ["", "since a few minutes", "time out after 30 seconds", "a few users", "nothing for 3 users", "since the update"])
def test_most_complaints_do_not_say_since_when(text):
    assert said_to_have_begun(text) == ()


@given(st.text())
def test_any_text_is_understood(text):
    complaint = understood(text)
    assert complaint.text == text
    assert not complaint.failing & complaint.working
