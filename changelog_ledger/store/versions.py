"""Which schema and which projections this program writes."""

from __future__ import annotations

SCHEMA_HEAD = "0001"
"""The newest Alembic revision; a test compares it with the scripts, so that opening a home need not import Alembic."""

PROJECTION_VERSION = 5
"""Raise it whenever the same facts and commits give other rows: a projection, a parser or the comparison was altered."""
