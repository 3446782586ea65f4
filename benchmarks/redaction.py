"""How fast secrets are looked for: the speed of the first snapshot depends on it."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from benchmarks import etc_tree
from benchmarks.timing import Contestant, Row, medians
from changelog_ledger.redaction import redact

Corpus = list[tuple[str, bytes]]


def redaction(_folder: Path, quick: bool) -> Iterator[Row]:
    """Text without any secret, and this machine's ``/etc``; SHA-256 of the same bytes as a yardstick."""
    rounds = 3 if quick else 9
    clean = [("/" + path, content) for path, content in etc_tree.contents(5_000, secrets=0.0)]
    yield _row("redaction of clean text", clean, rounds)
    yield _row("redaction of this machine's /etc", list(_own_etc()), rounds)


def _row(name: str, corpus: Corpus, rounds: int) -> Row:
    contestants = [Contestant("SHA-256", lambda _: _hashed(corpus)), Contestant("library", lambda _: _redacted(corpus))]
    taken = medians(contestants, rounds)
    size = sum(len(content) for _, content in corpus) / 1e6
    remark = f"{size / taken['library']:.0f} MB/s ({len(corpus):,} files, {size:.1f} MB, {_redacted(corpus)} with secrets)"
    return Row(name, "library", taken["library"], "SHA-256", taken["SHA-256"], remark=remark)


def _redacted(corpus: Corpus) -> int:
    return sum(redact(path, content, _fingerprint).secrets > 0 for path, content in corpus)


def _hashed(corpus: Corpus) -> None:
    for _, content in corpus:
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
