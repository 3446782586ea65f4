"""Every case of the corpus under one driver; and that the corpus is there for every format."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter

import pytest

from changelog_ledger.formats import known_formats, parse
from changelog_ledger.store.versions import PROJECTION_VERSION
from tests.formats.cases import CASES, Case, all_cases

REWRITE = bool(os.environ.get("LEDGER_REWRITE_GOLDEN"))
FEWEST = 8


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: f"{case.format}-{case.folder.name}")
def test_the_case_reads_as_expected(case: Case) -> None:
    if REWRITE:
        case.rewrite()
    assert case.found() == case.expected


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: f"{case.format}-{case.folder.name}")
def test_the_case_is_in_its_format_by_path_and_content_alone(case: Case) -> None:
    for data in (case.before, case.after):
        document = parse(case.path, data)
        assert document is not None or case.format == "lines"
        assert document is None or document.format in (case.format, "lines")
    assert any((document := parse(case.path, data)) and document.format == case.format for data in (case.before, case.after))


@pytest.mark.parametrize("name", known_formats())
def test_every_format_has_its_cases(name: str) -> None:
    assert Counter(case.format for case in all_cases())[name] >= FEWEST


def test_no_case_is_of_a_format_that_does_not_exist() -> None:
    assert {case.format for case in all_cases()} <= set(known_formats())


def test_what_readers_see_changes_only_with_the_version_of_the_projections() -> None:
    """Deltas are stored. Where formats or comparison answer differently than they did, a home has to compute them again."""
    digest = hashlib.sha256(json.dumps([[case.path, case.found()] for case in all_cases()], sort_keys=True).encode()).hexdigest()
    known = CASES / "projection.json"
    if REWRITE:
        known.write_text(json.dumps({"version": PROJECTION_VERSION, "sha256": digest}, indent=2) + "\n")
    assert json.loads(known.read_text()) == {"version": PROJECTION_VERSION, "sha256": digest}, (
        "deltas are not what they were: if formats or diff changed (not only the cases), raise PROJECTION_VERSION in store/versions.py; "
        "then LEDGER_REWRITE_GOLDEN=1"
    )
