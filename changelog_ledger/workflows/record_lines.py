"""Lines of the import format that were made here are recorded, and it is told what of them is new, as of every ingestion."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from changelog_ledger.model.ingestion import MOST_SHOWN, Gap, Ingested, Seen
from changelog_ledger.model.times import parse_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.workflows.free_text import masked_body
from changelog_ledger.workflows.import_facts import import_facts
from changelog_ledger.workflows.record_seen import masked_gaps
from changelog_ledger.workflows.workspace import Workspace

Line = Mapping[str, Any]
"""A line of the import format: an observation, a mark or a change, with its ``ref``."""


@dataclass
class Recording:
    """Records lines, batch by batch.

    :ivar label: where they come from, as people know it.
    :ivar dry_run: check them, record nothing.
    :ivar gaps: what could not be read, or was refused.
    """

    workspace: Workspace
    label: str
    dry_run: bool = False
    gaps: list[Gap] = field(default_factory=list)
    _recorded: int = 0
    _known: int = 0
    _counts: Counter[str] = field(default_factory=Counter)
    _newest: deque[Seen] = field(default_factory=lambda: deque(maxlen=MOST_SHOWN))

    def add(self, lines: Sequence[Line]) -> None:
        """Record some; what is recorded already, or comes twice, is passed over."""
        apart: dict[str, Line] = {}
        for line in lines:
            apart.setdefault(_key(line), line)
        with self.workspace.store.reading() as view:
            known = view.facts.known_keys(list(apart))
        unknown = [line for key, line in apart.items() if key not in known]
        result = import_facts(self.workspace, map(json.dumps, unknown), dry_run=self.dry_run, keep_going=True)
        refused = {error.line for error in result.refused}
        self.gaps += [Gap(self.label, error.message) for error in result.refused]
        new = [line for number, line in enumerate(unknown, 1) if number not in refused]
        self._recorded += len(new)
        self._known += len(lines) - len(new) - len(refused)
        self._counts.update(map(_what, new))
        self._newest.extend(self._seen(line) for line in new[-MOST_SHOWN:])

    def answer(self, notes: Sequence[str] = ()) -> Ingested:
        """How it went."""
        counts, newest = dict(self._counts), tuple(self._newest)
        return Ingested(self._recorded, self._known, counts, newest, masked_gaps(self.workspace, self.gaps), tuple(notes), dry_run=self.dry_run)

    def _seen(self, line: Line) -> Seen:
        """What was recorded, for whoever asked for it; masked as it is in the record."""
        texts = {name: line[name] for name in ("summary", "title", "symptom", "data") if name in line}
        shown = masked_body(texts, self.workspace.masked_text)
        target = line.get("target") or (line["on"][0] if isinstance(line["on"], list) else line["on"])
        words = shown.get("summary") or shown.get("title") or _mark_words(target, line["state"], shown.get("symptom", ""))
        at = time_of(line) or self.workspace.now()
        return Seen(
            line["ref"], _what(line), at, words, Target.parse(target), actor=line.get("actor", ""), data=shown.get("data", {}), source=self.label
        )


def time_of(line: Line) -> datetime | None:
    """When what a line tells was; None where it does not say."""
    written = line.get("at") or line.get("started_at") or line.get("recorded_at")
    return parse_instant(written) if written else None


def _key(line: Line) -> str:
    return f"{line['kind']}:{line['ref']}"


def _what(line: Line) -> str:
    return str(line.get("what") or line.get("state") or line["kind"])


def _mark_words(target: str, state: str, symptom: str) -> str:
    return f"{target} seen {state}" + (f": {symptom}" if symptom else "")
