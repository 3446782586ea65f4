"""The labelled corpus: what is declared is found, all of it; what is no secret mostly stays."""

import pytest

from benchmarks.redaction_corpus import SPELLINGS, corpus
from benchmarks.redaction_figures import figures, judged
from tests.redaction.rules import RULES


@pytest.fixture(scope="module")
def verdicts():
    return [judged(case, RULES) for case in corpus()]


def test_the_corpus_is_large_and_of_many_spellings(verdicts):
    assert len(verdicts) >= 1000
    assert len(SPELLINGS) >= 12
    assert sum(not one.case.secrets for one in verdicts) >= 300


def test_the_judge_sees_what_is_not_masked(verdicts, monkeypatch):
    """Without any masking everything leaks: the figures measure something."""
    monkeypatch.setattr("benchmarks.redaction_figures.redact", lambda _path, content, *_: type("Unmasked", (), {"content": content}))
    assert figures(judged(one.case, RULES) for one in verdicts).recalled == 0


def test_every_declared_secret_is_masked(verdicts):
    leaks = [(one.case.spelling, one.case.content, one.output) for one in verdicts if one.leaked and one.case.declared]
    assert leaks == []


def test_most_of_what_is_masked_is_a_secret(verdicts):
    assert figures(verdicts).precision >= 0.95  # published: 0.99; promised: 0.85


def test_quotes_and_escapes_do_not_change_the_fingerprint(verdicts):
    spellings = {spelling.name for spelling in SPELLINGS}
    other = [(one.case.spelling, one.case.content) for one in verdicts if one.case.spelling in spellings and not one.kept]
    assert other == []


def test_masked_text_keeps_its_lines_and_is_masked_for_good(verdicts):
    from tests.redaction.rules import redact

    for one in verdicts:
        assert one.output.count(b"\n") == one.case.content.count("\n"), one.case
        assert redact(one.case.path, one.output, lambda _secret: "abcdef").secrets == 0, one.output
