"""What is read out of a complaint, clause by clause."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changelog_ledger.investigation.complaint import understood


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


def test_how_late_and_how_wide_it_is():
    assert understood("customers report that plays are missing").late
    assert not understood("error rate climbs since one minute").late
    assert understood("all sites unreachable at once").everywhere
    assert not understood("one customer cannot log in").everywhere


@given(st.text())
def test_any_text_is_understood(text):
    complaint = understood(text)
    assert complaint.text == text
    assert not complaint.failing & complaint.working
