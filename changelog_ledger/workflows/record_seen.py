"""What other programs recorded becomes facts: each once, however often it is read.

The data's way: what was seen → without what is too old or has not come yet → facts in batches → what of them is new.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from changelog_ledger.model.evidence import UNKNOWN
from changelog_ledger.model.fact import Fact
from changelog_ledger.model.ingestion import MOST_SHOWN, Gap, Ingested, Seen
from changelog_ledger.model.times import format_instant
from changelog_ledger.model.topology import Target
from changelog_ledger.store.plain import plain_text
from changelog_ledger.workflows.collector import without_collector
from changelog_ledger.workflows.mark_health import CLOCK_TOLERANCE
from changelog_ledger.workflows.topology import known_host
from changelog_ledger.workflows.workspace import Workspace

Progress = Callable[[int], None]
"""Called with how much was read since the last call: bytes of logs, or things looked at."""

_BATCH = 5_000


@dataclass
class _Tally:
    recorded: int = 0
    known: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    newest: deque[Seen] = field(default_factory=lambda: deque(maxlen=MOST_SHOWN))
    early: Counter[str] = field(default_factory=Counter)


def ingested_host(workspace: Workspace, host: str | None) -> str:
    """The host whose records are read: this machine if None.

    :raises NotFound: if the ledger does not know it.
    """
    name = host or workspace.settings.host
    with workspace.store.reading() as view:
        return known_host(view, name).name


def record_seen(
    workspace: Workspace,
    host: str,
    seen: Iterable[Seen],
    *,
    since: datetime | None = None,
    gaps: Sequence[Gap] = (),
    notes: Sequence[str] = (),
    dry_run: bool = False,
) -> Ingested:
    """Record what was seen on a host. What is recorded already (by its ``ref``) is passed over.

    What is dated in the future by more than clocks differ is not recorded, and is a gap: its log's clock was wrong.

    :param seen: consumed as it is recorded, so that a log of any size fits; ``gaps`` and ``notes`` are read when it is at its end, so a reader may
        add to the lists that it was given.
    :param since: what happened before is left out.
    :param dry_run: find out what is new, record nothing.
    """
    tally = _Tally()
    latest = workspace.now() + CLOCK_TOLERANCE
    with without_collector():
        for batch in _batches(_wanted(seen, since, latest, tally)):
            facts = {each.ref: _fact(workspace, host, each) for each in _unknown(workspace, batch)}
            new = {fact.id for fact in (facts.values() if dry_run else workspace.store.append(list(facts.values())))}
            _count(tally, [_as_recorded(each, facts[each.ref]) for each in batch if each.ref in facts and facts[each.ref].id in new], len(batch))
    early = tuple(
        Gap(source, f"{count} entr{'y' if count == 1 else 'ies'} dated in the future, not recorded") for source, count in tally.early.items()
    )
    told = masked_gaps(workspace, (*gaps, *early))
    return Ingested(tally.recorded, tally.known, dict(tally.counts), tuple(tally.newest), told, tuple(notes), dry_run=dry_run)


def masked_gaps(workspace: Workspace, gaps: Iterable[Gap]) -> tuple[Gap, ...]:
    """What could not be read, as it is told: a reason may quote the record, or what a program said of it."""
    return tuple(replace(gap, why=workspace.masked_text(gap.why)) for gap in gaps)


def _wanted(seen: Iterable[Seen], since: datetime | None, latest: datetime, tally: _Tally) -> Iterator[Seen]:
    for each in seen:
        if each.at > latest:
            tally.early[each.source or each.what] += 1
        elif since is None or each.at >= since:
            yield each


def _batches(seen: Iterator[Seen]) -> Iterator[list[Seen]]:
    while batch := list(islice(seen, _BATCH)):
        yield list({each.ref: each for each in reversed(batch)}.values())[::-1]


def _unknown(workspace: Workspace, batch: Sequence[Seen]) -> list[Seen]:
    """Without what is recorded already: making facts, which masks their texts, takes longer than asking."""
    keys = {each.ref: _key(each) for each in batch}
    with workspace.store.reading() as view:
        known = view.facts.known_keys(list(keys.values()))
    return [each for each in batch if keys[each.ref] not in known]


def _key(seen: Seen) -> str:
    return plain_text(f"observation:{seen.ref}")


def _as_recorded(seen: Seen, fact: Fact) -> Seen:
    """What is told is what was recorded: a secret in a log's line is masked in both."""
    body = fact.data
    return replace(seen, summary=body["summary"], data=body["data"])


def _fact(workspace: Workspace, host: str, seen: Seen) -> Fact:
    data = dict(seen.data)
    if seen.not_before is not None:
        data["not_before"] = format_instant(seen.not_before)
    body = {"what": seen.what, "on": str(seen.target or Target.host(host)), "summary": seen.summary, "data": data}
    return workspace.fact("observation", body, at=seen.at, ref=seen.ref, actor=seen.actor or UNKNOWN)


def _count(tally: _Tally, new: Sequence[Seen], of: int) -> None:
    tally.recorded += len(new)
    tally.known += of - len(new)
    tally.counts.update(each.what for each in new)
    tally.newest.extend(new)
