from __future__ import annotations

import pytest

from changelog_ledger.errors import HomeError, SnapshotError
from changelog_ledger.snapshots.private_files import read_private, write_private
from changelog_ledger.snapshots.sealing import new_identity, recipient_of, seal, unseal


def test_seal_and_unseal():
    identity, other = new_identity(), new_identity()
    data = bytes(range(256)) * 300
    sealed = seal(data, [recipient_of(other), recipient_of(identity)])
    assert unseal(sealed, [identity]) == unseal(sealed, [other + "\n"]) == unseal(sealed, [new_identity(), other]) == data
    assert data[:64] not in sealed
    assert unseal(seal(b"", [recipient_of(identity)]), [identity]) == b""
    with pytest.raises(SnapshotError):
        unseal(sealed, [new_identity()])
    with pytest.raises(SnapshotError):
        unseal(sealed[:-1], [identity])
    with pytest.raises(SnapshotError):
        unseal(b"no seal", [identity])


def test_bad_keys():
    for call in (lambda: recipient_of("x"), lambda: seal(b"", ["age1x"]), lambda: seal(b"", []), lambda: unseal(b"", []), lambda: unseal(b"", ["x"])):
        with pytest.raises(HomeError):
            call()


def test_private_files(tmp_path):
    path = tmp_path / "keys/age"
    write_private(path, b"one")
    write_private(path, b"two")
    assert read_private(path) == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o640)
    with pytest.raises(HomeError, match="others may read"):
        read_private(path)
    with pytest.raises(HomeError):
        read_private(tmp_path / "absent")
