"""The law of restoring: snapshot, wreck, restore, and everything is as it was on the disk."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from changelog_ledger import Ledger
from changelog_ledger.settings import FILE_NAME

from .restoring import ATTRIBUTES, FOLDER_MODES, HARM, LEAVES, OWNERS, TIMES, TREES, Folder, Leaf, Running, build, facts_of, wreck, yes
from .world import HOST, START, Clock, entropy, every_object


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Ledger]]:
    """One home for all examples; nothing is ignored."""
    folder = tmp_path_factory.mktemp("laboratory")
    Ledger.init(folder / "home", host=HOST, actor="alex", clock=Clock(), entropy=entropy(7)).close()
    file = folder / "home" / FILE_NAME
    file.write_text(re.sub(r"^ignore = \[.*?^\]", "ignore = []", file.read_text(), flags=re.MULTILINE | re.DOTALL))
    with Ledger.open(folder / "home", actor="alex", clock=Running(START + timedelta(days=1)), entropy=os.urandom) as ledger:
        yield folder, ledger


SECRETS = (b"hunter2secretX", b"correct-horse-battery", b"s3cr3tPwXyz", b"brandNewSecret9")
_EXAMPLES = count()


def check_the_law(folder: Path, ledger: Ledger, tree: Folder, harm: list[tuple[str, int, bytes]]) -> None:
    """Snapshot, wreck, restore, compare; then a copy. A host for each example: where the time alone differs a snapshot keeps the earlier one."""
    host = f"example-{next(_EXAMPLES)}"
    ledger.add_host(host)
    place = folder / host
    outside = place / "outside"
    outside.mkdir(parents=True)
    (outside / "canary").write_bytes(b"sings")
    canary = facts_of(outside)
    root = place / "root"
    root.mkdir()
    build(os.fsencode(root / "etc"), tree)
    then = facts_of(root)
    snapshot = ledger.snapshot(host, root=root)
    assert not snapshot.unread
    stored = every_object(ledger.home)
    assert not [secret for secret in SECRETS if secret in stored]
    wreck(os.fsencode(root / "etc"), os.fsencode(outside), harm)
    result = ledger.restore(host, ["/etc"], snapshot.id, root=root, delete=True, privileged=True, leave=yes)
    assert result.unrestored == ()
    assert facts_of(root) == then  # as it was on the disk, whatever the manifest says of it
    assert result.proven == len(then)
    assert facts_of(outside) == canary
    again = ledger.restore(host, ["/etc"], snapshot.id, root=root, delete=True, privileged=True, leave=yes)
    assert again.plan.steps == ()
    copy = place / "copy"
    copy.mkdir()
    assert ledger.restore(host, ["/etc"], snapshot.id, to=copy, privileged=True).complete
    assert facts_of(copy) == then
    shutil.rmtree(place)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=TREES, harm=HARM)
def test_whatever_was_wrecked_is_as_it_was(laboratory: tuple[Path, Ledger], tree: Folder, harm: list[tuple[str, int, bytes]]) -> None:
    check_the_law(*laboratory, tree, harm)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=TREES, harm=HARM)
def test_whatever_was_wrecked_is_as_it_was_many_times(laboratory: tuple[Path, Ledger], tree: Folder, harm: list[tuple[str, int, bytes]]) -> None:
    check_the_law(*laboratory, tree, harm)


# ---- sources that know less


@dataclass(frozen=True)
class Less:
    """What an import or a foreign history says: contents, and of a link its text."""

    files: dict[str, bytes]
    links: dict[str, bytes]

    @property
    def paths(self) -> dict[str, bytes]:
        return {**self.links, **self.files}


PLAIN = st.sampled_from(["app.ini", "b.conf", "sub/c", "sub/deep/d", "e"])
TEXTS = st.sampled_from(
    (
        *(b"listen = 80\n", b"password = correct-horse-battery\n", b"", "grüße\n".encode()),
        b"-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n",
    )
)
PRESENT = st.dictionaries(PLAIN, st.one_of(LEAVES, st.builds(Folder, st.just({}), FOLDER_MODES, OWNERS, TIMES, ATTRIBUTES)), max_size=4)


def imported(ledger: Ledger, host: str, files: dict[str, bytes]) -> None:
    contents = {f"/etc/{name}": content.decode() for name, content in files.items()}
    ledger.import_facts([json.dumps({"kind": "snapshot", "host": host, "at": START.isoformat(), "files": contents})])


def adopted(ledger: Ledger, host: str, repository: Path, known: Less) -> None:
    repository.mkdir()
    for name, content in known.paths.items():
        place = repository / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(os.fsdecode(content)) if name in known.links else place.write_bytes(content)
    date = START.isoformat()
    environment = {**os.environ, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
    for arguments in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "one"]):
        subprocess.run(["git", "-C", str(repository), *arguments], check=True, env=environment)
    ledger.adopt(repository, host=host, prefix="/etc")


def place_all(etc: Path, present: dict[str, Leaf | Folder]) -> None:
    """Whatever is there today, as far as one does not stand in another's way."""
    for name, node in sorted(present.items()):
        with suppress(FileExistsError, NotADirectoryError):
            (etc / name).parent.mkdir(parents=True, exist_ok=True)
            build(os.fsencode(etc / name), node)


def check_the_law_of_less(folder: Path, ledger: Ledger, known: Less, present: dict[str, Leaf | Folder], source: str) -> None:
    """What was known is as it was; what nobody saw is as it is, and where nothing is, closed to others."""
    host = f"example-{next(_EXAMPLES)}"
    ledger.add_host(host)
    place = folder / host
    etc = place / "root/etc"
    etc.mkdir(parents=True)
    imported(ledger, host, known.files) if source == "import" else adopted(ledger, host, place / "repository", known)
    place_all(etc, present)
    now = facts_of(etc)
    (snapshot,) = ledger.snapshots(host)
    result = ledger.restore(host, ["/etc"], snapshot.id, root=place / "root", delete=True, privileged=True, leave=yes)
    assert result.unrestored == ()
    found = facts_of(etc)
    expected = known.files if source == "import" else known.paths
    for name, content in expected.items():
        mode, uid, gid, there, attributes, _ = found[os.fsencode(name)]
        kind = stat.S_IFMT(int(mode, 8))
        assert (kind, there) == (stat.S_IFLNK if name in known.links and source == "adopt" else stat.S_IFREG, content)
        before = now.get(os.fsencode(name))
        if before is not None and stat.S_IFMT(int(before[0], 8)) == kind:
            assert (mode, uid, gid, attributes) == (before[0], before[1], before[2], before[4])
        elif kind == stat.S_IFREG:
            assert (stat.S_IMODE(int(mode, 8)), uid, attributes) == (0o600, os.geteuid(), ())
    assert ledger.restore(host, ["/etc"], snapshot.id, root=place / "root", delete=True, privileged=True, dry_run=True).plan.steps == ()
    shutil.rmtree(place)


LESS = st.builds(
    Less,
    st.dictionaries(PLAIN, TEXTS, min_size=1, max_size=4),
    st.dictionaries(st.sampled_from(["link", "sub/link"]), st.sampled_from([b"app.ini", b"https://bob:hunter2secretX@repo.example/x"]), max_size=2),
)


@pytest.mark.parametrize("source", ["import", "adopt"])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(known=LESS, present=PRESENT)
def test_what_nobody_saw_is_left_alone(laboratory: tuple[Path, Ledger], source: str, known: Less, present: dict[str, Leaf | Folder]) -> None:
    check_the_law_of_less(*laboratory, known, present, source)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["import", "adopt"])
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(known=LESS, present=PRESENT)
def test_what_nobody_saw_is_left_alone_many_times(
    laboratory: tuple[Path, Ledger], source: str, known: Less, present: dict[str, Leaf | Folder]
) -> None:
    check_the_law_of_less(*laboratory, known, present, source)
