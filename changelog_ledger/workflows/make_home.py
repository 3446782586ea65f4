"""``init``: a home, made whole or not at all."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from changelog_ledger.errors import HomeError, InvalidInput, InvalidTarget
from changelog_ledger.model.identifiers import ulid
from changelog_ledger.model.state import STATE, without_state
from changelog_ledger.model.topology import checked_name
from changelog_ledger.settings import FILE_NAME, parse_settings, settings_text
from changelog_ledger.snapshots.private_files import write_private
from changelog_ledger.snapshots.repository import SnapshotRepository
from changelog_ledger.snapshots.sealing import checked_recipient, new_identity
from changelog_ledger.store.store import Store
from changelog_ledger.workflows.locks import LOCK_FOLDER
from changelog_ledger.workflows.topology import add_host
from changelog_ledger.workflows.workspace import (
    CACHE_FOLDER,
    DATABASE_NAME,
    FINGERPRINT_KEY,
    KEY_FOLDER,
    REPOSITORY_NAME,
    SEALING_KEY,
    Workspace,
    database_url,
    open_workspace,
)


@dataclass(frozen=True, slots=True)
class HomePlan:
    """What a new home is to be.

    :ivar host: this machine's name; its own host name if None.
    :ivar watch: absolute paths to snapshot, and ``@state`` for the machine's state; ``/etc`` and that if empty.
    :ivar database: a ``postgresql://`` address, or None for SQLite in the home.
    :ivar recipients: further age recipients (``age1…``) that originals are sealed for.
    :ivar own_key: whether the home gets a key of its own.
    """

    host: str | None = None
    watch: tuple[str, ...] = ()
    database: str | None = None
    recipients: tuple[str, ...] = ()
    own_key: bool = True


def make_home(
    home: Path,
    plan: HomePlan,
    *,
    actor: str,
    now: Callable[[], datetime],
    entropy: Callable[[int], bytes],
) -> Workspace:
    """Create a home with its settings, keys, repository and database, and record the host.

    It is built beside its place and moved there when it is complete, so that an interruption leaves nothing half made.

    :raises HomeError: if there is a ledger already, the place is not empty, or cannot be written to.
    :raises InvalidInput: if a name or path will not do.
    """
    _check_free(home)
    name = checked_name(plan.host or _own_name())
    paths = plan.watch or ("/etc", STATE)
    if wrong := [path for path in without_state(paths) if not path.startswith("/")]:
        raise InvalidInput(f"{wrong[0]!r} is no absolute path", "write --watch /etc")
    _check_recipients(plan)
    address = plan.database or f"sqlite:///{DATABASE_NAME}"
    stream = ulid(now(), entropy(10))
    try:
        text = settings_text(host=name, stream=stream, watch=paths, database=address, recipients=plan.recipients, own_key=plan.own_key)
        _build(home, text, database_url(home, address), stream, entropy)
    except OSError as error:
        raise HomeError(f"cannot make a home at {home}: {error.strerror}", "choose another place with --home") from error
    workspace = open_workspace(home, actor=actor, now=now, entropy=entropy)
    add_host(workspace, name)
    return workspace


def _build(home: Path, settings: str, url: str, stream: str, entropy: Callable[[int], bytes]) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    scratch = home.with_name(f".{home.name}.{entropy(6).hex()}")
    scratch.mkdir(mode=0o700)
    try:
        for folder in (KEY_FOLDER, CACHE_FOLDER, LOCK_FOLDER):
            (scratch / folder).mkdir(mode=0o700)
        write_private(scratch / KEY_FOLDER / FINGERPRINT_KEY, f"{entropy(32).hex()}\n".encode())
        if parse_settings(settings, FILE_NAME).own_key:
            write_private(scratch / KEY_FOLDER / SEALING_KEY, f"{new_identity()}\n".encode())
        SnapshotRepository.create(scratch / REPOSITORY_NAME)
        Store.create(url.replace(str(home), str(scratch), 1) if url.startswith("sqlite:///") else url, stream).close()
        for file in scratch.glob(DATABASE_NAME + "*"):
            file.chmod(0o600)
        write_private(scratch / FILE_NAME, settings.encode())
        scratch.rename(home)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise


def _check_recipients(plan: HomePlan) -> None:
    if not plan.own_key and not plan.recipients:
        raise InvalidInput("originals must be sealed for somebody", "name a recipient: ledger init --no-own-key --recipient age1…")
    for recipient in plan.recipients:
        checked_recipient(recipient)


def _check_free(home: Path) -> None:
    if (home / FILE_NAME).exists():
        raise HomeError(
            f"there is a ledger at {home} already", f"use it as it is, or name another place: ledger --home DIR init   ({home / FILE_NAME})"
        )
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise HomeError(f"{home} is in use for something else", "name an empty or new folder with --home")


def _own_name() -> str:
    name = socket.gethostname()
    try:
        return checked_name(name)
    except InvalidTarget as error:
        raise InvalidTarget(f"this machine's host name {name!r} cannot name a host here", "give it one: ledger init --host NAME") from error
