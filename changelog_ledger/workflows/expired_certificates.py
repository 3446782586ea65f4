"""What time did by itself: certificates that ended since the last look at them, as observations of the moment at which they did.

The data's way: ``@state/certificates`` as a snapshot has just collected it → those whose end has come → facts, each once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

from changelog_ledger.model.ingestion import Seen
from changelog_ledger.model.state import state_path
from changelog_ledger.model.times import parse_instant
from changelog_ledger.workflows.workspace import Workspace

COLLECTOR = "certificates"
WHAT = "certificate-expired"

_LOOKED_ELSEWHERE = timedelta(days=7)
"""For so long snapshots of other paths may have come between two that looked at certificates."""


def record_expired(workspace: Workspace, host: str, certificates: bytes, *, since: datetime | None, until: datetime) -> None:
    """Record the certificates that ended up to ``until``; what is recorded already is passed over.

    :param certificates: the text of ``@state/certificates``.
    :param since: the host's last snapshot; None for all that have ever ended.
    """
    found = tuple(expired(host, certificates, since and since - _LOOKED_ELSEWHERE, until))
    if found:
        from changelog_ledger.workflows.record_seen import record_seen  # here: hardly any snapshot finds one

        record_seen(workspace, host, found)


def expired(host: str, certificates: bytes, since: datetime | None, until: datetime) -> Iterator[Seen]:
    """The certificates of a host that ended after ``since`` and up to ``until``, as what happened then."""
    for path, certificate in json.loads(certificates).items():
        if "not after" not in certificate:  # a file that looks like one and is none
            continue
        ended = parse_instant(certificate["not after"])
        if ended <= until and (since is None or ended > since):
            digest = sha256("\0".join((path, certificate["issuer"], certificate["serial"])).encode("utf-8", "surrogateescape")).hexdigest()
            summary = f"certificate {path} expired ({certificate['subject']})"
            data = {"path": path, "subject": f"certificate:{path}", **{name: certificate[name] for name in ("issuer", "serial", "names")}}
            yield Seen(f"{WHAT}:{host}:{digest[:32]}", WHAT, ended, summary, data=data, source=state_path(COLLECTOR))
