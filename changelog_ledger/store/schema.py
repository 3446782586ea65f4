"""Making and migrating the tables. Imported only when there is something to do: Alembic costs a third of a second."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert
from sqlmodel import SQLModel

from changelog_ledger.errors import HomeError
from changelog_ledger.store.engine import Database
from changelog_ledger.store.sqlite_file import APPLICATION_ID
from changelog_ledger.store.store import _revision
from changelog_ledger.store.tables import PROJECTIONS, MetaRow, table_of
from changelog_ledger.store.versions import SCHEMA_HEAD, projection_mark

_MIGRATIONS = Path(__file__).with_name("migrations")


def create(database: Database) -> None:
    """Make the tables in an empty database; leave an existing ledger as it is.

    :raises HomeError: if the database holds somebody else's tables.
    """
    if _revision(database) is None:
        upgrade(database, None)


def upgrade(database: Database, revision: str | None) -> None:
    """Migrate to the newest schema, in one transaction.

    :raises HomeError: if ``revision`` is not one that this program knows.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise HomeError(
            f"{database.description} was written by a newer ledger (schema {revision}, this one knows {SCHEMA_HEAD})",
            "update it: pip install --upgrade changelog-ledger",
        )
    with database.writing() as connection:
        if database.dialect == "sqlite":
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if revision is None:
            recreate_projections(connection)


def recreate_projections(connection: Connection, read_by: str = "") -> None:
    """Drop the projections, make them empty, note their version."""
    tables = [table_of(row) for row in PROJECTIONS]
    SQLModel.metadata.drop_all(connection, tables=tables)
    SQLModel.metadata.create_all(connection, tables=tables)
    meta = table_of(MetaRow)
    connection.execute(delete(meta).where(meta.c.name == "projection_version"))
    connection.execute(insert(meta), [{"name": "projection_version", "value": projection_mark(read_by)}])


def create_projections(connection: Connection) -> None:
    """Make the projections in a scratch database."""
    SQLModel.metadata.create_all(connection, tables=[table_of(row) for row in PROJECTIONS])


def scripts_head() -> str | None:
    """The newest revision among the scripts."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head()
