"""Which schema and which projections this program writes."""

from __future__ import annotations

SCHEMA_HEAD = "0001"
"""The newest Alembic revision; a test compares it with the scripts, so that opening a home need not import Alembic."""

PROJECTION_VERSION = 12
"""Raise it whenever the same facts and commits give other rows: a projection, a parser or the comparison was altered."""


def projection_mark(read_by: str = "") -> str:
    """What a database notes of its projections: the version, and what else the deltas in them depend on.

    :param read_by: a digest of the home's own rules for reading files; empty where there are none.
    """
    return f"{PROJECTION_VERSION} {read_by}".strip()
