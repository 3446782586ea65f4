"""``gc``: what went, and what it saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from changelog_ledger.model.upkeep import Collected, Sizes
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.lists import size_text
from changelog_ledger.reports.phrases import count

_HOSTS_SHOWN = 20


def render_gc(collected: Collected) -> str:
    """A few lines for a terminal."""
    return "\n".join([*_expiry(collected), *_sizes(collected)])


def gc_document(collected: Collected) -> dict[str, Any]:
    """The same as a JSON document, without its schema."""
    return {
        "dry_run": collected.after is None,
        "retention": collected.retention,
        "expired": dict(sorted(collected.expired.items())),
        "kept": collected.kept,
        "swept": collected.swept,
        "before": _sizes_document(collected.before),
        "after": _sizes_document(collected.after) if collected.after else None,
    }


def _expiry(collected: Collected) -> Iterator[str]:
    if not collected.retention:
        yield f"no snapshot expires, for ledger.toml has no [retention]; {collected.kept:,} kept"
        return
    number = sum(collected.expired.values())
    yield f"{count(number, 'snapshot')} {'would expire' if collected.after is None else 'expired'}, {collected.kept:,} kept"
    hosts = sorted(collected.expired.items())
    for host, gone in hosts[:_HOSTS_SHOWN]:
        yield f"  {printable(host)}  {gone:,}"
    if len(hosts) > _HOSTS_SHOWN:
        yield f"  … {len(hosts) - _HOSTS_SHOWN:,} more hosts"


def _sizes(collected: Collected) -> Iterator[str]:
    before, after = collected.before, collected.after
    repository = before.repository
    if after is None:
        yield f"repository  {size_text(repository.bytes)} in {count(repository.packs, 'pack')}; nothing was altered"
        return
    packs = f"{count(repository.packs, 'pack')} → {after.repository.packs:,}"
    yield f"repository  {size_text(repository.bytes)} → {size_text(after.repository.bytes)}, {packs}"
    yield f"database    {size_text(before.database)} → {size_text(after.database)}"
    if collected.swept:
        yield f"{count(collected.swept, 'leftover')} of killed processes removed"


def _sizes_document(sizes: Sizes) -> dict[str, Any]:
    repository = sizes.repository
    return {"repository": {"bytes": repository.bytes, "packs": repository.packs, "loose": repository.loose}, "database": {"bytes": sizes.database}}
