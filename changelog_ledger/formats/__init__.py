"""Bytes to :class:`~changelog_ledger.model.document.Document`: one module a format, one explicit registry.

::

    parse("/etc/hosts", data)  ->  Document(format="hosts", root={"db": {"address": "10.0.0.5", "aliases": ["db.internal"]}}, …)
    detect("/etc/hosts", data) ->  "hosts"

A parser never raises on bad input: what it cannot read comes back as a plain list of lines, with the reason. Values stay **as written**
(``1.10``, ``on``, ``014``). Only where a format tells ``8080`` from ``"8080"`` is the quoted one shown in quotes (see ``written``).
"""

from __future__ import annotations

from changelog_ledger.formats.detection import detect
from changelog_ledger.formats.parsing import parse
from changelog_ledger.formats.registry import known_formats

__all__ = ["detect", "known_formats", "parse"]
