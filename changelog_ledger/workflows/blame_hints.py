"""What ``blame`` says where there is no such file or key: the nearest ones."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from changelog_ledger.errors import NotFound
from changelog_ledger.model.document import FileVersion
from changelog_ledger.model.snapshot import Snapshot
from changelog_ledger.model.times import shown_instant
from changelog_ledger.workflows.blame_history import FileHistory, values_of

_SUGGESTIONS = 3


def no_such_file(history: FileHistory, snapshot: Snapshot) -> NotFound:
    """With what lies below the path, else files of the same name, else paths that are spelt alike."""
    path, host = history.path, snapshot.host
    paths = sorted(history.repository.files(snapshot.commit))
    below = [each for each in paths if each.startswith(path.rstrip("/") + "/")]
    same_name = [each for each in paths if each.rpartition("/")[2] == path.rpartition("/")[2]]
    near = [*below, *same_name, *difflib.get_close_matches(path, paths, _SUGGESTIONS)]
    hint = _did_you_mean(near) or f"the paths there: ledger cat {host} /"
    return NotFound(f"{path} is not in the snapshot of {host} of {shown_instant(snapshot.at)}, nor was it before", hint)


def no_such_key(history: FileHistory, snapshot: Snapshot, key: str, version: FileVersion) -> NotFound:
    """With the keys that end in the same word, else those that are spelt alike, else those that hold the word."""
    command = f"ledger blame {snapshot.host} {history.path}"
    if version.document is None:
        return NotFound(f"{history.path} is not read by keys", f"ask for the file as a whole: {command}")
    names = list(dict.fromkeys(name for value in values_of(version.document) for name in (*value.above, value.key)))
    word = _last_word(key)
    near = [name for name in names if _last_word(name) == word]
    near += difflib.get_close_matches(key, names, _SUGGESTIONS)
    alike = set(difflib.get_close_matches(word, {_last_word(name) for name in names}, _SUGGESTIONS))
    near += [name for name in names if _last_word(name) in alike]
    near += [name for name in names if word in name.lower()]
    return NotFound(f"{history.path} has no key {key}, nor had it before", _did_you_mean(near) or f"its keys: {command}")


def _last_word(key: str) -> str:
    return re.split(r"[/.\[\]]+", key.rstrip("]").lower())[-1]


def _did_you_mean(near: Iterable[str]) -> str:
    names = list(dict.fromkeys(near))[:_SUGGESTIONS]
    return f"did you mean {' or '.join(names)}?" if names else ""
