"""How fast secrets are looked for (the speed of the first snapshot depends on it), and how many of them are found."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks import etc_tree
from benchmarks.redaction_corpus import Case, corpus
from benchmarks.redaction_figures import Verdict, figures, judged
from benchmarks.timing import Bar, Contestant, Row, medians
from changelog_ledger.formats.secrets import CATALOGUE
from changelog_ledger.redaction import RuleSet, redact, second_net

Corpus = list[tuple[str, bytes]]
_RULES = RuleSet(CATALOGUE)


def redaction(_folder: Path, quick: bool) -> Iterator[Row]:
    """Text without any secret and this machine's ``/etc``, with SHA-256 as a yardstick; recall and precision on the labelled corpus."""
    rounds = 3 if quick else 9
    clean = [("/" + path, content) for path, content in etc_tree.contents(5_000, secrets=0.0)]
    yield _row("redaction of clean text", clean, rounds)
    yield _row("redaction of this machine's /etc", list(_own_etc()), rounds)
    yield from _found()


def _row(name: str, files: Corpus, rounds: int) -> Row:
    contestants = [Contestant("SHA-256", lambda _: _hashed(files)), Contestant("library", lambda _: _redacted(files))]
    taken = medians(contestants, rounds)
    size = sum(len(content) for _, content in files) / 1e6
    remark = f"{size / taken['library']:.0f} MB/s ({len(files):,} files, {size:.1f} MB, {_redacted(files)} with secrets)"
    return Row(name, "library", taken["library"], "SHA-256", taken["SHA-256"], remark=remark)


def _found() -> Iterator[Row]:
    """Recall and precision by spelling and over all; with detect-secrets too where it is installed."""
    cases = corpus()
    taken, verdicts = _judged(cases, _RULES)
    for spelling in dict.fromkeys(case.spelling for case in cases if case.declared and case.secrets):
        of_it = [one for one in verdicts if one.case.spelling == spelling and one.case.declared]
        yield Row(f"recall, {spelling}", "library", 0.0, remark=_words(of_it))
    yield from _sums("", taken, verdicts)
    if find_spec("detect_secrets") is not None:
        yield from _sums(" with detect-secrets", *_judged(cases, RuleSet(CATALOGUE, net=second_net.spans)))
        taken, alone = _judged(cases, RuleSet.only(second_net.spans))
        yield Row("recall and precision, detect-secrets alone", "detect-secrets", taken, remark=_words(alone))


def _sums(beside: str, taken: float, verdicts: Sequence[Verdict]) -> Iterator[Row]:
    declared = [one for one in verdicts if one.case.declared]
    complete = Bar("recall 100 %", lambda _peer, _ours: figures(declared).recall == 1.0)
    precise = Bar("precision >= 85 %", lambda _peer, _ours: figures(verdicts).precision >= 0.85)
    yield Row(f"recall, all that is declared{beside}", "library", taken, bar=complete, remark=_words(declared))
    yield Row(f"recall, beyond what is declared{beside}", "library", taken, remark=_words([one for one in verdicts if not one.case.declared]))
    yield Row(f"precision, whole corpus{beside}", "library", taken, bar=precise, remark=_words(verdicts))


def _judged(cases: Sequence[Case], ruleset: RuleSet) -> tuple[float, list[Verdict]]:
    begun = time.perf_counter()
    verdicts = [judged(case, ruleset) for case in cases]
    return time.perf_counter() - begun, verdicts


def _words(verdicts: Sequence[Verdict]) -> str:
    counted = figures(verdicts)
    found = f"recall {counted.recall:.1%} ({counted.recalled} of {counted.with_secrets} cases), " if counted.with_secrets else ""
    return f"{found}precision {counted.precision:.1%} ({counted.right} of {counted.right + counted.wrong} masked values)"


def _redacted(files: Corpus) -> int:
    return sum(redact(path, content, _fingerprint, _RULES).secrets > 0 for path, content in files)


def _hashed(files: Corpus) -> None:
    for _, content in files:
        hashlib.sha256(content).hexdigest()


def _fingerprint(_secret: bytes) -> str:
    return "0123456789ab"


def _own_etc() -> Iterator[tuple[str, bytes]]:
    for folder, _, names in os.walk("/etc"):
        for name in names:
            file = Path(folder, name)
            try:
                if stat.S_ISREG(file.lstat().st_mode) and file.lstat().st_size <= 1024 * 1024:
                    yield str(file), file.read_bytes()
            except OSError:  # what this user may not read does not take part
                continue
