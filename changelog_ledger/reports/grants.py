"""``hook grant``: for how long, where it lies, and what a policy has to say for it to count."""

from __future__ import annotations

from typing import Any

from changelog_ledger.model.gate import POLICY_FILE, IssuedGrant
from changelog_ledger.model.times import format_instant
from changelog_ledger.reports.escape import printable
from changelog_ledger.reports.style import Style
from changelog_ledger.reports.times import clock


def render_grant(issued: IssuedGrant, style: Style) -> str:
    """For a terminal."""
    grant = issued.grant
    since = f" from {clock(grant.not_before, style.zone, grant.issued_at)}" if grant.not_before > grant.issued_at else ""
    lines = [
        f"{grant.id} grants the edits of {grant.change} while the ledger is away:",
        f"  {grant.title}",
        f"  on {', '.join(map(str, grant.on))}",
        *(f"  {glob}" for glob in grant.paths),
        f"It holds{since} until {clock(grant.expires_at, style.zone, grant.issued_at)}",
    ]
    lines += [f"It lies in {issued.file}"] if issued.file else []
    return "\n".join(printable(line) for line in [*lines, *lacks(issued)])


def lacks(issued: IssuedGrant) -> list[str]:
    """What is to be added to a policy; nothing if it has all that it takes."""
    return [f"It counts where {POLICY_FILE} has, committed, under its [gate]:", *(f"  {line}" for line in issued.lacks)] if issued.lacks else []


def grant_document(issued: IssuedGrant) -> dict[str, Any]:
    """The same as a JSON document, without its schema."""
    grant = issued.grant
    times = {name: format_instant(getattr(grant, name)) for name in ("issued_at", "not_before", "expires_at")}
    texts = {"id": grant.id, "change": grant.change, "title": grant.title, "actor": grant.actor}
    shown = texts | {"on": [str(target) for target in grant.on], "paths": list(grant.paths)} | times
    return {"grant": shown, "file": issued.file or None, "text": issued.text, "key": issued.key, "lacks": list(issued.lacks)}
