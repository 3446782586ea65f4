"""Alembic's scripts for the recorded tables."""
