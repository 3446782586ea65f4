"""A home, opened: settings, store, repository, keys, and the clock and randomness that everything takes from here."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from changelog_ledger.errors import HomeError, SettingsError
from changelog_ledger.model.fact import Fact, canonical
from changelog_ledger.model.identifiers import ulid
from changelog_ledger.model.rules import FormatRule
from changelog_ledger.model.times import utc
from changelog_ledger.settings import FILE_NAME, Settings, read_settings
from changelog_ledger.store.lean import LeanStore
from changelog_ledger.store.plain import plain_text
from changelog_ledger.workflows.free_text import WORTH_A_LOOK, masked_body
from changelog_ledger.workflows.locks import HomeLocks
from changelog_ledger.workflows.surroundings import actor_of, logged_warning, system_clock

if TYPE_CHECKING:
    from changelog_ledger.snapshots.repository import SnapshotRepository
    from changelog_ledger.store.books import SnapshotBooks
    from changelog_ledger.store.spool import Spool
    from changelog_ledger.store.store import Progress, Store

DATABASE_NAME = "ledger.db"
REPOSITORY_NAME = "snapshots.git"
KEY_FOLDER = "keys"
FINGERPRINT_KEY = "fingerprint.key"
SEALING_KEY = "sealing.key"
CACHE_FOLDER = "cache"
SPOOL_FOLDER = "spool"

_KEY_HINT = "restore it from your backup of the home; without it secrets cannot be compared"


@dataclass(frozen=True)
class Workspace:
    """What every workflow needs.

    :ivar home: the folder with ``ledger.toml``.
    :ivar now: the clock.
    :ivar entropy: gives that many random bytes.
    :ivar actor: who is acting.
    :ivar warn: told what went wrong without stopping anything.
    :ivar progress: told of a rebuild of the projections.
    :ivar merges: whether facts that wait in the spool are merged before anything else is asked of the database.
    """

    home: Path
    settings: Settings
    actor: str
    now: Callable[[], datetime] = system_clock
    entropy: Callable[[int], bytes] = os.urandom
    warn: Callable[[str], None] = logged_warning
    progress: Progress = lambda _done: None
    merges: bool = True
    _repositories: threading.local = field(default_factory=threading.local)

    @cached_property
    def store(self) -> Store:
        """The database, opened when it is first needed: importing its libraries takes time, and it may be away.

        Projections that another version of the program wrote, or this one by other ``[[formats]]``, are rebuilt first; then what waits in the spool
        is merged.

        :raises HomeError: if it is missing, or cannot be used.
        :raises Busy: if it is locked for too long.
        """
        from changelog_ledger.store.store import Store

        opened = Store.open(database_url(self.home, self.settings.database), self.settings.stream, **self._how_to_open)
        self.__dict__["store"] = opened  # at once: what comes now uses it
        try:
            if opened.stale_projections:
                from changelog_ledger.workflows.verify import rebuild

                rebuild(self, self.progress)
        except BaseException:
            del self.__dict__["store"]
            opened.close()
            raise
        if self.merges and not self.spool.is_empty:
            from changelog_ledger.workflows.spool import merge_first

            merge_first(self)
        return opened

    @property
    def snapshot_books(self) -> SnapshotBooks:
        """Where snapshots are recorded, and the gate looks for changes: the lean way into the database where there is one."""
        return self._lean_store or self.store

    @cached_property
    def _lean_store(self) -> LeanStore | None:
        return LeanStore.open(database_url(self.home, self.settings.database), self.settings.stream, **self._how_to_open)

    @property
    def _how_to_open(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "lock_timeout": settings.lock_timeout,
            "allow_network": settings.allow_network_home,
            "read_by": rules_digest(settings.format_rules),
        }

    @cached_property
    def spool(self) -> Spool:
        """Where facts wait for a database that is away: in the home, in the platform's state folder, in a private temporary one."""
        import tempfile

        from platformdirs import user_state_path

        from changelog_ledger.store.spool import Place, Spool

        me, stream = os.geteuid(), self.settings.stream
        with suppress(OSError):
            me = self.home.stat().st_uid if me == 0 else me  # root trusts the home that it was told to use
        temporary = Path(tempfile.gettempdir()) / f"changelog-ledger-{os.geteuid()}-{stream}"
        elsewhere = (user_state_path("changelog-ledger") / SPOOL_FOLDER / stream, temporary)
        own = frozenset({os.geteuid()})
        return Spool((Place(self.home / SPOOL_FOLDER, own | {me}, within=self.home / FILE_NAME), *(Place(folder, own) for folder in elsewhere)))

    def with_patience(self, seconds: float, *, merges: bool = True) -> Workspace:
        """The same home with a database opening of its own, for which nobody waits longer than so many seconds."""
        hurried = replace(self, settings=replace(self.settings, lock_timeout=min(seconds, self.settings.lock_timeout)), merges=merges)
        if "spool" in self.__dict__:  # what one process says stays in one file, in its order
            hurried.__dict__["spool"] = self.spool
        return hurried

    @property
    def repository(self) -> SnapshotRepository:
        """The snapshots' git repository, opened when it is first needed.

        One for each thread and process: the git process behind it answers one question after the other.
        """
        mine = self._repositories.__dict__
        if mine.get("process") != os.getpid():
            from changelog_ledger.snapshots.repository import SnapshotRepository

            mine |= {"process": os.getpid(), "repository": SnapshotRepository.open(self.home / REPOSITORY_NAME)}
        opened: SnapshotRepository = mine["repository"]
        return opened

    @contextmanager
    def passing_repository(self) -> Iterator[None]:
        """Within the ``with`` :attr:`repository` may be used; a git process that this thread begins there ends with it, for threads come and go."""
        mine = self._repositories.__dict__
        before = mine.get("process") == os.getpid()
        try:
            yield
        finally:
            if not before and mine.get("process") == os.getpid():
                mine.pop("repository").close()
                del mine["process"]

    @cached_property
    def fingerprint_key(self) -> bytes:
        """The key of the fingerprints that stand for secrets."""
        path = self.home / KEY_FOLDER / FINGERPRINT_KEY
        try:
            key = bytes.fromhex(_key_text(path))
        except ValueError as error:
            raise HomeError(f"{path} holds no key", _KEY_HINT) from error
        if not key:
            raise HomeError(f"{path} is empty", _KEY_HINT)
        return key

    @cached_property
    def own_identities(self) -> tuple[str, ...]:
        """The home's own age identities, the present one first; none where the home can seal and not open.

        :raises HomeError: if the file should be there and is not, or others may read it.
        """
        from changelog_ledger.snapshots.sealing import identities_in

        path = self.home / KEY_FOLDER / SEALING_KEY
        if not path.exists() and (not self.settings.own_key or os.environ.get("LEDGER_IDENTITY")):
            return ()
        return identities_in(_key_text(path))

    @cached_property
    def identities(self) -> tuple[str, ...]:
        """Every age identity that may open sealed originals: the home's own, and those of the file that ``$LEDGER_IDENTITY`` names."""
        from changelog_ledger.snapshots.sealing import identities_in

        named = os.environ.get("LEDGER_IDENTITY")
        return (*self.own_identities, *(identities_in(_key_text(Path(named))) if named else ()))

    @cached_property
    def recipients(self) -> tuple[str, ...]:
        """Whom originals are sealed for: the home's present key (unless the settings say otherwise) and the settings' recipients.

        :raises HomeError: if that is nobody.
        """
        from changelog_ledger.snapshots.sealing import recipient_of

        own = [recipient_of(identity) for identity in self.own_identities[:1]] if self.settings.own_key else []
        recipients = tuple(dict.fromkeys((*own, *self.settings.recipients)))
        if not recipients or (self.settings.own_key and not own):
            raise HomeError(
                f"there is nobody to seal originals for: {self.home / KEY_FOLDER / SEALING_KEY} is not there",
                "copy the file that 'ledger key export' made to that place (mode 0600), or name recipients in ledger.toml: sealing.recipients",
            )
        return recipients

    def fact(self, kind: str, body: Mapping[str, Any], *, at: datetime | None = None, ref: str = "", actor: str = "", id: str = "") -> Fact:  # noqa: A002
        """A new fact of now, ready to be recorded; secrets in what people wrote are masked.

        :param at: when it was so; now if None.
        :param ref: what it is known by; its own id if empty.
        """
        now = self.now()
        identity = id or ulid(now, self.entropy(10))
        key, who = plain_text(f"{kind}:{ref or identity}"), plain_text(actor or self.actor)  # as every database gives them back, for they are hashed
        return Fact(identity, kind, key, utc(at or now), utc(now), who, canonical(masked_body(body, self.masked_text)))

    def masked_text(self, text: str) -> str:
        """Free text without what looks like a secret."""
        if not WORTH_A_LOOK.search(text):
            return text
        from changelog_ledger.workflows.masking import masked_prose  # the rules take a moment to load, and most texts need none

        return masked_prose(self, text)

    @property
    def locks(self) -> HomeLocks:
        """The locks of the home."""
        return HomeLocks(self.home, self.settings.lock_timeout)

    def with_keys_read_anew(self) -> Workspace:
        """The same home after its keys were altered; what is open stays open."""
        renewed = replace(self)
        if "store" in self.__dict__:
            renewed.__dict__["store"] = self.store
        return renewed

    def close_store(self) -> None:
        """Give the database's connections back; the next question opens it again."""
        opened = self.__dict__.pop("store", None)
        if opened is not None:
            opened.close()

    def close(self) -> None:
        """Give the database's connections back, and end this thread's git process."""
        self.close_store()
        if self._repositories.__dict__.get("process") == os.getpid():
            self.repository.close()


def open_workspace(
    home: Path,
    *,
    actor: str = "",
    now: Callable[[], datetime] = system_clock,
    entropy: Callable[[int], bytes] = os.urandom,
    progress: Progress = lambda _done: None,
    warn: Callable[[str], None] = logged_warning,
) -> Workspace:
    """Open a home. Its database is opened when it is first needed: it may be away.

    :raises HomeError: if there is no home.
    :raises SettingsError: if ``ledger.toml`` is wrong, or names a format that is not known.
    """
    if os.access(home, os.F_OK) and not os.access(home, os.R_OK | os.X_OK):  # first: within it nothing can be looked at
        raise _closed(home)
    if not os.access(home / FILE_NAME, os.F_OK):
        raise HomeError(f"there is no ledger at {home}", "make one with: ledger init   (or name another with --home or LEDGER_HOME)")
    settings = read_settings(home / FILE_NAME)
    _refuse_unknown_formats(home, settings)
    return Workspace(home, settings, actor or actor_of(os.environ), now, entropy, warn, progress)


def _closed(home: Path) -> HomeError:
    status = home.stat()
    if status.st_uid == os.geteuid():
        return HomeError(f"{home} cannot be read: its mode is {stat.filemode(status.st_mode)}", f"open it for its owner: chmod 700 {home}")
    return HomeError(f"{home} belongs to somebody else (user {status.st_uid})", "run as that user, or name another home with --home")


def _refuse_unknown_formats(home: Path, settings: Settings) -> None:
    if not settings.format_rules:
        return
    from changelog_ledger.formats.registry import known_formats

    known = known_formats()
    for rule in settings.format_rules:
        if rule.format not in known:
            raise SettingsError(f"{home / FILE_NAME}: [[formats]] format = {rule.format!r} will not do", f"allowed: {', '.join(known)}")


def rules_digest(rules: Sequence[FormatRule]) -> str:
    """What a database notes of the rules that its deltas were made by; empty for none."""
    if not rules:
        return ""
    text = json.dumps([[*rule.paths, rule.format] for rule in rules])
    return "formats:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def database_url(home: Path, address: str) -> str:
    """The database's address with a relative SQLite path resolved to the home."""
    path = address.removeprefix("sqlite:///")
    return f"sqlite:///{home / path}" if address.startswith("sqlite:///") else address


def _key_text(path: Path) -> str:
    from changelog_ledger.snapshots.private_files import read_private

    try:
        return read_private(path).decode("ascii").strip()
    except UnicodeDecodeError as error:
        raise HomeError(f"{path} holds no key", _KEY_HINT) from error
