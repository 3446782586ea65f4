"""Statements run, rows come back as dicts; and the conditions that several questions need."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, bindparam, func, or_

from changelog_ledger.model.topology import Target, TargetKind

_CHUNK = 400
_PART = 500
"""Rows that are fetched at a time."""

Rows = Iterator[Mapping[str, Any]]


def all_rows(connection: Connection, statement: Select[Any], parameters: Mapping[str, Any] | None = None) -> Rows:
    """Every row of a statement's answer."""
    result = connection.execute(statement, parameters)
    names = tuple(result.keys())
    return (dict(zip(names, row, strict=True)) for part in result.partitions(_PART) for row in part)


def first_row(connection: Connection, statement: Select[Any]) -> Mapping[str, Any] | None:
    """The first row, or None."""
    row = connection.execute(statement.limit(1)).mappings().first()
    return None if row is None else dict(row)


def scalar(connection: Connection, statement: Select[Any]) -> Any:
    """The only value of a statement's answer."""
    return connection.execute(statement).scalar()


def chunks(values: Collection[Any]) -> Iterator[list[Any]]:
    """``values`` in pieces that every database takes as parameters of one statement."""
    listed = list(values)
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]


def starts_with(column: ColumnElement[str], prefix: str) -> ColumnElement[bool]:
    """Whether a column begins with ``prefix``, whatever the database's collation makes of ranges and LIKE. Scans: look for the whole first."""
    return func.substr(column, 1, len(prefix)) == prefix


def names_one_of(table: Table) -> ColumnElement[bool]:
    """Whether a row's target is one of those that :func:`names_of` gives as parameters.

    One condition a kind, each of them an index range. Of ``(target_kind, target_name) IN (…)`` with two values or more SQLite makes a scan of
    the whole table.
    """
    kind, name = table.c.target_kind, table.c.target_name
    return or_(*(and_(kind == str(one), name.in_(bindparam(f"{one}_names", expanding=True))) for one in TargetKind))


def names_of(targets: Collection[Target]) -> dict[str, Any]:
    """The parameters of :func:`names_one_of`."""
    return {f"{kind}_names": [target.name for target in targets if target.kind is kind] for kind in TargetKind}
