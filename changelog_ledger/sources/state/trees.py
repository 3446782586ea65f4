"""Trees of texts as the text of a state file: JSON, sorted, so that the same state always gives the same bytes.

``formats/state_documents`` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

Tree = Mapping[str, "Tree | list[str] | str"]


def text_of(tree: Tree) -> str:
    """A tree as text."""
    return json.dumps(tree, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def one_or_list(values: list[str]) -> str | list[str]:
    """A lone value by itself, several as a sorted list."""
    return values[0] if len(values) == 1 else sorted(values)
