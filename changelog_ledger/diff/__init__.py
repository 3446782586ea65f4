"""Two versions of a file to deltas: by keys where both could be parsed, else by lines; never silently nothing.

::

    differences("/etc/hosts", before, after)  ->  (Delta(key="db/address", op="changed", before="10.0.0.5", after="10.0.0.9", line=7),)

Laws, kept by property tests: equal versions give nothing; different bytes give at least one delta; ``apply(a, tree_changes(a, b)) == b``.
"""

from __future__ import annotations

from changelog_ledger.diff.comparison import differences
from changelog_ledger.diff.patch import TreeChange, apply
from changelog_ledger.diff.renamed_files import with_renamed_files
from changelog_ledger.diff.semantic import tree_changes
from changelog_ledger.diff.unified import unified_diff

__all__ = ["TreeChange", "apply", "differences", "tree_changes", "unified_diff", "with_renamed_files"]
