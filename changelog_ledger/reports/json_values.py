"""What every JSON document is made of: its schema, times, lengths and targets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from changelog_ledger.model.evidence import Delta
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.reports.escape import json_safe

Document = dict[str, Any]


def dump(document: Mapping[str, Any]) -> str:
    """A document as text: the same value always gives the same text, nothing in it harms a terminal, and it encodes as UTF-8."""
    return json_safe(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def schema(name: str) -> str:
    """``changelog-ledger/NAME/1``."""
    return f"changelog-ledger/{name}/1"


def time_value(moment: datetime | None) -> str | None:
    """A time as JSON has it."""
    return format_instant(moment) if moment else None


def target_values(targets: Sequence[Target]) -> list[str]:
    """Targets as text."""
    return [str(target) for target in targets]


def seconds_value(length: timedelta | None) -> int | None:
    """A length of time in whole seconds."""
    return None if length is None else int(length.total_seconds())


def delta_value(delta: Delta) -> Document:
    """A difference of a file by itself: no host, no time, no change."""
    return {
        "path": delta.path,
        "key": delta.key,
        "op": delta.op.value,
        "before": delta.before,
        "after": delta.after,
        "line": delta.line,
        "note": delta.note or None,
    }
