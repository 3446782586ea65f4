"""Expected edits as the body of a fact and back, and what such a fact is known by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from changelog_ledger.model.fact import canonical
from changelog_ledger.model.gate import Expected
from changelog_ledger.model.topology import Target


def edits_to_json(edits: Iterable[Expected]) -> list[dict[str, str]]:
    """Edits as a JSON array: sorted, each once, so that the same edits are the same bytes."""
    found = {(edit.change, str(edit.target), edit.path, edit.digest) for edit in edits}
    return [{"change": change, "target": target, "path": path, "digest": digest} for change, target, path, digest in sorted(found)]


def edits_from_json(values: Iterable[Mapping[str, str]]) -> tuple[Expected, ...]:
    """The edits that :func:`edits_to_json` wrote."""
    return tuple(Expected(value["change"], Target.parse(value["target"]), value["path"], value["digest"]) for value in values)


def expected_body(edits: Iterable[Expected], *, commit: str = "", parent: str = "") -> dict[str, Any]:
    """The body of the fact of these edits.

    :param commit: the commit that they are in; empty while they are staged.
    :param parent: the commit that they are staged on; empty for those of a commit, and before the first.
    """
    return {"edits": edits_to_json(edits)} | ({"commit": commit} if commit else {}) | ({"parent": parent} if parent else {})


def ref_of(edits: Iterable[Expected], *, commit: str = "", parent: str = "") -> str:
    """What the fact of these edits is known by: their content and where in the history they stand.

    So looking at them again adds nothing; and the same bytes that come back later, under the same change too, are let in anew.
    """
    return hashlib.sha256(canonical(expected_body(edits, commit=commit, parent=parent))).hexdigest()[:32]


def expected_of(row: Mapping[str, Any]) -> Expected:
    """An edit; ``row`` is one of the table ``expected``."""
    target = "all" if row["target_kind"] == "all" else f"{row['target_kind']}:{row['target_name']}"
    return Expected(row["change_id"], Target.parse(target), row["path"], row["digest"])
