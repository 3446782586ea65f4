"""The stories that end in a root cause analysis: nobody changed anything, and last night's release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from changelog_ledger import Ledger, render_text
from tests.examples.test_examples import EXAMPLES, load, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("portal")


@pytest.fixture(scope="module")
def told(folder: Path) -> Any:
    return load("last_nights_release").tell(folder)


def test_it_was_the_change_of_two_that_took_effect_with_the_restart(told: Any) -> None:
    suspects = told.report.suspects
    (tidied,) = [suspect for suspect in suspects if suspect.title == "Tidy up the sign-in callbacks"]
    assert tidied.rank <= 3
    assert tidied.trigger.startswith("sso.service restarted by its daily timer, 3 min before the onset")
    (release,) = [suspect for suspect in suspects if suspect.title == "Portal release 5.3"]
    assert release.rank > tidied.rank


def test_users_are_told_what_is_known_and_no_name_of_a_host(told: Any) -> None:
    assert [text.splitlines()[0] for text in told.told] == ["Investigating: portal", "Resolved: portal"]
    assert not any(name in text for text in told.told for name in ("sso-01", "app-01", "anna"))


def test_the_review_reads_from_the_summary_to_what_is_to_be_done(told: Any) -> None:
    parts = (
        "## Summary",
        "## Impact",
        "## Timeline",
        "## Trigger",
        "## Contributing causes",
        "## Looked at and cleared",
        "## What worked",
        "## Fix",
        "## Actions",
    )
    places = [told.review.index(part) for part in parts]
    assert places == sorted(places)
    assert "removed `https://portal.example/callback`" in told.review
    assert "app-04 with release 5.2 fails the same way" in told.review
    assert "owner ben; due 2025-12-05" in told.review


def test_the_fix_is_a_change_of_its_own_and_the_record_is_whole(told: Any, folder: Path) -> None:
    with Ledger.open(folder / "home") as ledger:
        (incident,) = ledger.incidents.list()
        assert ledger.show(incident.fix)
        assert (str(incident.state), len(incident.open_actions)) == ("reviewed", 2)
        assert ledger.verify() == ()


def test_it_prints_the_same_every_time(told: Any) -> None:
    done = run(EXAMPLES / "last_nights_release.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(render_text(told.report))
    assert done.stdout.endswith(told.review)


def test_the_story_in_which_nobody_changed_anything_ends_in_a_review_too(tmp_path: Path) -> None:
    _, review = load("we_changed_nothing").look_back(tmp_path)
    assert "`events/worker_connections`: `4096` → `512`" in review
    assert "none of 7 peers of the same service has it" in review
    assert "Put the connection limit of web-03 back" in review
