"""git's own merge of three contents (git-merge-file(1)): no repository, no merge driver, no attributes have a say in it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from changelog_ledger.sources.git_process import Git


def merged(inherited: Mapping[str, str], ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
    """The contents merged; None where they conflict, or are no text.

    :raises RepositoryError: if git is not there.
    """
    with tempfile.TemporaryDirectory(prefix="ledger-merge-") as folder:
        for name, content in (("ours", ours), ("base", base), ("theirs", theirs)):
            (Path(folder) / name).write_bytes(content)
        process = Git(folder, inherited).start("merge-file", "-p", "-q", "ours", "base", "theirs", talks=False)
        result = process.output(fine=tuple(range(256)))  # how many conflicts there are; 255 for what it cannot merge
        return result if process.status == 0 else None
